"""One JSON text: its value, or why it has none.

`orjson` decides what JSON is. What it refuses only for its encoding is repaired in a way that shows (U+FFFD): bytes
that are not UTF-8, and halves of surrogate pairs. Integers beyond 64 bits become floats, the last of duplicate keys
wins; NaN, Infinity and numbers too large for a float are not JSON.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal, NamedTuple

from orjson import JSONDecodeError, loads

BOM = b"\xef\xbb\xbf"

_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|$)|[{}\[\]]', re.DOTALL)
_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_TO_ASCII = bytes(range(128)) + b"?" * 128
_LONG = 16 << 10


class Unreadable(NamedTuple):
    """Why a text is no value: the reason's code, how many bytes into it, and what is wrong there."""

    reason: str
    offset: int
    what: str


class Extent(NamedTuple):
    """How far the first value of a text goes.

    `whole`: up to `end`; `partial`: the text stops within it; `broken`: what stands at `end` can't continue it.
    """

    kind: Literal["whole", "partial", "broken"]
    end: int
    what: str = ""


def shallow(text: bytes, depth: int) -> bool:
    """Whether a text can't be nested deeper than that, as it has no more opening brackets."""
    # Twice as fast as `count`, which does not use memchr.
    return len(text) - len(text.replace(b"{", b"").replace(b"[", b"")) <= depth


def read(text: bytes, depth: int) -> Any:
    """The value of a text, or `Unreadable`."""
    try:
        return read_at_once(text, depth)
    except ValueError:
        return _read_repaired(text, depth)


def read_at_once(text: bytes, depth: int) -> Any:
    """The value of a text that needs no closer look; ValueError for any other, at little cost."""
    if shallow(text, depth):
        return loads(text)
    if len(text) > _LONG:
        return _read_long(text, depth)
    raise ValueError


def extent(text: bytes) -> Extent:
    """How far the first value goes that a text begins with; bad encoding does not end it."""
    plain = text if text.isascii() else text.translate(_TO_ASCII)
    if b"\\u" in plain:
        plain = _SURROGATE.sub(rb"\\u00", plain)
    try:
        loads(plain)
    except JSONDecodeError as error:
        if "after document" in error.msg:
            return Extent("whole", len(plain[: error.pos].rstrip()))
        if error.pos >= len(plain) or not plain.strip():
            return Extent("partial", len(plain), "the text ends within a value")
        return Extent("broken", error.pos, error.msg)
    return Extent("whole", len(plain.rstrip()))


def too_deep(text: bytes, depth: int) -> int | None:
    """Where a text first goes deeper, if it does."""
    level = 0
    for found in _BRACKETS.finditer(text):
        first = text[found.start()]
        if first == 0x22:
            continue
        if first in b"{[":
            level += 1
            if level > depth:
                return found.start()
        else:
            level -= 1
    return None


def repaired(text: bytes) -> bytes:
    """The text with U+FFFD for what UTF-8 and UTF-16 don't allow, and without a byte order mark."""
    text = text.removeprefix(BOM)
    if not text.isascii():
        text = text.decode("utf-8", "replace").encode()
    if b"\\u" in text:
        text = _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], text)
    return text


def _read_repaired(text: bytes, depth: int) -> Any:
    mended = repaired(text)
    try:
        if len(text) > _LONG:
            return _read_long(mended, depth)
        value = loads(mended)
    except ValueError:
        return _complaint(text, mended, depth)
    deep = too_deep(text, depth)
    return value if deep is None else Unreadable("too_deep", deep, "a level too many")


def _complaint(text: bytes, mended: bytes, depth: int) -> Unreadable:
    found = extent(text)
    if found.kind == "whole":
        found = extent(mended)
    deep = too_deep(text[: found.end + 1], depth)
    if deep is not None:
        return Unreadable("too_deep", deep, "a level too many")
    return Unreadable("not_json", found.end, found.what or "more text after the value")


def _read_long(text: bytes, depth: int) -> Any:
    """The value of a long text; ValueError where it has none, or is too deep.

    `orjson` itself checks the depth, at its own pace: it gets so many brackets around the text that one too many fails.
    """
    around = _deepest() - depth
    value = loads(b"".join((b"[" * around, text, b"]" * around)))
    for _ in range(around):
        (value,) = value
    return value


@cache
def _deepest() -> int:
    """How deep `orjson` reads (1024 by its documentation)."""
    low, high = 1, 1 << 16
    while low < high:
        middle = (low + high + 1) // 2
        try:
            loads(b"[" * middle + b"]" * middle)
            low = middle
        except JSONDecodeError:
            high = middle - 1
    return low
