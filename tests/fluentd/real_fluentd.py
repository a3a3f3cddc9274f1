"""A real Fluentd, if there is one: its configuration adapted to a test's folder and ports, its output read back."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

PATIENCE = 60
VARIABLE = "DOORLOG_FLUENTD"


class Command(NamedTuple):
    """How to run Fluentd: the words before its options, and what it needs in its environment."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]


class Emitted(NamedTuple):
    """One line that out_file has written."""

    time: str
    tag: str
    document: dict[str, Any]


def find_fluentds() -> list[Command]:
    """Each Fluentd that DOORLOG_FLUENTD names, with colons between (an executable, or a checkout of its repository);
    the one on PATH if it names none."""
    named = os.environ.get(VARIABLE) or shutil.which("fluentd") or ""
    return [_command(Path(each)) for each in named.split(os.pathsep) if each]


def _command(path: Path) -> Command:
    if path.is_dir():
        # Fluentd starts its worker by itself, and only the environment reaches that.
        return Command(path.name, ("ruby", str(path / "bin" / "fluentd")), {"RUBYLIB": str(path / "lib")})
    return Command(path.name, (str(path),), {})


def adapted(configuration: Path, replaced: Mapping[str, str]) -> str:
    """A shipped configuration as it stands, but for these words, each of which must be in it."""
    text = configuration.read_text()
    for shipped, here in replaced.items():
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    return text


def unused_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Fluentd:
    """A running Fluentd; it writes below `folder`, and ends with the `with` block."""

    def __init__(
        self,
        command: Command,
        configuration: str,
        folder: Path,
        *,
        path: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.log = folder / "fluentd.log"
        (folder / "fluentd.conf").write_text(configuration)
        environment = {**os.environ, **command.environment, "LANG": "C"}
        if path is not None:
            environment["PATH"] = path
        started = self._starts()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command.words, *options, "-c", str(folder / "fluentd.conf")],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own, so that nothing that it started outlives the test.
                start_new_session=True,
            )
        self._ended = False
        try:
            self.wait_for(lambda: self._starts() > started)
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> Fluentd:
        return self

    def __exit__(self, *exception: object) -> None:
        if not self._ended:
            self.stop()

    def stop(self) -> None:
        """Ask Fluentd to stop as its service manager would, and wait until it has."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self.kill()

    def kill(self) -> None:
        """End Fluentd and all that it started, as a crash of the machine would; harmless after the end."""
        if not self._ended:
            self._ended = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE)

    def emitted(self, name: str) -> list[Emitted]:
        """What out_file has written so far under this name."""
        lines = []
        for file in sorted(self.folder.glob(f"out/{name}.*.log")):
            # Only whole lines: Fluentd may be writing the last one.
            for line in file.read_text().split("\n")[:-1]:
                moment, tag, document = line.split("\t", 2)
                lines.append(Emitted(moment, tag, json.loads(document)))
        return lines

    def _starts(self) -> int:
        return self.log.read_bytes().count(b"fluentd worker is now running") if self.log.exists() else 0

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Fluentd's supervisor."""
        return self._process

    @property
    def pid(self) -> int:
        """Fluentd's process, and the session of all that it starts."""
        return self._process.pid

    def wait_for(self, ready: Callable[[], Any], pause: float = 0.05) -> None:
        """Return when `ready` does; after a minute, or if Fluentd has ended, fail and show Fluentd's log."""
        limit = time.monotonic() + PATIENCE
        while not ready():
            ended = self._process.poll() is not None
            if ended or time.monotonic() > limit:
                what = "Fluentd has ended" if ended else "it did not come"
                raise AssertionError(
                    f"{what}; the end of Fluentd's log:\n{self.log.read_text(errors='replace')[-5000:]}"
                )
            time.sleep(pause)
