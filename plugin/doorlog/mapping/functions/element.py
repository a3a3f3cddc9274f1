"""One element of a list."""

from __future__ import annotations

from typing import Any

from doorlog.mapping.functions.function import Example, step


def element(value: Any, place: int) -> Any:
    """The element at a place, counted from 0, or from the end with -1; None if there is none."""
    return value[place] if value.__class__ is list and -len(value) <= place < len(value) else None


FUNCTION = step(
    "element",
    "One element of a list, counted from 0; from the end, -1 is the last.",
    element,
    "any",
    Example(["p", "q"], "p", argument=0),
    Example(["p", "q"], "q", argument=-1),
    Example(["p", "q"], None, argument=2),
    Example("p", None, argument=0),
    fails="the list is shorter, or it is no list",
    takes="any",
    argument="number",
)
