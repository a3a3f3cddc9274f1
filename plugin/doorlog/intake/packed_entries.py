"""The entries of a Fluentd event stream: pairs of a time and a record, one behind the other, as MessagePack."""

from __future__ import annotations

import msgpack  # type: ignore[import-untyped]

from doorlog.intake.limits import KEPT_BYTES, Limits
from doorlog.intake.packed_value import opened, unpacker
from doorlog.intake.rejections import refused
from doorlog.record import Carried, Found

_UNREADABLE = (ValueError, TypeError, MemoryError, msgpack.OutOfData, msgpack.UnpackException)


def entries(stream: bytes, limits: Limits) -> list[Found]:
    """What the entries hold, each found with its entry's number (from 1) and, untouched, the bytes of its time.

    An entry that can't be read is a reject; so is all that follows a place where no entry can begin.
    """
    found: list[Found] = []
    reader, start, at, number = _reader(stream), 0, 0, 0
    while at < len(stream):
        number += 1
        try:
            if reader.read_array_header() != 2:
                raise ValueError
            begin = start + reader.tell()
            reader.skip()
            middle = start + reader.tell()
            record = reader.unpack()
            end = start + reader.tell()
        except _UNREADABLE:
            end = at + _length(stream[at:])
            raw = stream[at : min(end, at + KEPT_BYTES)]
            reject = refused("bad_msgpack", "$", "msgpack", f"a time and a record; byte {at} of the batch", raw)
            found.append((reject, number, 0, None))
            reader, start = _reader(stream[end:]), end
        else:
            carried = Carried(None, stream[begin:middle])
            for what, line, index, _ in opened(record, stream[middle:end], limits, number):
                found.append((what, line, index, carried))
        at = end
    return found


def _reader(stream: bytes) -> msgpack.Unpacker:
    reader = unpacker(len(stream) or 1)
    reader.feed(stream)
    return reader


def _length(stream: bytes) -> int:
    """How far the first value goes, or all of it if there is no telling."""
    reader = _reader(stream)
    try:
        reader.skip()
    except _UNREADABLE:
        return len(stream)
    return int(reader.tell())
