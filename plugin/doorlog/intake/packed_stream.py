"""A stream of MessagePack maps, as Fluentd's exec_filter writes them.

Each is written as JSON once and goes on from there, so that bin values, text that is not UTF-8, Fluentd's EventTime and
other extensions come out as JSON has them.
"""

from __future__ import annotations

import struct
from typing import Any

import msgpack  # type: ignore[import-untyped]
import orjson

from doorlog.intake.envelopes import unwrap
from doorlog.intake.limits import KEPT_BYTES, KIB, Limits
from doorlog.intake.rejections import refused, unreadable
from doorlog.intake.text import Unreadable, read
from doorlog.record import Found, Json

_SLICE = 64 * KIB
_EVENT_TIME = 0
_ITEMS = 1 << 18
_WRITABLE = 254


class PackedStream:
    """Reads maps; a stream that is damaged once can't be read on, as nothing in it says where a map begins."""

    def __init__(self, limits: Limits) -> None:
        self.broken = False
        self._limits = limits
        self._number = 0
        self._rest = bytearray()
        self._gone = 0
        self._unpacker = msgpack.Unpacker(
            raw=False,
            unicode_errors="surrogateescape",
            strict_map_key=False,
            ext_hook=_extension,
            timestamp=1,
            max_buffer_size=limits.line_bytes + _SLICE,
            max_array_len=_ITEMS,
            max_map_len=_ITEMS,
        )

    def feed(self, data: bytes) -> list[Found]:
        """What became complete with these bytes."""
        found: list[Found] = []
        at = 0
        while at < len(data) and not self.broken:
            # Never more than shows that a map is too long, so that nothing behind that place matters.
            size = min(_SLICE, self._limits.line_bytes + 1 - len(self._rest))
            self._slice(data[at : at + size], found)
            at += size
        return found

    def end(self) -> list[Found]:
        """What was left at the end."""
        found: list[Found] = []
        if self._rest and not self.broken:
            self._break("bad_msgpack", "the stream stops within a map", found)
        return found

    def _slice(self, data: bytes, found: list[Found]) -> None:
        self._rest += data
        self._unpacker.feed(data)
        while not self.broken:
            try:
                value = self._unpacker.unpack()
            except msgpack.OutOfData:
                if len(self._rest) > self._limits.line_bytes:
                    self._break("too_long", f"at most {self._limits.line_bytes} bytes", found)
                return
            except (ValueError, TypeError, MemoryError, msgpack.UnpackException):
                # Also bad formats, too deep nesting, and lengths beyond the buffer's.
                self._break("bad_msgpack", "readable MessagePack", found)
                return
            if not isinstance(value, dict):
                self._break("bad_msgpack", "a map", found)
                return
            size = self._unpacker.tell() - self._gone
            if size > self._limits.line_bytes:
                self._break("too_long", f"at most {self._limits.line_bytes} bytes", found)
                return
            self._gone += size
            self._number += 1
            self._add(value, found, size)
            del self._rest[:size]

    def _add(self, packed: Json, found: list[Found], size: int) -> None:
        try:
            text = _as_json(packed, self._limits.depth)
        except RecursionError:
            expected = f"at most {min(self._limits.depth, _WRITABLE)} levels"
            raw = bytes(self._rest[:size])
            found.append((refused("too_deep", "$", "depth", expected, raw), self._number, 0, None))
            return
        value = read(text, self._limits.depth)
        if isinstance(value, Unreadable):
            found.append((unreadable(value, self._number, text, self._limits), self._number, 0, None))
        else:
            unwrap(value, self._limits, self._number, 0, found)

    def _break(self, reason: str, expected: str, found: list[Found]) -> None:
        self.broken = True
        where = f"{expected}; byte {self._gone} of the stream"
        raw = bytes(self._rest[:KEPT_BYTES])
        found.append((refused(reason, "$", "msgpack", where, raw), self._number + 1, 0, None))
        self._rest.clear()


def _extension(code: int, data: bytes) -> Any:
    """Fluentd's EventTime as seconds; any other extension as the text in it."""
    if code == _EVENT_TIME and len(data) == 8:
        seconds, nanoseconds = struct.unpack(">II", data)
        return seconds + nanoseconds / 1e9 if nanoseconds else seconds
    return data


def _as_json(value: Json, depth: int) -> bytes:
    """The map as JSON; RecursionError where it is nested deeper than that, or than `orjson` writes."""
    try:
        return orjson.dumps(value, default=_text)
    except orjson.JSONEncodeError:
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
    if not isinstance(value, dict | list | tuple):
        return value
    if not levels:
        raise RecursionError
    if isinstance(value, dict):
        return {str(_cleaned(key, levels - 1)): _cleaned(item, levels - 1) for key, item in value.items()}
    return [_cleaned(item, levels - 1) for item in value]
