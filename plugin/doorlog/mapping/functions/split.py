"""The parts between a separator."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step


def split(value: str, mark: str) -> list[str] | None:
    """The parts, trimmed and without empty ones; None if there are none."""
    return [part.strip() for part in value.split(mark) if part.strip()] or None


FUNCTION = step(
    "split",
    "The parts between a separator, trimmed, without empty ones.",
    split,
    "list",
    Example("PASSWORD, TOTP", ["PASSWORD", "TOTP"], argument=","),
    Example("PASSWORD", ["PASSWORD"], argument=","),
    Example(" , ", None, argument=","),
    fails="there is nothing between the separators",
    argument="text",
)
