"""What precedes the first occurrence of a text."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def before(value: str, mark: str) -> str | None:
    """All before the first occurrence; None without one, or if nothing precedes."""
    head, found, _ = value.partition(mark)
    return head if found and head else None


FUNCTION = step(
    "before",
    "What precedes the first occurrence of a text.",
    before,
    "text",
    Example("a/b/c", "a", argument="/"),
    Example("a/b/c", None, argument=":"),
    Example("/b", None, argument="/"),
    fails="the text isn't in it, or nothing precedes",
    argument="text",
    inline="HELD.partition(ARGUMENT)[0] or None if ARGUMENT in HELD else None",
    shortens=True,
)
