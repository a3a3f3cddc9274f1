"""The texts of a list as one."""

from __future__ import annotations

from typing import Any

from doorlog.mapping.functions.function import Example, step


def join(value: Any, between: str) -> str | None:
    """The texts of a list with another between them; None if there are none."""
    if value.__class__ is not list:
        return None
    return between.join(one for one in value if one.__class__ is str and one) or None


FUNCTION = step(
    "join",
    "The texts of a list as one, with another between them; what is no text is passed over.",
    join,
    "text",
    Example(["PASSWORD", "TOTP"], "PASSWORD+TOTP", argument="+"),
    Example(["PASSWORD", 7], "PASSWORD", argument="+"),
    Example([], None, argument="+"),
    Example("PASSWORD", None, argument="+"),
    fails="it is no list, or there is no text in it",
    takes="any",
    argument="text",
)
