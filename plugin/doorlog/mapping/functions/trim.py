"""A text without the blanks around it."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def trim(value: str) -> str | None:
    """The text without white space at its ends; None if nothing else is in it."""
    return value.strip() or None


FUNCTION = step(
    "trim",
    "The text without white space at its ends.",
    trim,
    "text",
    Example("  alice\n", "alice"),
    Example(" ", None),
    fails="there is nothing but white space",
    keeps="if equal",
    shortens=True,
)
