"""The documents, a place to try their commands in, and the option that writes their tables anew."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The real Fluentd of those tests is the one of these.
sys.path.append(str(ROOT / "tests" / "fluentd"))


@pytest.fixture(scope="session")
def user_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which `doorlog` is this checkout's."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "doorlog"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT / "plugin"}" exec "{sys.executable}" -m doorlog "$@"\n', "utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the examples in it, as the checkout has them, that commands may write to."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path
