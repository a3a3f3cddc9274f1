"""A fault in Doorlog itself: told on one line, without a value, and never passed over."""

from __future__ import annotations

import os
from pathlib import Path

from cli_process import GOOD, Doorlog


def broken(doorlog: Doorlog, root: Path, folder: Path, method: str, body: str, **env: str) -> tuple[int, bytes]:
    """Runs the command with one method of its books replaced."""
    patch = ["from doorlog.counts import Counts", f"def faulty(self, number):\n    {body}", f"Counts.{method} = faulty"]
    (folder / "sitecustomize.py").write_text("\n".join(patch))
    path = f"{folder}{os.pathsep}{root / 'plugin'}"
    done = doorlog(input=GOOD, PYTHONPATH=path, **env)
    return done.returncode, done.stderr


def test_an_unexpected_exception_is_told_by_type_and_place_alone(doorlog: Doorlog, root: Path, tmp_path: Path) -> None:
    code, err = broken(doorlog, root, tmp_path, "found", "raise ValueError('hunter2')")
    assert code == 70
    assert err.startswith(b"doorlog: internal error: ValueError at sitecustomize.py:3; this is a bug, please report it")
    assert err.count(b"\n") == 1
    assert b"hunter2" not in err


def test_where_it_happened_is_shown_if_asked_for(doorlog: Doorlog, root: Path, tmp_path: Path) -> None:
    _, err = broken(doorlog, root, tmp_path, "found", "raise ValueError('hunter2')", DOORLOG_DEBUG="1")
    assert err.startswith(b"Traceback")
    assert b"ValueError: hunter2" in err


def test_counts_that_do_not_add_up_are_a_failure(doorlog: Doorlog, root: Path, tmp_path: Path) -> None:
    told = b"doorlog: the counts don't add up (read 1, delivered 0, rejected 0, skipped 0"
    for method, body in (("deliver", "return"), ("deliver", "self.in_flight -= number")):
        code, err = broken(doorlog, root, tmp_path, method, body)
        assert code == 3
        assert err.startswith(told)
        assert b"this is a bug, please report it\n" in err


def test_a_package_that_is_not_installed_is_named_and_what_brings_it(
    doorlog: Doorlog, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['msgpack'] = None")
    done = doorlog("run", input=GOOD, PYTHONPATH=f"{tmp_path}{os.pathsep}{root / 'plugin'}")
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr == (b"doorlog: the Python package 'msgpack' is not installed; `pip install .` brings it\n")


def test_a_module_of_its_own_that_is_missing_is_a_bug(doorlog: Doorlog, root: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['doorlog.intake.spans'] = None")
    done = doorlog("run", input=GOOD, PYTHONPATH=f"{tmp_path}{os.pathsep}{root / 'plugin'}")
    assert done.returncode == 70
    assert b"this is a bug" in done.stderr
