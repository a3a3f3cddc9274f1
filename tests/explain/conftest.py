"""Records with odd values come from the tests of events; a key makes pseudonyms."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "events"))
os.environ.setdefault("DOORLOG_PEOPLE_KEY", "a key for tests, of no secrecy")
