"""What follows a text that the value has to start with."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def prefix(value: str, mark: str) -> str | None:
    """The value without a text at its start; None if it starts otherwise or is nothing more."""
    return value[len(mark) :] or None if value.startswith(mark) else None


FUNCTION = step(
    "prefix",
    "What follows a text that it must start with.",
    prefix,
    "text",
    Example("TLSv1.3", "1.3", argument="TLSv"),
    Example("SSLv3", None, argument="TLSv"),
    Example("TLSv", None, argument="TLSv"),
    fails="it starts otherwise, or there is nothing more",
    argument="text",
    keeps="if given",
    inline="HELD[LENGTH:] or None if HELD.startswith(ARGUMENT) else None",
    shortens=True,
)
