"""`doorlog run` with files and a server: run again over a file until it ends well."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import ClassVar

from fault_ways import Way, way
from oracle import line
from processes import doorlog


@way
class SenderWay(Way):
    """A file counts as acknowledged when a run over it has ended with exit code 0."""

    name = "sender"
    promise = "At least once for a run that ends with exit code 0; one that doesn't is repeated."
    takes_key = True
    strikes: ClassVar[tuple[str, ...]] = ("kill", "term", "stop", "descriptors")
    arguments: tuple[str, ...] = ()

    def send(self, numbers: range) -> None:
        self._numbers = numbers
        self._file = self.folder / f"{numbers.start}.ndjson"
        self._file.write_bytes(b"".join(map(line, numbers)))
        self._done = False
        self._running = self._start()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return self._running

    def busy(self) -> bool:
        return not self._done

    def revive(self) -> None:
        """The watch does that."""

    def finish(self) -> None:
        self._watching.join()
        self._file.unlink()

    def _start(self) -> subprocess.Popen[bytes]:
        where = f"fluentd://127.0.0.1:{self.port}/out"
        return doorlog(
            *("run", "--output", where, "--rejects", f"{where}.reject", "--ack-timeout", "0.5", "--give-up", "30"),
            *("--queue-bytes", "60000", "--linger", "0.01", "--grace", "0.5", *self.arguments, str(self._file)),
            stderr=self.folder / "told",
            key=self.key,
        )

    def _watch(self) -> None:
        while self._running.wait() != 0 and not self.over:
            time.sleep(0.01)
            self._running = self._start()
        self.acknowledged.update(self._numbers)
        self._done = True
