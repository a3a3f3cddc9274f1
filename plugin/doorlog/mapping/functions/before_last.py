"""What precedes the last occurrence of a text."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def before_last(value: str, mark: str) -> str | None:
    """All before the last occurrence; None without one, or if nothing precedes."""
    return value.rpartition(mark)[0] or None


FUNCTION = step(
    "before_last",
    "What precedes the last occurrence of a text.",
    before_last,
    "text",
    Example("a/b/c", "a/b", argument="/"),
    Example("abc", None, argument="/"),
    fails="the text isn't in it, or nothing precedes",
    argument="text",
    shortens=True,
)
