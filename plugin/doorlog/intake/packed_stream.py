"""A stream of MessagePack maps, as Fluentd's exec_filter writes them."""

from __future__ import annotations

import msgpack  # type: ignore[import-untyped]

from doorlog.intake.limits import KEPT_BYTES, KIB, Limits
from doorlog.intake.packed_value import opened, unpacker
from doorlog.intake.rejections import refused
from doorlog.record import Found

_SLICE = 64 * KIB


class PackedStream:
    """Reads maps; a stream that is damaged once can't be read on, as nothing in it says where a map begins."""

    def __init__(self, limits: Limits) -> None:
        self.broken = False
        self._limits = limits
        self._number = 0
        self._rest = bytearray()
        self._gone = 0
        self._unpacker = unpacker(limits.line_bytes + _SLICE)

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
                    self._break("too_long", f"at most {self._limits.line_bytes} bytes (--max-line-bytes)", found)
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
                self._break("too_long", f"at most {self._limits.line_bytes} bytes (--max-line-bytes)", found)
                return
            self._gone += size
            self._number += 1
            found += opened(value, bytes(self._rest[:size]), self._limits, self._number)
            del self._rest[:size]

    def _break(self, reason: str, expected: str, found: list[Found]) -> None:
        self.broken = True
        where = f"{expected}; byte {self._gone} of the stream"
        raw = bytes(self._rest[:KEPT_BYTES])
        found.append((refused(reason, "$", "msgpack", where, raw), self._number + 1, 0, None))
        self._rest.clear()
