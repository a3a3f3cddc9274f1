"""Fixtures for the tests of outputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from certificates import Certificates, made_in


@pytest.fixture
def open_fds() -> Callable[[], int]:
    """How many descriptors this process has open."""
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("open descriptors are counted in /proc/self/fd, which this system doesn't have")
    return lambda: len(list(folder.iterdir()))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates as files."""
    return made_in(tmp_path_factory.mktemp("certificates"))
