"""Every form of message that Forward has comes down to one stream of entries."""

from __future__ import annotations

import gzip
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from relay_process import event_time

from doorlog.intake import Limits
from doorlog.intake.compression import Unzippable
from doorlog.relay.messages import PIECE, Framer, Message, Nonsense, nanoseconds, pieces, read

ENTRIES = [[event_time(), {"a": 1}], [7, {"b": "é"}], [[event_time(), {"meta": "data"}], {"c": [1, [2]]}]]
STREAM = b"".join(map(msgpack.packb, ENTRIES))


def stream(message: Message) -> bytes:
    return b"".join(pieces(message, Limits()))


def raw_text(data: bytes) -> bytes:
    """As a str of any bytes, which is how Fluentd sends entries."""
    return b"\xdb" + len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize(
    "second",
    [
        msgpack.packb(ENTRIES),
        b"\xdc\x00\x03" + STREAM,
        b"\xdd\x00\x00\x00\x03" + STREAM,
        msgpack.packb(STREAM),
        b"\xc5" + len(STREAM).to_bytes(2, "big") + STREAM,
        b"\xc6" + len(STREAM).to_bytes(4, "big") + STREAM,
        b"\xda" + len(STREAM).to_bytes(2, "big") + STREAM,
        raw_text(STREAM),
        msgpack.packb(gzip.compress(STREAM)),
        msgpack.packb(gzip.compress(STREAM[:10]) + gzip.compress(STREAM[10:])),
        raw_text(gzip.compress(STREAM)),
    ],
)
@pytest.mark.parametrize(
    ("option", "chunk"),
    [(b"", None), (msgpack.packb(None), None), (msgpack.packb({"chunk": "x==\n", "size": 3}), b"x==\n")],
)
def test_entries_come_out_as_they_went_in(second: bytes, option: bytes, chunk: bytes | None) -> None:
    raw = bytes([0x92 + bool(option)]) + msgpack.packb("tag") + second + option
    message = read(raw)
    assert (message.tag, message.chunk, stream(message)) == ("tag", chunk, STREAM)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_message_of_one_event_is_a_stream_of_one_entry(entry: list[Any]) -> None:
    assert stream(read(msgpack.packb(["tag", *entry]))) == msgpack.packb(entry)
    message = read(msgpack.packb(["tag", *entry, {"chunk": "c"}]))
    assert (message.chunk, stream(message)) == (b"c", msgpack.packb(entry))


def test_no_entries_are_no_pieces() -> None:
    for empty in ([], b"", ""):
        assert list(pieces(read(msgpack.packb(["tag", empty, {"chunk": "c"}])), Limits())) == []


def test_metrics_and_traces_hold_no_records() -> None:
    assert stream(read(msgpack.packb(["tag", STREAM, {"fluent_signal": 1, "chunk": "c"}]))) == b""
    assert stream(read(msgpack.packb(["tag", STREAM, {"fluent_signal": 0, "chunk": "c"}]))) == STREAM


@pytest.mark.parametrize(
    "message",
    [
        1,
        None,
        "text",
        {},
        [],
        ["tag"],
        [1, STREAM],
        ["tag", STREAM, 7],
        ["tag", STREAM, {"chunk": 7}],
        ["tag", STREAM, {}, 1],
        ["tag", 7],
        ["tag", 7, {}, {}, 1],
    ],
)
def test_anything_else_is_nonsense(message: Any) -> None:
    with pytest.raises(Nonsense):
        read(msgpack.packb(message))


@given(st.lists(st.integers(0, 2**20), max_size=5), st.integers(1, 100_000))
def test_messages_are_found_however_their_bytes_come(sizes: list[int], at_once: int) -> None:
    messages = [msgpack.packb(["tag", b"x" * size, {}]) for size in sizes]
    sent = b"\xc0".join(messages)
    framer = Framer(2**21)
    at_once = max(at_once, len(sent) // 200)
    found = [raw for at in range(0, len(sent), at_once) for raw in framer.feed(sent[at : at + at_once])]
    assert found == messages
    assert framer.held == 0


def test_a_message_that_is_too_large_or_none_is_nonsense() -> None:
    framer = Framer(100_000)
    with pytest.raises(Nonsense, match="more than 100000 bytes"):
        for _ in range(10):
            list(framer.feed(b"\x93\xa1t\xc6\x00\xff\xff\xff" + b"x" * 20_000))
    with pytest.raises(Nonsense, match="no MessagePack"):
        list(Framer(1000).feed(b"\xc1GET / HTTP/1.1\r\n\r\n"))


def test_large_streams_come_in_pieces_of_whole_entries() -> None:
    entries = [msgpack.packb([number, {"pad": "x" * (number % 3000)}]) for number in range(2000)]
    large = msgpack.packb([1, {"pad": "y" * 3 * PIECE}])
    whole = b"".join(entries[:1000]) + large + b"".join(entries[1000:])
    for content in (whole, gzip.compress(whole)):
        found = list(pieces(read(msgpack.packb(["tag", content, {}])), Limits()))
        assert b"".join(found) == whole
        assert len(found) > 20
        for piece in found:
            unpacker = msgpack.Unpacker(strict_map_key=False, max_buffer_size=len(piece))
            unpacker.feed(piece)
            assert all(len(entry) == 2 for entry in unpacker)
            assert unpacker.tell() == len(piece)


def test_damaged_gzip_gives_what_was_readable_and_then_says_so() -> None:
    damaged = gzip.compress(STREAM * 10_000)[:-20]
    found: list[bytes] = []
    with pytest.raises(Unzippable):
        for piece in pieces(read(msgpack.packb(["tag", damaged, {}])), Limits()):
            found.append(piece)
    assert (STREAM * 10_000).startswith(b"".join(found))
    assert len(found) > 3


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (event_time(7, 8), 7_000_000_008),
        ([event_time(7, 8), {"meta": "data"}], 7_000_000_008),
        (7, 7_000_000_000),
        (-7, -7_000_000_000),
        (7.5, 7_500_000_000),
        (msgpack.ExtType(1, b"12345678"), None),
        (float("nan"), None),
        ("yesterday", None),
        ([], None),
        (2**63, None),
    ],
)
def test_the_time_of_an_entry_is_read_whatever_form_it_has(time: Any, expected: int | None) -> None:
    assert nanoseconds(msgpack.packb(time)) == expected
    assert nanoseconds(b"\xc1") is None
