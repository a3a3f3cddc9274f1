"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with published records and official schemas, which stands beside the checkout where it exists."""
    folder = Path(os.environ.get("DOORLOG_SHARED", ROOT.parent / "shared"))
    if not (folder / "samples").is_dir():
        pytest.skip(f"no published records here: {folder.name}/samples is not beside the checkout (or name it in DOORLOG_SHARED)")
    return folder
