"""A text with parts of it replaced."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def replace(value: str, pairs: tuple[tuple[str, str], ...]) -> str | None:
    """The text with every occurrence of each of these replaced, one after the other; None if nothing is left."""
    for old, new in pairs:
        value = value.replace(old, new)
    return value or None


FUNCTION = step(
    "replace",
    "The text with every occurrence of others replaced, in their order.",
    replace,
    "text",
    Example("arn:aws-cn:iam", "arn:aws:iam", argument={"aws-cn": "aws"}),
    Example("a-b.c", "abc", argument={"-": "", ".": ""}),
    Example("--", None, argument={"-": ""}),
    fails="nothing is left",
    argument="pairs",
    keeps="if equal",
)
