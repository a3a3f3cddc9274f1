"""A number or truth value as text."""

from __future__ import annotations

from typing import Any

from doorlog.mapping.functions.function import Example, Function


def text(value: Any) -> str | None:
    """The text itself, or how JSON writes a number or truth value; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


FUNCTION = Function(
    "text",
    "A number or truth value as text.",
    text,
    "text",
    (Example(3, "3"), Example(1.5, "1.5"), Example(True, "true"), Example("x", "x"), Example(["x"], None)),
    fails="it is a list or an object",
    takes="any",
    keeps="if equal",
    inline="HELD if HELD.__class__ is str or HELD is None else CALL(HELD)",
)
