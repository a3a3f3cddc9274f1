"""The checkers and the walk over leaves are those of `tests/events`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "events"))
