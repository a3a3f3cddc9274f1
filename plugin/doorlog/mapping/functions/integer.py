"""A whole number, from itself or from a text."""

from __future__ import annotations

import re
from typing import Any

from doorlog.mapping.functions.function import Example, Function


def integer(value: Any) -> int | None:
    """A whole number from itself or from a text of at most 18 digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value) else None


FUNCTION = Function(
    "integer",
    "A whole number of at most 18 digits.",
    integer,
    "integer",
    (Example("12", 12), Example(12, 12), Example("1.5", None), Example(True, None)),
    fails="it is no whole number",
    takes="any",
    keeps="if equal",
)
