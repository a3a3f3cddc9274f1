"""Bytes in, records out: the layers from gzip down to the record inside of its envelope.

    bytes ─ gunzip ─ UTF-8 ─┬─ JSON: by line, or by value ─┬─ envelopes ─> Found
                            └─ MessagePack ────────────────┘

Nothing that the bytes say raises, and no more is held than one unfinished value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from doorlog.intake.compression import GZIP_MAGIC, Gunzip, Unzippable
from doorlog.intake.encodings import to_utf8
from doorlog.intake.json_stream import JsonStream
from doorlog.intake.limits import Limits
from doorlog.intake.lookalikes import SKIPS
from doorlog.intake.packed_stream import PackedStream
from doorlog.intake.rejections import refused
from doorlog.record import Found, Reject

__all__ = ["SKIPS", "Intake", "Limits"]


class Intake:
    """Reads one stream (a file, or stdin).

    `auto` is JSON, or MessagePack where the first byte can only begin one of its maps; gzip of either is recognized in
    every format. `broken` turns true when the rest of the stream can't be read; what is fed then goes nowhere.
    """

    def __init__(self, limits: Limits | None = None, format: Literal["auto", "json", "msgpack"] = "auto") -> None:
        self._torn = False
        self._limits = limits or Limits()
        self._format = format
        self._head: bytes | None = b""
        self._gunzip: Gunzip | None = None
        self._content = _Content(self._limits, format)

    @property
    def broken(self) -> bool:
        """Whether the rest of the stream can't be read."""
        return self._torn or self._content.broken

    def feed(self, data: bytes) -> list[Found]:
        """What becomes complete with these bytes."""
        return list(self.read(data))

    def read(self, data: bytes) -> Iterable[Found]:
        """The same one by one, each read when it is asked for, as far as that can be: so it is at hand when it is used.

        It has to be taken to its end before more is fed.
        """
        if self._head is not None:
            data = self._head + data
            if data in (b"", GZIP_MAGIC[:1]):
                self._head = data
                return ()
            self._head = None
            self._gunzip = Gunzip(self._limits) if data.startswith(GZIP_MAGIC) else None
        if self.broken:
            return ()
        return self._content.feed(data) if self._gunzip is None else self._unzipped(self._gunzip, data)

    def end(self) -> list[Found]:
        """What was left at the end of the stream."""
        if self.broken:
            return []
        found = list(self._content.feed(self._head)) if self._head else []
        self._head = None
        try:
            if self._gunzip is not None:
                self._gunzip.end()
        except Unzippable as problem:
            return found + self._broken_off(problem)
        return found + self._content.end()

    def _unzipped(self, gunzip: Gunzip, data: bytes) -> Iterator[Found]:
        try:
            for piece in gunzip.feed(data):
                yield from self._content.feed(piece)
                if self._content.broken:
                    break
        except Unzippable as problem:
            yield from self._broken_off(problem)

    def _broken_off(self, problem: Unzippable) -> list[Found]:
        """What was readable before the problem, and one reject; a text that it tore is the reject's."""
        self._torn = True
        found = self._content.end()
        raw, line, index = b"", 1, 0
        if found:
            what, line, index, _ = found[-1]
            if isinstance(what, Reject) and what.reason in ("torn_text", "bad_msgpack") and isinstance(what.raw, bytes):
                raw = what.raw
                del found[-1]
            else:
                index += 1
        wrong = f"{problem.what} ({problem.option})" if problem.option else problem.what
        found.append((refused(problem.reason, "$", "gzip", wrong, raw), line, index, None))
        return found


class _Content:
    """What is left when the compression is off: UTF-16 becomes UTF-8, and the first byte tells the format."""

    def __init__(self, limits: Limits, format: str) -> None:
        self._limits = limits
        self._format = format
        self._head = b""
        self._recode: Callable[[bytes, bool], bytes] | None = None
        self._stream: JsonStream | PackedStream | None = None

    @property
    def broken(self) -> bool:
        return self._stream is not None and self._stream.broken

    def feed(self, data: bytes) -> Iterable[Found]:
        if self._stream is None:
            data = self._head + data
            if data in (b"", b"\xfe", b"\xff"):
                self._head = data
                return ()
            self._stream = self._opened(data)
        if self._recode is not None:
            data = self._recode(data, False)
        return self._stream.feed(data)

    def end(self) -> list[Found]:
        if self._stream is None:
            self._stream = JsonStream(self._limits)
            return [*self._stream.feed(self._head), *self._stream.end()]
        rest = self._stream.feed(self._recode(b"", True)) if self._recode is not None else ()
        return [*rest, *self._stream.end()]

    def _opened(self, data: bytes) -> JsonStream | PackedStream:
        packed = self._format == "msgpack" or (self._format == "auto" and _begins_map(data[0]))
        if packed:
            return PackedStream(self._limits)
        self._recode = to_utf8(data)
        return JsonStream(self._limits)


def _begins_map(byte: int) -> bool:
    """Whether a byte begins a MessagePack map; none of these can begin JSON in UTF-8."""
    return 0x80 <= byte <= 0x8F or byte in (0xDE, 0xDF)
