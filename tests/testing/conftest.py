"""A place for a mapping of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The file of a mapping of one's own, which is to be written."""
    return tmp_path / "own.yaml"
