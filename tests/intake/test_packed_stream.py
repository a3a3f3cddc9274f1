"""MessagePack maps are read as Fluentd writes them; a stream that is damaged once is given up."""

from __future__ import annotations

import gzip
import struct
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from intake_cases import CARRIERS, counted, named, records, rejects, sign_in, take

from doorlog.intake import Intake, Limits
from doorlog.record import Carried


def stream(*values: Any) -> bytes:
    return b"".join(msgpack.packb(value) for value in values)


@pytest.mark.parametrize("format", ["auto", "msgpack"])
@pytest.mark.parametrize("chunk", [0, 1, 100])
def test_each_map_gives_its_record(format: str, chunk: int) -> None:
    found = take(stream(sign_in("alice"), sign_in("anaya"), {"x": 1}), format=format, chunk=chunk)
    assert records(found) == [sign_in("alice"), sign_in("anaya")]
    assert [(line, index) for _, line, index, _ in found] == [(1, 0), (2, 0), (3, 0)]
    assert named(found)[-1] == "skip not-cloudtrail"


def test_maps_may_hold_any_carrier() -> None:
    for put in CARRIERS.values():
        assert records(take(stream({"record": put([sign_in(), sign_in("anaya")])}))) == [sign_in(), sign_in("anaya")]
    assert records(take(gzip.compress(stream(sign_in())))) == [sign_in()]
    assert records(take(stream({str(key): key for key in range(70_000)}, sign_in()))) == [sign_in()]


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (b"bytes", "bytes"),
        (b"a\xffb", "a\ufffdb"),
        ([b"\xff"], ["\ufffd"]),
        ({"deep": [{"er": b"\xc3"}]}, {"deep": [{"er": "\ufffd"}]}),
        (msgpack.ExtType(0, struct.pack(">II", 1714637730, 0)), 1714637730),
        (msgpack.ExtType(0, struct.pack(">II", 1714637730, 250_000_000)), 1714637730.25),
        (msgpack.ExtType(0, b"odd"), "odd"),
        (msgpack.ExtType(9, b"text"), "text"),
        (msgpack.Timestamp(1714637730, 500_000_000), 1714637730.5),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        ({"deep": [0.5, float("nan")]}, {"deep": [0.5, "NaN"]}),
        (2**64 - 1, 2**64 - 1),
        ({1: "one"}, {"1": "one"}),
        ({b"key": 1}, {"key": 1}),
        ("\u2028\x00", "\u2028\x00"),
    ],
)
def test_values_come_out_as_json_has_them(packed: Any, expected: Any) -> None:
    assert records(take(stream(sign_in(userAgent=packed)))) == [sign_in(userAgent=expected)]


@pytest.mark.parametrize("text", [b"a\xffb", b"\xed\xa0\x80", b"\xc3"])
def test_text_that_is_not_utf_8_is_repaired_where_it_shows(text: bytes) -> None:
    packed = stream(sign_in(userAgent="~" * len(text))).replace(b"~" * len(text), text)
    [record] = records(take(packed))
    assert record == sign_in(userAgent=text.decode("utf-8", "replace"))


def test_tag_and_time_are_carried() -> None:
    time = msgpack.ExtType(0, struct.pack(">II", 1714637730, 0))
    found = take(stream({**sign_in(), "__tag": b"aws.trail", "__time": time}))
    assert found == [(sign_in(), 1, 0, Carried("aws.trail", 1714637730))]


@pytest.mark.parametrize(
    "damage", [b"\xc1", b"\x05", b"\xa1x", b"\x91\x80", b"\xc0", b'{"a":1}\n', b"\x81\xdd\xff\xff\xff\xff"]
)
@pytest.mark.parametrize("chunk", [0, 1])
def test_damage_is_one_reject_and_the_end_of_the_stream(damage: bytes, chunk: int) -> None:
    found = take(stream(sign_in()) + damage + stream(sign_in()), format="msgpack", chunk=chunk)
    assert named(found) == ["record", "reject bad_msgpack"]
    intake = Intake(format="msgpack")
    intake.feed(stream(sign_in()))
    assert not intake.broken
    intake.feed(damage + stream(sign_in()))
    assert intake.broken
    assert intake.feed(stream(sign_in())) == intake.end() == []


def test_a_stream_that_stops_within_a_map_is_one_reject() -> None:
    data = stream(sign_in(), sign_in())
    found = take(data[:-5])
    assert named(found) == ["record", "reject bad_msgpack"]
    assert (
        rejects(found)[0].problems[0].expected == f"the stream stops within a map; byte {len(data) // 2} of the stream"
    )
    assert rejects(found)[0].raw == data[len(data) // 2 : -5]


def test_a_map_over_the_limit_ends_the_stream() -> None:
    limits = Limits(line_bytes=2000)
    for long in (sign_in(userAgent="x" * 2000), sign_in(userAgent="x" * 500_000)):
        found = take(stream(sign_in(), long, sign_in()), limits)
        assert named(found) == ["record", "reject too_long"]
        assert rejects(found)[0].problems[0].expected.startswith("at most 2000 bytes (--max-line-bytes); byte ")
    whole = stream(sign_in())
    assert counted(take(whole * 100, Limits(line_bytes=len(whole)), chunk=33)) == {"record": 100}


@pytest.mark.parametrize("depth", [64, 65, 300, 700, 5000])
def test_the_limit_of_depth_holds(depth: int) -> None:
    packed = b"\x81\xa1a" * depth + b"\x01"
    found = take(packed + stream(sign_in()), format="msgpack")
    if depth == 5000:
        assert named(found) == ["reject bad_msgpack"]
    else:
        assert named(found) == ["skip not-cloudtrail" if depth == 64 else "reject too_deep", "record"]
        assert all("at most 64 levels (--max-depth)" in one.problems[0].expected for one in rejects(found))
