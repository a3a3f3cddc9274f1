"""`doorlog run --spool` at the end of a pipe: what is in the spool is acknowledged, whatever becomes of the process."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from fault_ways import Way, way
from oracle import line, numbers
from processes import PATIENCE, doorlog
from receiver import noted


@way
class SpoolWay(Way):
    """Its source sends again what neither the spool nor the server has when the process has ended."""

    name = "sender with spool"
    promise = "At least once for what is in the spool."
    takes_key = True
    strikes: ClassVar[tuple[str, ...]] = ("kill", "term", "stop", "descriptors", "disk")

    def send(self, numbers: range) -> None:
        self._numbers = set(numbers)
        self._lock = threading.Lock()
        self._feed(numbers)

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return self._running

    def busy(self) -> bool:
        return self._feeding.is_alive()

    def revive(self) -> None:
        if self._running.poll() is not None:
            self._feeding.join()
            self._look()
            self._feed(sorted(self._numbers - self.acknowledged))

    def finish(self) -> None:
        while True:
            self._feeding.join()
            code = self._running.wait(PATIENCE)
            self._look()
            missing = sorted(self._numbers - self.acknowledged)
            if code == 0 and not missing:
                break
            self._feed(missing)
        if left := self._in_spool():
            self.leftovers.append(f"{len(left)} events in the spool")

    def _feed(self, missing: Iterable[int]) -> None:
        where = f"fluentd://127.0.0.1:{self.port}/out"
        self._running = doorlog(
            *("run", "--output", where, "--rejects", f"{where}.reject", "--ack-timeout", "0.5", "--give-up", "20"),
            *("--spool", str(self.folder / "spool"), "--spool-bytes", "300000", "--grace", "0.5"),
            stderr=self.folder / "told",
            key=self.key,
            stdin=subprocess.PIPE,
        )
        self._feeding = threading.Thread(target=self._write, args=(self._running, list(missing)), daemon=True)
        self._feeding.start()

    def _write(self, process: subprocess.Popen[bytes], left: list[int]) -> None:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            for at in range(0, len(left), 20):
                process.stdin.write(b"".join(map(line, left[at : at + 20])))
                process.stdin.flush()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()

    def _look(self) -> None:
        """Acknowledges what is in the spool or has arrived."""
        self.acknowledged |= self._numbers & (self._in_spool() | _arrived(self.folder.parent / "receiver"))

    def _in_spool(self) -> set[int]:
        found: set[int] = set()
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        if (self.folder / "spool").exists():
            shutil.copytree(self.folder / "spool", copy)
        for file in copy.glob("*.sqlite"):
            with closing(sqlite3.connect(file)) as database, contextlib.suppress(sqlite3.OperationalError):
                # Killed before there was a table, it holds nothing.
                for (entries,) in database.execute("SELECT entries FROM waiting"):
                    found |= numbers(entries)
        return found


def _arrived(folder: Path) -> set[int]:
    return {number for _, entries in noted(folder)[0] for number in numbers(entries)}
