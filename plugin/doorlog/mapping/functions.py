"""The functions that a mapping may use on one value.

A step (`after`, `lower`, ...) is written by its own name, a cast as `as: NAME`. All are pure and give None for what
they can't take. `keeps` tells when the value can be got back from the result, so that the rest need not hold it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from doorlog.mapping.instants import instant_ns, rfc3339
from doorlog.mapping.network import Url, arn_part, domain, email, ip_text, url

Keeps = Literal["never", "if equal", "if given"]
Gives = Literal["text", "boolean", "integer", "list"]


@dataclass(frozen=True, slots=True)
class Function:
    """One function: what it takes and gives, and whether its result holds the value.

    `canonical` lists the values that a result brings back exactly (`Yes` for true): those count as kept, other
    spellings of the same do not. `memo` marks what costs enough for its results to be remembered; `inline` is a
    pattern of code that does the same as `call` (CALL) for HELD, a text that isn't empty unless any is taken.
    """

    summary: str
    call: Callable[..., Any]
    gives: Gives
    cast: bool = True
    takes: Literal["text", "any"] = "text"
    argument: bool = False
    keeps: Keeps = "never"
    canonical: frozenset[str | bool] = frozenset()
    memo: bool = False
    inline: str = ""
    whole: Callable[[str], Any] | None = None
    """What is taken apart once for all functions that give a part of it; `part` is the place of this one's."""
    part: int = 0
    suits: str = ""
    """The end of the paths of target fields that take any result, but for its length."""


def _boolean(value: Any) -> bool | None:
    if value is True or value is False:
        return bool(value)
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _yes_no(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value.lower())


def _integer(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value) else None


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def _after(value: str, mark: str) -> str | None:
    return value.partition(mark)[2] or None


def _before(value: str, mark: str) -> str | None:
    head, found, _ = value.partition(mark)
    return head if found and head else None


def _after_last(value: str, mark: str) -> str | None:
    _, found, tail = value.rpartition(mark)
    return tail if found and tail else None


def _prefix(value: str, mark: str) -> str | None:
    return value[len(mark) :] or None if value.startswith(mark) else None


def _split(value: str, mark: str) -> list[str] | None:
    return [part.strip() for part in value.split(mark) if part.strip()] or None


def _milliseconds(value: str) -> int | None:
    nanoseconds = instant_ns(value)
    return None if nanoseconds is None else nanoseconds // 1_000_000


def _part(get: Callable[[str, str], str | None], name: str) -> Callable[[str], str | None]:
    return lambda value: get(value, name)


def _url_part(summary: str, part: str) -> Function:
    at = Url._fields.index(part)

    def call(value: str) -> str | None:
        parts = url(value)
        return None if parts is None else parts[at]

    return Function(summary, call, "text", whole=url, part=at, suits=f"url.{part}")


def _step(
    summary: str, call: Callable[..., Any], gives: Gives = "text", keeps: Keeps = "never", inline: str = ""
) -> Function:
    return Function(summary, call, gives, cast=False, argument=True, keeps=keeps, inline=inline)


_BEFORE = "HELD.partition(ARGUMENT)[0] or None if ARGUMENT in HELD else None"
_PREFIX = "HELD[len(ARGUMENT):] or None if HELD.startswith(ARGUMENT) else None"

FUNCTIONS: dict[str, Function] = {
    "prefix": _step("What follows a text that it must start with.", _prefix, keeps="if given", inline=_PREFIX),
    "after": _step(
        "What follows the first occurrence of a text.", _after, inline="HELD.partition(ARGUMENT)[2] or None"
    ),
    "before": _step("What precedes the first occurrence of a text.", _before, inline=_BEFORE),
    "after_last": _step("What follows the last occurrence of a text.", _after_last),
    "split": _step("The parts between a separator, trimmed, without empty ones.", _split, "list"),
    "lower": Function("The text in lower case.", str.lower, "text", cast=False, inline="HELD.lower()"),
    "text": Function(
        "A number or truth value as text.",
        _text,
        "text",
        takes="any",
        keeps="if equal",
        inline="HELD if HELD.__class__ is str or HELD is None else CALL(HELD)",
    ),
    "boolean": Function(
        "true or false, from itself or its name in any case.",
        _boolean,
        "boolean",
        takes="any",
        keeps="if equal",
        inline="HELD if HELD is True or HELD is False or HELD is None else CALL(HELD)",
    ),
    "yes_no": Function(
        "true for Yes and false for No, in any case.",
        _yes_no,
        "boolean",
        canonical=frozenset({"Yes", "No"}),
        memo=True,
    ),
    "true_false": Function(
        "true or false, from its name in any case.",
        _boolean,
        "boolean",
        canonical=frozenset({"true", "false"}),
        memo=True,
    ),
    "integer": Function("A whole number of at most 18 digits.", _integer, "integer", takes="any", keeps="if equal"),
    "time": Function("An instant as RFC 3339 writes it.", rfc3339, "text", keeps="if equal"),
    "epoch_ms": Function("An instant as milliseconds since 1970.", _milliseconds, "integer"),
    "ip": Function("An IPv4 or IPv6 address.", ip_text, "text", keeps="if equal", memo=True),
    "domain": Function("A host name, and no address.", domain, "text", keeps="if equal", memo=True),
    "email": Function("An e-mail address.", email, "text", keeps="if equal", memo=True),
    "arn_partition": Function("The partition of an ARN (aws, aws-cn, ...).", _part(arn_part, "partition"), "text"),
    "arn_account": Function("The account of an ARN.", _part(arn_part, "account"), "text"),
    "arn_name": Function("The last part of an ARN's resource.", _part(arn_part, "name"), "text", memo=True),
    "url_scheme": _url_part("The scheme of an http(s) URL.", "scheme"),
    "url_domain": _url_part("The host of an http(s) URL.", "domain"),
    "url_path": _url_part("The path of an http(s) URL.", "path"),
    "url_query": _url_part("The query of an http(s) URL, without `?`.", "query"),
    "url_fragment": _url_part("The fragment of an http(s) URL.", "fragment"),
}
