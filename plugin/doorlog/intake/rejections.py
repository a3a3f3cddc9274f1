"""Rejects for what can't be read; their words say where and what, never a value."""

from __future__ import annotations

from doorlog.intake.limits import Limits
from doorlog.intake.text import Unreadable
from doorlog.record import Json, Problem, Reject


def refused(reason: str, path: str, rule: str, expected: str, raw: Json | bytes) -> Reject:
    """A reject with one problem."""
    return Reject(reason, (Problem(path, rule, expected),), raw)


def unreadable(why: Unreadable, line: int, raw: bytes, limits: Limits, path: str = "$") -> Reject:
    """The reject of a text that begins on that line."""
    if why.reason == "too_long":
        return refused(why.reason, path, "line_bytes", f"at most {limits.line_bytes} bytes (--max-line-bytes)", raw)
    before = raw[: why.offset]
    column = len(before) - before.rfind(b"\n")
    where = f"line {line + before.count(10)}, column {column}: {why.what}"
    if why.reason == "too_deep":
        return refused(why.reason, path, "depth", f"at most {limits.depth} levels (--max-depth); {where}", raw)
    return refused(why.reason, path, "json", f"JSON; {where}", raw)
