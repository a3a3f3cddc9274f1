"""Whether a value may go into an attribute: checks made from what the target's schema says of its type.

A guard takes one value of the attribute's kind that isn't empty (no "", [] or {}), and never raises. It says True only
if the target takes the value as it is. Here and there it is stricter than the schemas, which let anything through that
merely contains a UUID, or an address with the zone of some host (`fe80::1%eth0`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any, TypeAlias

from doorlog.targets.attribute import Attribute

Guard: TypeAlias = Callable[[Any], bool]

REMEMBERED = 4096
"""How many verdicts of one check are kept; when there are more, all are forgotten."""
REMEMBERED_LENGTH = 256
"""A longer text is checked anew each time, so that what is remembered stays small."""
PATTERN_LENGTH = 4096
"""A longer text is no e-mail address, host name or whatever else has a pattern."""

_64_BITS = 2**63
# OCSF counts milliseconds; outside of the years 2000 to 2099 it's most likely seconds or microseconds.
_FIRST_MS, _END_MS = 946_684_800_000, 4_102_444_800_000

_DATE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|/)\S*")

# What ECS and OCSF say in words about certain fields, by the end of the path.
_WORDS: tuple[tuple[str, str, str], ...] = (
    ("ocsf", "country", r"[A-Z]{2}"),
    ("ecs", "geo.country_iso_code", r"[A-Z]{2}"),
    ("ecs", "geo.region_iso_code", r"[A-Z]{2}-[A-Z0-9]{1,3}"),
    ("ecs", "geo.continent_code", r"AF|AN|AS|EU|NA|OC|SA"),
    ("ecs", "url.scheme", r"(?s:.*)(?<!:)"),
    ("ecs", "url.query", r"(?!\?)(?s:.*)"),
    ("ecs", "url.fragment", r"(?!#)(?s:.*)"),
)


def guard(attribute: Attribute) -> Guard | None:
    """What an element of the attribute has to pass, or None if being of its kind is enough."""
    if attribute.values is not None:
        return frozenset(attribute.values.values()).__contains__
    match attribute.kind:
        case "text":
            return _text(attribute)
        case "ip":
            return _no_longer(attribute.max_length, is_ip)
        case "date":
            return is_date
        case "timestamp":
            return is_timestamp
        case "integer":
            return _between(attribute.bounds)
        case "float":
            return is_ocsf_float if attribute.type_name == "float_t" else is_number
        case "geo_point":
            return is_geo_point
        case "any":
            return is_tree if attribute.type_name == "custom" else None
        case _:
            return None


def only_length(attribute: Attribute) -> bool:
    """Whether the guard of a text looks at nothing but its length."""
    return attribute.kind == "text" and attribute.values is None and _form(attribute) is None


def remembered(check: Callable[[str], bool]) -> Callable[[str], bool]:
    """The check, with its last verdicts kept."""
    verdicts: dict[str, bool] = {}

    def look(value: str) -> bool:
        verdict = verdicts.get(value)
        if verdict is None:
            verdict = check(value)
            if len(value) <= REMEMBERED_LENGTH:
                if len(verdicts) >= REMEMBERED:
                    verdicts.clear()
                verdicts[value] = verdict
        return verdict

    return look


@remembered
def is_ip(value: str) -> bool:
    """Whether this is an IPv4 or IPv6 address, without a zone."""
    if len(value) > 45 or "%" in value:
        return False
    try:
        inet_pton(AF_INET6 if ":" in value else AF_INET, value)
        return True
    except (OSError, ValueError):
        return _parses_as_ip(value)


@remembered
def is_date(value: str) -> bool:
    """Whether this is a date and time in the form of RFC 3339 that does exist, with its offset."""
    found = _DATE.fullmatch(value)
    if found is None:
        return False
    try:
        datetime.fromisoformat(found[1])
        return True
    except ValueError:
        return False


def is_timestamp(value: int) -> bool:
    """Whether this may well be a time of our days in milliseconds."""
    return _FIRST_MS <= value < _END_MS


def is_number(value: float) -> bool:
    """Whether this is a number that JSON has, and of 64 bits."""
    if value.__class__ is float:
        return value - value == 0
    return -_64_BITS <= value < _64_BITS


def is_ocsf_float(value: float) -> bool:
    """Whether this is a finite float; OCSF takes no integer for one."""
    return value.__class__ is float and value - value == 0


def is_url(value: str) -> bool:
    """Whether this has a scheme or is an absolute path, and has no blanks."""
    return _URL.fullmatch(value) is not None


@remembered
def is_no_ip(value: str) -> bool:
    """Whether this is anything but an IP address, as the name of a host has to be."""
    return (":" not in value and value[-1:] not in "0123456789") or not _parses_as_ip(value)


def is_geo_point(value: dict[str, Any]) -> bool:
    """Whether this is a latitude and a longitude."""
    return value.keys() == {"lat", "lon"} and _within(value["lat"], 90) and _within(value["lon"], 180)


def is_tree(value: Any) -> bool:
    """Whether Elasticsearch can take this without a mapping: nothing empty, and each name a single step of a path."""
    if isinstance(value, dict):
        return bool(value) and all(_is_name(name) and is_tree(inner) for name, inner in value.items())
    return value is not None and value != "" and value != []


def _text(attribute: Attribute) -> Guard | None:
    return _no_longer(attribute.max_length, _form(attribute))


def _form(attribute: Attribute) -> Callable[[str], bool] | None:
    """What a text has to look like, whatever its length."""
    for target, end, pattern in _WORDS:
        if f".{attribute.path}".endswith(f".{end}") and attribute.type_name.endswith("_t") == (target == "ocsf"):
            return _matches(pattern)
    if attribute.type_name == "hostname_t":
        return is_no_ip if attribute.pattern is None else _both(_matches(attribute.pattern), is_no_ip)
    if attribute.pattern is not None:
        return _matches(attribute.pattern)
    return is_url if attribute.type_name == "url_t" else None


@cache
def _matches(pattern: str) -> Callable[[str], bool]:
    fullmatch = re.compile(pattern).fullmatch
    return remembered(lambda value: len(value) <= PATTERN_LENGTH and fullmatch(value) is not None)


def _no_longer(length: int | None, check: Callable[[str], bool] | None) -> Guard | None:
    if length is None:
        return check
    if check is None:
        return lambda value: len(value) <= length
    return lambda value: len(value) <= length and check(value)


def _both(one: Callable[[str], bool], other: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda value: one(value) and other(value)


def _between(bounds: tuple[int, int] | None) -> Guard | None:
    if bounds is None:
        return None
    least, greatest = bounds
    return lambda value: least <= value <= greatest


def _parses_as_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
        return True
    except ValueError:
        return False


def _within(value: object, limit: int) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -limit <= value <= limit


def _is_name(name: str) -> bool:
    return name != "" and "." not in name and name == name.strip()
