"""What somebody may have meant."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from pathlib import Path


def meant(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'this'?` if one of the known words is near, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def beside(path: Path) -> list[str]:
    """The files in the folder where this one would be, written as this one is."""
    try:
        return [str(path.with_name(name)) for name in os.listdir(path.parent)]  # noqa: PTH208 - the names alone
    except (OSError, ValueError):
        return []
