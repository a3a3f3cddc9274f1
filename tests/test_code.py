"""The code passes the type checker and the linter, so that one command covers all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_package_is_typed_strictly(root: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=root, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linter_finds_nothing(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "."], cwd=root, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_says_what_it_is_for(root: Path) -> None:
    modules = [*(root / "plugin" / "doorlog").rglob("*.py"), *(root / "tests").rglob("*.py")]
    assert len(modules) > 20
    assert [path.name for path in modules if not path.read_text("utf-8").lstrip().startswith(('"""', 'r"""'))] == []


def test_no_two_test_modules_have_the_same_name(root: Path) -> None:
    names = [path.name for path in (root / "tests").rglob("test_*.py") if "node_modules" not in path.parts]
    assert sorted({name for name in names if names.count(name) > 1}) == []
