"""What follows the first occurrence of a text."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def after(value: str, mark: str) -> str | None:
    """All after the first occurrence; None without one, or if nothing follows."""
    return value.partition(mark)[2] or None


FUNCTION = step(
    "after",
    "What follows the first occurrence of a text.",
    after,
    "text",
    Example("arn:aws:iam::111122223333:user/alice", "alice", argument=":user/"),
    Example("a/b/c", "b/c", argument="/"),
    Example("a/b/c", None, argument=":"),
    fails="the text isn't in it, or nothing follows",
    argument="text",
    inline="HELD.partition(ARGUMENT)[2] or None",
    shortens=True,
)
