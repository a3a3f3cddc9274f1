"""Processes that are struck while they work: killed, stopped, left without descriptors or without disk."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60

STRIKES = ("kill", "term", "stop", "descriptors", "disk")
"""What can be done to a process from outside."""


def doorlog(*arguments: str, stderr: Path, key: str = "", **more: Any) -> subprocess.Popen[bytes]:
    """Starts this checkout's command, which knows this key; what it tells is appended to a file."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOORLOG_")}
    with stderr.open("ab") as told:
        return subprocess.Popen(
            [sys.executable, "-m", "doorlog", *arguments],
            env={**environment, "PYTHONPATH": str(ROOT / "plugin"), **({"DOORLOG_SHARED_KEY": key} if key else {})},
            stderr=told,
            **more,
        )


def strike(process: subprocess.Popen[bytes], how: str, seconds: float) -> None:
    """Does this to a process; what passes has passed when this returns."""
    if process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if how == "kill":
            process.kill()
            process.wait(PATIENCE)
        elif how == "term":
            process.terminate()
            process.wait(PATIENCE)
        elif how == "stop":
            process.send_signal(signal.SIGSTOP)
            time.sleep(seconds)
            process.send_signal(signal.SIGCONT)
        elif how == "descriptors":
            starve(process.pid, seconds)
        elif how == "disk":
            with _limited(process.pid, resource.RLIMIT_FSIZE, 4096):
                time.sleep(seconds)
        else:
            raise ValueError(how)


def starve(pid: int, seconds: float) -> None:
    """Leaves a process no descriptor beyond those that it has."""
    with _limited(pid, resource.RLIMIT_NOFILE, descriptors(pid)):
        time.sleep(seconds)


@contextlib.contextmanager
def _limited(pid: int, limit: int, to: int) -> Iterator[None]:
    soft, hard = resource.prlimit(pid, limit)
    resource.prlimit(pid, limit, (to, hard))
    yield
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(pid, limit, (soft, hard))


def descriptors(pid: int) -> int:
    """How many descriptors a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


class ReceiverProcess:
    """The receiver, which keeps its port through all of its lives."""

    def __init__(self, folder: Path, seed: int, rate: float, poison: int = 0, key: str = "") -> None:
        self.folder = folder
        folder.mkdir()
        self._seed, self._rate, self._poison, self._key, self._lives = seed, rate, poison, key, 0
        self.port = 0
        self.start()

    def start(self) -> None:
        """Begins another life."""
        self._lives += 1
        script = str(Path(__file__).with_name("receiver.py"))
        arguments = [self.port, self.folder, self._seed + self._lives, self._rate, self._poison, self._key]
        self.process = subprocess.Popen([sys.executable, script, *map(str, arguments)], stdout=subprocess.PIPE)
        output: IO[bytes] = self.process.stdout  # type: ignore[assignment]
        self.port = int(output.readline())
        output.close()

    def calm(self) -> None:
        """Lets all go well from now on."""
        (self.folder / "calm").touch()

    def end(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
