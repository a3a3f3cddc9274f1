"""What follows the last occurrence of a text."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def after_last(value: str, mark: str) -> str | None:
    """All after the last occurrence; None without one, or if nothing follows."""
    _, found, tail = value.rpartition(mark)
    return tail if found and tail else None


FUNCTION = step(
    "after_last",
    "What follows the last occurrence of a text.",
    after_last,
    "text",
    Example("a/b/c", "c", argument="/"),
    Example("abc", None, argument="/"),
    fails="the text isn't in it, or nothing follows",
    argument="text",
    shortens=True,
)
