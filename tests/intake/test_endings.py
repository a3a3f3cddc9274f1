"""A guess at where a value ends is only a guess: what is read stays the same without it."""

from __future__ import annotations

import json

import pytest
from intake_cases import records, sign_in, take

from doorlog.intake.endings import likely_end


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (b'{"a":{"b":1}}{"c":1}', 13),
        (b'{"a":1}\n{"b":1}', 7),
        (b"[1,[2]][3]", 7),
        (b"[1]\n", 3),
        (b'{\n "a": {\n }\n}\n', 14),
        (b"[\n [\n ]\n]\n[", 9),
        (b'{"a":1}', 0),
        (b"12\n", 0),
        (b'"a"}{', 0),
    ],
)
def test_a_value_likely_ends_before_the_next_one(data: bytes, end: int) -> None:
    assert likely_end(bytearray(data), 0, len(data)) == end
    assert likely_end(bytearray(b"xx" + data), 2, len(data) + 2) == (end + 2 if end else 0)


def test_values_are_read_right_where_the_guess_is_wrong() -> None:
    misleading = [sign_in(userAgent=agent) for agent in ("}{", "}\\n{", "]\n[", '"}{"', "\n}")]
    compact = b"".join(json.dumps(record).encode() for record in misleading)
    pretty = b"\n".join(json.dumps(record, indent=0).encode() for record in misleading)
    for data in (compact, pretty, compact + b"\n" + pretty, b"{}" + compact):
        for chunk in (0, 1, 50):
            assert records(take(data, chunk=chunk))[: len(misleading)] == misleading
