"""Hides the values of URL parameters at certain places of a record, before any rule reads them.

So a masked value is nowhere in an event: not in a field made of it, nor in what no rule has kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from doorlog.record import Json

MASK = "MASKED"
"""What stands in the place of a value that is hidden."""

Hide: TypeAlias = Callable[[str], str]

# `&`, `=` and so on as they are, or encoded any number of times where a URL is a parameter of another one.
_BEGINS = r"(?:^|[?&#;\s\"]|%(?:25)*(?:3F|26|23|3B)|\\u0026)"
_PLAIN = r"=[^&#\"\\]*"
_ENCODED = r"%(?:25)*3D(?:(?!%(?:25)*(?:26|23))[^&#\"\\])*"


def masker(masks: Sequence[tuple[tuple[str | int, ...], tuple[str, ...]]]) -> Callable[[Json], Json]:
    """A function that gives a record with the values of these parameters hidden, each list at its path.

    What it changes is a copy; a record without such a value is given back as it is.
    """
    compiled = [(keys, _hide(names)) for keys, names in masks]

    def mask(record: Json) -> Json:
        for keys, hide in compiled:
            record = _below(record, keys, hide)
        return record

    return mask


def _hide(names: tuple[str, ...]) -> Hide:
    named = "|".join(re.escape(name) for name in names)
    pattern = re.compile(rf"(?i)({_BEGINS}(?:{named}))(?:({_PLAIN})|({_ENCODED}))")

    def replaced(found: re.Match[str]) -> str:
        sign = "=" if found[2] is not None else found[3][: found[3].upper().index("3D") + 2]
        return f"{found[1]}{sign}{MASK}"

    return lambda text: pattern.sub(replaced, text)


def _below(value: Any, keys: tuple[str | int, ...], hide: Hide) -> Any:
    """The value with all texts at and below the path changed; a text on the way may be JSON that holds the rest."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        at: dict[Any, Any] = dict(enumerate(value))
    elif isinstance(value, dict):
        at = value
    else:
        return value
    wanted = [keys[0]] if keys else list(at)
    changed = {key: new for key in wanted if key in at and (new := _below(at[key], keys[1:], hide)) is not at[key]}
    if not changed:
        return value
    return {**value, **changed} if isinstance(value, dict) else [changed.get(n, old) for n, old in enumerate(value)]
