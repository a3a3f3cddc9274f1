"""The relay behind a real Fluent Bit, which reads a file that grows."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from typing import ClassVar

from fault_ways import way
from oracle import line, numbers
from processes import PATIENCE, ROOT
from receiver import noted
from relay_way import RelayWay

VARIABLE = "DOORLOG_FLUENT_BIT"
COMMAND = os.environ.get(VARIABLE) or shutil.which("fluent-bit")
_SHIPPED = ROOT / "plugin" / "fluentd" / "fluent-bit.conf"


class FluentBitWay(RelayWay):
    """What stands in the file counts as acknowledged, whichever of the two is struck."""

    name = "relay behind Fluent Bit"
    promise = "At least once for every line of a file."
    takes_key = False
    strikes: ClassVar[tuple[str, ...]] = (
        *("relay: kill", "relay: term", "relay: stop", "relay: descriptors"),
        *("fluent bit: kill", "fluent bit: term", "fluent bit: stop"),
    )

    def send(self, numbers: range) -> None:
        self._numbers = numbers
        (self.folder / "trail").mkdir()
        here = {
            "/var/lib/fluent-bit/": f"{self.folder}/",
            "/var/log/cloudtrail/": f"{self.folder}/trail/",
            "24225": str(self._listen),
        }
        text = _SHIPPED.read_text()
        for there, replaced in here.items():
            text = text.replace(there, replaced)
        (self.folder / "fluent-bit.conf").write_text(text)
        self._begin()
        self._writing = threading.Thread(target=self._write, daemon=True)
        self._writing.start()

    def busy(self) -> bool:
        return self._writing.is_alive()

    def struck(self, how: str) -> None:
        who, _, what = how.partition(": ")
        if who == "relay":
            super().struck(what)
        elif what == "stop":
            self._fluent_bit.send_signal(signal.SIGSTOP)
            time.sleep(self.chance.uniform(0.2, 0.6))
            self._fluent_bit.send_signal(signal.SIGCONT)
        else:
            self._fluent_bit.send_signal(signal.SIGKILL if what == "kill" else signal.SIGTERM)
            self._fluent_bit.wait(PATIENCE)
            self._begin()

    def finish(self) -> None:
        self._writing.join()
        self.acknowledged.update(self._numbers)
        limit = time.monotonic() + 2 * PATIENCE
        while self.acknowledged - self._arrived() and time.monotonic() < limit:
            time.sleep(0.2)
        self._fluent_bit.terminate()
        self._fluent_bit.wait(PATIENCE)
        self._clients = []
        super().finish()

    def abandon(self) -> None:
        super().abandon()
        self._fluent_bit.kill()
        self._fluent_bit.wait(PATIENCE)

    def _begin(self) -> None:
        with (self.folder / "fluent-bit.log").open("ab") as log:
            command = [str(COMMAND), "-c", str(self.folder / "fluent-bit.conf")]
            self._fluent_bit = subprocess.Popen(command, stdout=log, stderr=log)

    def _write(self) -> None:
        with (self.folder / "trail" / "grows.json").open("ab", buffering=0) as file:
            for at in range(0, len(self._numbers), 20):
                file.write(b"".join(map(line, self._numbers[at : at + 20])))
                # So slowly that there is time for faults.
                time.sleep(0.1)

    def _arrived(self) -> set[int]:
        receiver = self.folder.parent / "receiver"
        return {number for _, entries in noted(receiver)[0] for number in numbers(entries)}


if COMMAND is not None:
    way(FluentBitWay)
