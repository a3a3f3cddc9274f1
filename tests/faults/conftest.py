"""What judges the rounds."""

from __future__ import annotations

import pytest
from oracle import Oracle


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """Knows every event by its number."""
    return Oracle()
