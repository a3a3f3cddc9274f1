"""What one MessagePack value holds.

Where it has something that JSON has not, it is written as JSON once and goes on from there, so that bin values, text
that is not UTF-8 and extensions come out as JSON has them.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import msgpack  # type: ignore[import-untyped]
import orjson

from doorlog.intake.envelopes import unwrap
from doorlog.intake.limits import Limits
from doorlog.intake.rejections import refused, unreadable
from doorlog.intake.text import Unreadable, read, shallow
from doorlog.numbers import finite
from doorlog.record import Found

_EVENT_TIME = 0
_ITEMS = 1 << 18
_WRITABLE = 254
_FLOATS = (b"\xcb", b"\xca")


def unpacker(most: int) -> msgpack.Unpacker:
    """A reader of values that `opened` understands; it holds no more than so many bytes."""
    return msgpack.Unpacker(
        raw=False,
        unicode_errors="surrogateescape",
        strict_map_key=False,
        ext_hook=_extension,
        timestamp=1,
        max_buffer_size=most,
        max_array_len=_ITEMS,
        max_map_len=_ITEMS,
    )


def opened(packed: Any, raw: bytes, limits: Limits, number: int) -> list[Found]:
    """The records, skips and rejects in a value that was the stream's `number`th value; `raw` is its MessagePack."""
    found: list[Found] = []
    # orjson writes a float that is no number as null; where a byte could begin a float, that is looked at.
    floats = _FLOATS[0] in raw or _FLOATS[1] in raw
    if not floats and _is_json(packed, limits.depth):
        unwrap(packed, limits, number, 0, found)
        return found
    try:
        text = _as_json(packed, limits.depth, floats)
    except RecursionError:
        by = " (--max-depth)" if limits.depth <= _WRITABLE else ""
        expected = f"at most {min(limits.depth, _WRITABLE)} levels{by}"
        return [(refused("too_deep", "$", "depth", expected, bytes(raw)), number, 0, None)]
    value = read(text, limits.depth)
    if isinstance(value, Unreadable):
        return [(unreadable(value, number, text, limits), number, 0, None)]
    unwrap(value, limits, number, 0, found)
    return found


def _extension(code: int, data: bytes) -> Any:
    """Fluentd's EventTime as seconds; any other extension as the text in it."""
    if code == _EVENT_TIME and len(data) == 8:
        seconds, nanoseconds = struct.unpack(">II", data)
        return seconds + nanoseconds / 1e9 if nanoseconds else seconds
    return data


def _is_json(value: Any, depth: int) -> bool:
    """Whether a value is such as reading JSON gives, so that it needs no writing and reading again."""
    try:
        text = orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return shallow(text, depth)


def _as_json(value: Any, depth: int, floats: bool) -> bytes:
    """The value as JSON; RecursionError where it is nested deeper than that, or than `orjson` writes."""
    if not floats:
        with suppress(orjson.JSONEncodeError):
            return orjson.dumps(value, default=_text)
    return orjson.dumps(_cleaned(value, min(depth, _WRITABLE)))


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    raise TypeError


def _cleaned(value: Any, levels: int) -> Any:
    """The value with JSON's types alone."""
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, float):
        return finite(value)
    if not isinstance(value, dict | list | tuple):
        return value
    if not levels:
        raise RecursionError
    if isinstance(value, dict):
        return {str(_cleaned(key, levels - 1)): _cleaned(item, levels - 1) for key, item in value.items()}
    return [_cleaned(item, levels - 1) for item in value]
