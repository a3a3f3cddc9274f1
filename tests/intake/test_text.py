"""What JSON is: `orjson`'s reading, with bad encoding repaired where it shows, and a limit of depth."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import orjson
import pytest
from intake_cases import named, records, rejects, sign_in, take

from doorlog.intake import Limits
from doorlog.intake.text import Unreadable, extent, read


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (b"a\xffb", "a\ufffdb"),
        (b"a\xc3", "a\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xc0\xaf", "\ufffd\ufffd"),
        (b"\xf5\x80\x80\x80", "\ufffd" * 4),
        (rb"\ud800", "\ufffd"),
        (rb"a\udc00b", "a\ufffdb"),
        (rb"\ud83d\ude00", "\U0001f600"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\\ud800", r"\ud800"),
        (rb"\\\ud800", "\\\ufffd"),
        (b"\\ud800\xff", "\ufffd\ufffd"),
        (rb"\u0000", "\x00"),
        ("ü\u2028\U0001f600".encode(), "ü\u2028\U0001f600"),
        (b"\x7f", "\x7f"),
    ],
)
@pytest.mark.parametrize("layout", [b"%s\n", b"{}\n%s\n", b"{}{}%s", b"[%s]", b'{"Records":[%s]}'])
def test_bad_encoding_is_repaired_where_it_shows_instead_of_lost(agent: bytes, expected: str, layout: bytes) -> None:
    record = json.dumps(sign_in(userAgent="AGENT")).encode().replace(b"AGENT", agent)
    [found] = records(take(layout % record))
    assert found == sign_in(userAgent=expected)


@pytest.mark.parametrize(
    "value",
    [
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1e999",
        b"1" * 5000,
        b"01",
        b"+1",
        b".5",
        b"'a'",
        b'"a\tb"',
        b'"\x00"',
        b"True",
        b"undefined",
    ],
)
@pytest.mark.parametrize("place", [b'{"a":%s}', b"[%s]", b"[[1,%s]]"])
def test_what_is_no_json_is_rejected(value: bytes, place: bytes) -> None:
    text = place % value
    found = take(b"{}\n" + text + b"\n{}\n")
    assert named(found) == ["skip not-cloudtrail", "reject not_json", "skip not-cloudtrail"]


@pytest.mark.parametrize("value", [b'"\\x41"', b"{a:1}", b"/**/1", b"[1,]", b'{"a":1,}'])
def test_other_dialects_are_rejected(value: bytes) -> None:
    assert named(take(b"{}\n[" + value + b"]\n{}\n"))[1:] == ["reject not_json", "skip not-cloudtrail"]


def test_integers_beyond_64_bits_become_floats_and_the_last_of_duplicate_keys_wins() -> None:
    assert read(b'{"a":18446744073709551615,"b":18446744073709551616,"a":1}', 64) == {"a": 1, "b": 2.0**64}


@pytest.mark.parametrize("mark", ["utf-16", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read(mark: str) -> None:
    text = "\ufeff" if mark == "utf-16-be" else ""
    text += "".join(json.dumps(sign_in(name), ensure_ascii=False) + "\r\n" for name in ("alice", "böb\U0001f600"))
    for chunk in (0, 1, 7):
        assert records(take(text.encode(mark), chunk=chunk)) == [sign_in("alice"), sign_in("böb\U0001f600")]


def test_utf_16_without_a_mark_is_no_json() -> None:
    assert "record" not in named(take(json.dumps(sign_in()).encode("utf-16-le")))


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"b":1},'])
@pytest.mark.parametrize("depth", [1, 63, 64, 65, 200, 900, 1100, 1_000_000])
def test_the_depth_limit_is_exact_and_quick(opening: bytes, depth: int) -> None:
    closing = b"}" if opening.startswith(b"{") else b"]"
    inside = b"{}" if opening.endswith(b",") else b"1"
    text = opening * depth + inside + closing * depth
    levels = depth + opening.endswith(b",")
    started = time.perf_counter()
    value = read(text, 64)
    assert time.perf_counter() - started < 2
    assert (isinstance(value, Unreadable) and value.reason == "too_deep") == (levels > 64)
    assert named(take(text + b"\n{}\n"))[0] == ("reject too_deep" if levels > 64 else "skip not-cloudtrail")


@pytest.mark.parametrize("depth", [2, 64, 65])
@pytest.mark.parametrize("filler", [1, 100_000])
def test_brackets_in_strings_are_no_depth(depth: int, filler: int) -> None:
    strings = ['{[{["', "\\", '\\"', "}]" * 50]
    value: Any = strings + [[]] * filler
    for _ in range(depth - 2):
        value = [value, "]" * 200]
    expected = depth <= 64
    assert isinstance(read(orjson.dumps(value), 64), Unreadable) != expected


def test_the_limit_of_depth_can_be_set() -> None:
    found = take(b"[[[1]]]", Limits(depth=2))
    assert named(found) == ["reject too_deep"]
    assert rejects(found)[0].problems[0].expected.startswith("at most 2 levels (--max-depth); line 1, column ")
    assert named(take(b"[[[1]]]", Limits(depth=3))) == ["skip not-cloudtrail"]
    assert named(take(b"[" * 1000 + b"{}" + b"]" * 1000, Limits(depth=1000)))[0].startswith("reject too_deep")


@pytest.mark.parametrize("text", [b"1],[2", b"]]][[[", b"1,2", b"[1],[2]", b"1]", b"[1"])
def test_a_long_text_can_t_close_brackets_that_are_not_its_own(text: bytes) -> None:
    long = text + b" " * 20_000 + b'"' + b"[" * 70 + b'"'
    assert isinstance(read(long, 64), Unreadable)
    assert isinstance(read(b'"' + b"[" * 70 + b'"' + b" " * 20_000 + b"," + text, 64), Unreadable)


def test_every_beginning_of_a_value_is_partial() -> None:
    text = (
        rb'{"a":[1,-2.5e+10,true,false,null,"\u00e9\n\"y\ud83d\ude00",{"b":{}},[]],"c":"' + "é\u2028".encode() + b'"}'
    )
    assert json.loads(text)["a"][1] == -2.5e10
    assert [extent(text[:end]).kind for end in range(1, len(text))] == ["partial"] * (len(text) - 1)
    assert extent(text + b" \n" + text[:3]) == ("whole", len(text), "")


def test_numbers_are_finite() -> None:
    assert math.isfinite(read(b"1e308", 64))
    assert isinstance(read(b"1e309", 64), Unreadable)
