"""The option that writes the golden messages anew, and tiny mappings to try the language with."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from tiny import Tiny


def pytest_addoption(parser: pytest.Parser) -> None:
    # tests/golden has the same option, for its own files.
    with contextlib.suppress(ValueError):
        parser.addoption("--update-golden", action="store_true", help="write the golden files as the events are now")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)
