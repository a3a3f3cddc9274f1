"""The option that writes the golden files anew."""

from __future__ import annotations

import contextlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    # tests/mapping has the same option, for its own files.
    with contextlib.suppress(ValueError):
        parser.addoption("--update-golden", action="store_true", help="write the golden files as the events are now")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden", default=False))
