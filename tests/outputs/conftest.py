"""Fixtures for the tests of outputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def open_fds() -> Callable[[], int]:
    """How many descriptors this process has open."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("open descriptors are counted in /proc/self/fd, which this system doesn't have")
    return lambda: len(list(folder.iterdir()))
