"""A number with decimals, from itself or from a text."""

from __future__ import annotations

import re
from typing import Any

from doorlog.mapping.functions.function import Example, Function


def number(value: Any) -> float | None:
    """A number as one with decimals, from itself or from a text; None for anything else, and for one beyond 64 bits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if -(2**63) <= value < 2**63 else None
    return float(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", value) else None


FUNCTION = Function(
    "number",
    "A number with decimals.",
    number,
    "any",
    (Example("1.5", 1.5), Example(2, 2.0), Example("1e3", None), Example(True, None)),
    fails="it is no number of at most 15 digits and 9 decimals",
    takes="any",
    keeps="if equal",
)
