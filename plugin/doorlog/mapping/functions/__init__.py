"""The functions that a mapping may use on one value, each described and tried in a module of its own.

A step (`after`, `lower`, ...) is written by its own name, a cast as `as: NAME`. All are pure and give None for what
they can't take. `keeps` tells when the value can be got back from the result, so that the rest need not hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from doorlog.mapping.functions import (
    after,
    after_last,
    arn,
    before,
    before_last,
    boolean,
    digest,
    domain,
    element,
    email,
    geoip,
    integer,
    ip,
    join,
    lower,
    mask,
    match,
    number,
    prefix,
    pseudonym,
    redact,
    replace,
    split,
    substring,
    suffix,
    text,
    time,
    trim,
    upper,
    url,
    user_agent,
)
from doorlog.mapping.functions.function import Example, Function, Gives, NotReadyError

__all__ = ["FUNCTIONS", "HIDING", "STEPS", "Example", "Function", "Gives", "NotReadyError", "prepared"]

# Steps stand in the order in which they are taken.
_LISTED: tuple[Function, ...] = (
    prefix.FUNCTION,
    suffix.FUNCTION,
    after.FUNCTION,
    before.FUNCTION,
    after_last.FUNCTION,
    before_last.FUNCTION,
    match.FUNCTION,
    split.FUNCTION,
    element.FUNCTION,
    trim.FUNCTION,
    replace.FUNCTION,
    substring.FUNCTION,
    lower.FUNCTION,
    upper.FUNCTION,
    join.FUNCTION,
    text.FUNCTION,
    *boolean.FUNCTIONS,
    integer.FUNCTION,
    number.FUNCTION,
    *time.FUNCTIONS,
    *ip.FUNCTIONS,
    domain.FUNCTION,
    email.FUNCTION,
    *arn.FUNCTIONS,
    *url.FUNCTIONS,
    digest.FUNCTION,
    geoip.FUNCTION,
    *user_agent.FUNCTIONS,
)

FUNCTIONS: dict[str, Function] = {function.name: function for function in _LISTED}
HIDING: dict[str, Function] = {
    function.name: function for function in (redact.FUNCTION, mask.FUNCTION, *pseudonym.FUNCTIONS)
}
"""What hides a value; only `protect` may use these, since a rule would leave the value where others find it."""
STEPS: tuple[str, ...] = tuple(name for name, function in FUNCTIONS.items() if not function.cast)
"""The steps, in the order in which they are taken."""


def prepared(function: Function, argument: Any) -> Callable[[Any], Any]:
    """A function with its argument, as one of a value of its type; the same each time.

    Raises ValueError, with what is wrong, for an argument that it can't take; NotReadyError where something that it
    needs isn't there.
    """
    if function.ready is not None:
        function.ready()
    # What the environment names is not remembered beyond the environment.
    if function.outside and function.makes:
        made: Callable[[Any], Any] = function.call(argument)
        return made
    return _prepared(function, argument)


@cache
def _prepared(function: Function, argument: Any) -> Callable[[Any], Any]:
    if function.makes:
        made: Callable[[Any], Any] = function.call(argument)
        return made
    if function.argument is not None:
        return lambda value: function.call(value, argument)
    return function.call
