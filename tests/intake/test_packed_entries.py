"""A Fluentd event stream is read entry by entry, and one that can't be read costs no other."""

from __future__ import annotations

import struct
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from intake_cases import named, records, rejects, sign_in

from doorlog.intake import Limits
from doorlog.intake.packed_entries import entries
from doorlog.record import Carried

TIME = msgpack.packb(msgpack.ExtType(0, struct.pack(">II", 1714637730, 1)))


def entry(record: Any, time: bytes = TIME) -> bytes:
    return b"\x92" + time + bytes(msgpack.packb(record))


@pytest.mark.parametrize("time", [TIME, b"\xc7\x08" + TIME[1:], b"\x05", b"\x92" + TIME + b"\x80"])
def test_each_record_carries_its_entrys_time_as_it_came(time: bytes) -> None:
    found = entries(entry(sign_in(), time) + entry({"Records": [sign_in("anaya"), sign_in()]}, time), Limits())
    assert records(found) == [sign_in(), sign_in("anaya"), sign_in()]
    assert [(line, index, carried) for _, line, index, carried in found] == [
        (1, 0, Carried(None, time)),
        (2, 0, Carried(None, time)),
        (2, 1, Carried(None, time)),
    ]


@pytest.mark.parametrize("odd", [b"\x05", b"\x93\x01\x80\x80", b"\x92\x01\x81\x80\x01", b"\xa3abc"])
def test_a_value_that_is_no_entry_is_a_reject_and_the_next_is_read(odd: bytes) -> None:
    found = entries(entry(sign_in()) + odd + entry(sign_in("anaya")), Limits())
    assert named(found) == ["record", "reject bad_msgpack", "record"]
    assert rejects(found)[0].raw == odd
    assert [line for _, line, _, _ in found] == [1, 2, 3]


@pytest.mark.parametrize("torn", [b"\xc1", b"\x92", b"\x92\x01", b"\x92\x01\x82\xa1a", b"\x92\x01\xdf\xff\xff\xff\xff"])
def test_where_no_entry_can_begin_the_rest_is_one_reject(torn: bytes) -> None:
    found = entries(entry(sign_in()) + torn, Limits())
    assert named(found) == ["record", "reject bad_msgpack"]
    assert rejects(found)[0].raw == torn


def test_an_empty_stream_holds_nothing() -> None:
    assert entries(b"", Limits()) == []
