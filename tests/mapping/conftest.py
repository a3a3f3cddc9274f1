"""The option that writes the golden messages anew, and tiny mappings to try the language with."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import Tiny


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return Tiny(tmp_path)
