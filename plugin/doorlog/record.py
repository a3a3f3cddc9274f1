"""The words of a record's way: what intake finds, and what becomes of it."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object as Python has it: values are dict, list, str, int, float, bool or None."""


class Carried(NamedTuple):
    """What a Fluentd record brings beside its content, to be put on every event that comes of it.

    A time of bytes is the MessagePack of an entry's time, to be written again as it is."""

    tag: str | None
    time: str | int | float | bytes | None


class Problem(NamedTuple):
    """One reason why a record is refused: where (`$.path`), which rule, what was expected. Never the value."""

    path: str
    rule: str
    expected: str


class Skip(NamedTuple):
    """A well-formed thing that is no sign-in record, by the name under which it is counted."""

    name: str


class Reject(NamedTuple):
    """Something that can't be normalized.

    `reason` is one of `doorlog.rejects.REASONS`; `raw` is the record (a dict), or the text that was unreadable.
    """

    reason: str
    problems: tuple[Problem, ...]
    raw: Json | bytes


Found: TypeAlias = tuple["Json | Skip | Reject", int, int, "Carried | None"]
"""What intake yields: (what, line, index, carried).

`line` is the line (from 1) on which the text began, or the number of the MessagePack value; `index` is the place
(from 0) inside its envelope, 0 for what stood alone. A plain tuple, since one is made for every record.
"""
