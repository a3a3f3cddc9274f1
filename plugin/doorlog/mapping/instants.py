"""Instants in the spellings that CloudTrail records have them in, from text to nanoseconds and RFC 3339."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400
_BEGINNING, _SECOND = datetime(1970, 1, 1), timedelta(seconds=1)
# `2024-06-03T15:23:22Z`, with a blank for T, with up to nine decimals, with an offset or without one (UTC), and the
# basic form `20131102T010628Z`.
_INSTANT = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})[Tt ]([0-9]{2}):?([0-9]{2}):?([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))?\Z"
)
_RFC3339 = re.compile(
    r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\Z"
)


def instant_ns(text: str) -> int | None:
    """Nanoseconds since 1970 (negative before), or None if the text is no possible instant; no zone means UTC."""
    if is_usual(text):
        return (datetime.fromisoformat(text[:19]) - _BEGINNING) // _SECOND * 1_000_000_000
    found = _INSTANT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError:
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    offset = 0
    if found[8]:
        hours, minutes = int(found[9]), int(found[10])
        if hours > 23 or minutes > 59:
            return None
        offset = (hours * 3600 + minutes * 60) * (1 if found[8] == "+" else -1)
    seconds = days * _DAY + hour * 3600 + minute * 60 + second - offset
    return seconds * 1_000_000_000 + int((found[7] or "").ljust(9, "0"))


def is_usual(text: str) -> bool:
    """Whether this is an instant as nearly all records write it, `2024-06-03T15:23:22Z`: told without a pattern."""
    if len(text) != 20 or text[4::3] != "--T::Z":
        return False
    try:
        datetime.fromisoformat(text[:19])
        return True
    except ValueError:
        return False


USUAL = "len(HELD) == 20 and HELD[4::3] == '--T::Z' and ISO(HELD[:19])"
"""The same as an expression, with `datetime.fromisoformat` for ISO; it raises ValueError for what doesn't exist."""


def rfc3339(text: str) -> str | None:
    """The instant as RFC 3339 writes it: the text itself if it is so already, else in UTC; None if it is none."""
    if is_usual(text):
        return text
    nanoseconds = instant_ns(text)
    if nanoseconds is None:
        return None
    if _RFC3339.match(text):
        return text
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    days, rest = divmod(seconds, _DAY)
    if not 1 <= days + _EPOCH <= date.max.toordinal():
        return None
    decimals = f".{fraction:09d}".rstrip("0") if fraction else ""
    hours, minutes = divmod(rest // 60, 60)
    return f"{date.fromordinal(days + _EPOCH).isoformat()}T{hours:02d}:{minutes:02d}:{rest % 60:02d}{decimals}Z"
