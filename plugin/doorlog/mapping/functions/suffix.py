"""What precedes a text that the value has to end with."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def suffix(value: str, mark: str) -> str | None:
    """The value without a text at its end; None if it ends otherwise or is nothing more."""
    return value[: -len(mark)] or None if value.endswith(mark) else None


FUNCTION = step(
    "suffix",
    "What precedes a text that it must end with.",
    suffix,
    "text",
    Example("signin.amazonaws.com", "signin", argument=".amazonaws.com"),
    Example("aws.amazon.com", None, argument=".amazonaws.com"),
    fails="it ends otherwise, or there is nothing more",
    argument="text",
    keeps="if given",
    shortens=True,
)
