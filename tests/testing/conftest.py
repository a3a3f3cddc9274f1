"""A key makes pseudonyms in the mappings that have them."""

from __future__ import annotations

import os

os.environ.setdefault("DOORLOG_PEOPLE_KEY", "a key for tests, of no secrecy")
