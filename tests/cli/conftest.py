"""The command as another process, with bytes in and out."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_process import Done, Doorlog, Start, command, environment


@pytest.fixture(scope="session")
def doorlog(root: Path) -> Doorlog:
    """Runs the command to its end."""

    def run(*arguments: str | Path, input: bytes = b"", **env: str) -> Done:
        return subprocess.run(
            command(*arguments), input=input, capture_output=True, timeout=60, env=environment(root, **env), check=False
        )

    return run


@pytest.fixture
def start(root: Path) -> Iterator[Start]:
    """Starts the command, with pipes to talk to it; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def popen(*arguments: str | Path, **given: Any) -> subprocess.Popen[bytes]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started.append(subprocess.Popen(command(*arguments), bufsize=0, env=environment(root), **{**pipes, **given}))
        return started[-1]

    yield popen
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
