"""Messages of the Forward protocol as a server gets them, each brought to one form: a stream of entries.

An entry is a time and a record. PackedForward holds a stream of them, perhaps in gzip; the array of Forward is one
behind its header; Message is a single one. Nothing is unpacked here but what says where things are.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgpack  # type: ignore[import-untyped]

from doorlog.intake.compression import GZIP_MAGIC, Gunzip
from doorlog.intake.limits import KIB, Limits

PIECE = 64 * KIB
"""Entries are handed on in pieces of about this size, between which other clients have their turn."""

_NIL = b"\xc0"


class Nonsense(Exception):
    """What a client sent is no message of the protocol, or larger than is taken.

    The reason is one of `doorlog.relay.server.SENT_AWAY`, and the text says it in words.
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Message(NamedTuple):
    """One message: whose entries, the chunk id to confirm (as it came, None if there is none), and the entries."""

    tag: str
    chunk: bytes | None
    entries: memoryview
    head: bytes = b""
    """The bytes that make the entries of a Message one entry; they stand before them."""


class Framer:
    """Cuts a client's bytes into whole messages, and holds no more than one that is unfinished."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._unpacker = msgpack.Unpacker(raw=True, max_buffer_size=most + 2 * PIECE)
        self._held = bytearray()
        self._gone = 0

    @property
    def held(self) -> int:
        """How many bytes of an unfinished message are here."""
        return len(self._held)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that became whole with these bytes. Raises Nonsense."""
        self._held += data
        try:
            self._unpacker.feed(data)
            while True:
                self._unpacker.skip()
                size = self._unpacker.tell() - self._gone
                self._gone += size
                whole = bytes(self._held[:size])
                del self._held[:size]
                # A single nil is an old heartbeat.
                if whole != _NIL:
                    yield whole
        except msgpack.OutOfData:
            pass
        except (ValueError, MemoryError, msgpack.UnpackException):
            raise Nonsense("not_msgpack", "no MessagePack") from None
        if len(self._held) > self._most:
            raise Nonsense("too_large", f"a message of more than {self._most} bytes")


def read(raw: bytes) -> Message:
    """The message; without entries where it is one of metrics or traces, which hold no records. Raises Nonsense."""
    unpacker = msgpack.Unpacker(raw=True, strict_map_key=False, max_buffer_size=len(raw))
    unpacker.feed(raw)
    try:
        length = unpacker.read_array_header()
        tag = unpacker.unpack()
        begin = unpacker.tell()
        kind = raw[begin]
        unpacker.skip()
        end = unpacker.tell()
        view = memoryview(raw)
        if _is_blob(kind) or (_is_array(kind) and not _is_time(raw, begin)):
            option = _option(unpacker, length, 2)
            content, head = view[begin + _header(raw, begin) : end], b""
        else:
            unpacker.skip()
            end = unpacker.tell()
            option = _option(unpacker, length, 3)
            content, head = view[begin:end], b"\x92"
    except (ValueError, IndexError, TypeError, msgpack.UnpackException, msgpack.OutOfData):
        raise Nonsense("wrong_form", "a message of another form") from None
    if not isinstance(tag, bytes):
        raise Nonsense("wrong_form", "a message without a tag")
    if option.get(b"fluent_signal", 0) != 0:
        return Message(tag.decode("utf-8", "replace"), option.get(b"chunk"), view[:0])
    return Message(tag.decode("utf-8", "replace"), option.get(b"chunk"), content, head)


def pieces(message: Message, limits: Limits) -> Iterator[bytes]:
    """The entries in pieces of whole ones, unpacked where they are in gzip. Raises Unzippable, after what was readable.

    What is no entry is in the last piece, as it came.
    """
    if message.head:
        yield message.head + message.entries
        return
    if message.entries[:2] != GZIP_MAGIC:
        yield from _cut(iter((message.entries,)))
        return
    gunzip = Gunzip(limits)
    yield from _cut(gunzip.feed(bytes(message.entries)))
    gunzip.end()


def _cut(content: Iterator[bytes | memoryview]) -> Iterator[bytes]:
    rest = bytearray()
    for data in content:
        for at in range(0, len(data), PIECE):
            rest += data[at : at + PIECE]
            if len(rest) >= PIECE:
                size = _whole(rest)
                if size:
                    yield bytes(rest[:size])
                    del rest[:size]
    if rest:
        yield bytes(rest)


def _whole(data: bytearray) -> int:
    """How many of these bytes are whole entries."""
    unpacker = msgpack.Unpacker(raw=True, max_buffer_size=len(data))
    unpacker.feed(data)
    end = 0
    try:
        while True:
            unpacker.skip()
            end = unpacker.tell()
    except (ValueError, msgpack.OutOfData, msgpack.UnpackException):
        return end


def _option(unpacker: msgpack.Unpacker, length: int, before: int) -> dict[bytes, Any]:
    if length == before:
        return {}
    if length != before + 1:
        raise ValueError
    option = unpacker.unpack()
    if option is None:
        return {}
    if not isinstance(option, dict) or not isinstance(option.get(b"chunk", b""), bytes):
        raise ValueError
    return option


def _is_blob(kind: int) -> bool:
    """Whether a byte begins str or bin: Fluentd packs entries as the one, others as the other."""
    return 0xA0 <= kind <= 0xBF or kind in (0xD9, 0xDA, 0xDB, 0xC4, 0xC5, 0xC6)


def _is_array(kind: int) -> bool:
    return 0x90 <= kind <= 0x9F or kind in (0xDC, 0xDD)


def _is_time(raw: bytes, at: int) -> bool:
    """Whether an array is a time with metadata, which begins with no array; entries are arrays."""
    inner = raw[at + _header(raw, at)] if raw[at] != 0x90 else 0x90
    return not _is_array(inner)


def _header(raw: bytes, at: int) -> int:
    """How many bytes stand before the content of the str, bin or array that begins there."""
    kind = raw[at]
    if 0x90 <= kind <= 0xBF:
        return 1
    return {0xD9: 2, 0xC4: 2, 0xDA: 3, 0xC5: 3, 0xDC: 3}.get(kind, 5)


def nanoseconds(time: bytes) -> int | None:
    """The time of an entry as it was packed, in nanoseconds since 1970; None where it is none."""
    try:
        value = msgpack.unpackb(time, strict_map_key=False)
    except (ValueError, msgpack.UnpackException):
        return None
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, msgpack.ExtType) and value.code == 0 and len(value.data) == 8:
        seconds, rest = struct.unpack(">II", value.data)
        return int(seconds) * 1_000_000_000 + int(rest)
    if isinstance(value, int | float) and abs(value) < 2**40:
        return int(value * 1_000_000_000)
    return None
