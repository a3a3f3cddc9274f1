"""A mapping of one's own whose tests are tried, in this process or by the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from doorlog.testing.report import as_text
from doorlog.testing.trying import Result, Trial

ROOT = Path(__file__).resolve().parents[2]
HEAD = """\
mapping: own
extends: ecs
facts:
  place: {when: {$.sourceIPAddress|cidr: [203.0.113.0/24]}, value: office, else: elsewhere}
set:
  labels.place: {from: place}
tests:
"""


def results(wanted: str | Path, inherited: bool = False) -> list[Result]:
    """How the tests of a mapping went."""
    trial = Trial(str(wanted))
    return [trial.run(suite, case) for suite in trial.suites(inherited) for case in suite.cases]


def tried(file: Path, tests: str, head: str = HEAD, inherited: bool = False) -> list[Result]:
    """The results of these tests of a mapping of one's own."""
    file.write_text(head + tests, "utf-8")
    return results(file, inherited)


def said(found: list[Result]) -> list[str]:
    """What is told of them, without the last line's count."""
    return as_text("own", found).splitlines()[:-1]


def command(*arguments: str | Path) -> list[str | Path]:
    """The command that runs tests."""
    return [sys.executable, "-m", "doorlog", "test", *arguments]


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What the command did."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    return subprocess.run(command(*arguments), cwd=cwd, capture_output=True, text=True, env=environment)
