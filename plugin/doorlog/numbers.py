"""Numbers that JSON has no word for."""

from __future__ import annotations

import math


def finite(value: float) -> float | str:
    """The number itself; what is none (NaN, infinity) as the text that JavaScript has for it, to be seen."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
