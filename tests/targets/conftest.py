"""The official schemas, the generator of the tables, and the strict checkers, where they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def module_at(path: Path) -> ModuleType:
    """A Python file as a module, wherever it is."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def generator(root: Path) -> ModuleType:
    return module_at(root / "schemas" / "generate" / "targets.py")


@pytest.fixture(scope="session")
def official(shared: Path) -> Path:
    """The folder of the official schemas."""
    return shared / "data"


@pytest.fixture(scope="session")
def ecs_check(shared: Path) -> ModuleType:
    return module_at(shared / "tools" / "ecs_check.py")


@pytest.fixture(scope="session")
def ocsf_check(shared: Path) -> ModuleType:
    return module_at(shared / "tools" / "ocsf_check.py")
