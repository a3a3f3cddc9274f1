"""Instants, as targets want them."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, Function
from doorlog.mapping.instants import instant_ns, rfc3339


def milliseconds(value: str) -> int | None:
    """An instant as milliseconds since 1970; None for what is none."""
    nanoseconds = instant_ns(value)
    return None if nanoseconds is None else nanoseconds // 1_000_000


def seconds(value: str) -> int | None:
    """An instant as seconds since 1970; None for what is none."""
    nanoseconds = instant_ns(value)
    return None if nanoseconds is None else nanoseconds // 1_000_000_000


FUNCTIONS = (
    Function(
        "time",
        "An instant as RFC 3339 writes it.",
        rfc3339,
        "text",
        (
            Example("2024-06-11T09:15:27Z", "2024-06-11T09:15:27Z"),
            Example("20131102T010628Z", "2013-11-02T01:06:28Z"),
            Example("2024-02-30T00:00:00Z", None),
        ),
        fails="there is no such instant",
        keeps="if equal",
    ),
    Function(
        "epoch_ms",
        "An instant as milliseconds since 1970.",
        milliseconds,
        "integer",
        (Example("2024-06-11T09:15:27.5Z", 1718097327500), Example("today", None)),
        fails="there is no such instant",
    ),
    Function(
        "epoch_s",
        "An instant as seconds since 1970.",
        seconds,
        "integer",
        (Example("2024-06-11T09:15:27.5Z", 1718097327), Example("today", None)),
        fails="there is no such instant",
    ),
)
