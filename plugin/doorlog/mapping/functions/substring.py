"""A part of a text, by places."""

from __future__ import annotations

from collections.abc import Callable

from doorlog.mapping.functions.function import Example, step


def substring(places: tuple[int, ...]) -> Callable[[str], str | None]:
    """The function that gives the characters from the first place up to the second; from the end where negative."""
    if not 1 <= len(places) <= 2:
        raise ValueError("`substring` takes where it begins, and perhaps where it ends: [0, 4]")
    start, end = (*places, None)[:2]
    return lambda value: value[start:end] or None


FUNCTION = step(
    "substring",
    "The characters from one place up to another, which isn't in it; counted from 0, or from the end where negative.",
    substring,
    "text",
    Example("AROAEXAMPLE", "AROA", argument=[0, 4]),
    Example("AROAEXAMPLE", "PLE", argument=[-3]),
    Example("AROA", None, argument=[4]),
    fails="there is nothing there",
    argument="numbers",
    makes=True,
)
