"""The fast check and the authority agree on every record, however it was bent."""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from doorlog.mapping.instants import instant_ns
from doorlog.record import Json
from doorlog.schema import RecordSchema

SCHEMA = RecordSchema()
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "signins.ndjson"
RECORDS: list[Json] = [json.loads(line) for line in EXAMPLES.read_bytes().splitlines()] + SCHEMA.document["examples"]

DIGITS = ["2024", "0000", "1900", "02", "29", "06", "31", "13", "05", "60", "00", "20240610", "130500", "123456789"]
TIME_PIECES = [*DIGITS, "-", "T", " ", ":", ".", "Z", "+05:30", "-0730", "\n", "\u0662", "\u2028", "\x00", "\uff11"]
TEXTS = st.one_of(
    st.sampled_from(["", "\n", "x\n", "\u0661\u0662", "a" * 40, "null", "\U0001f600", "2016-12-31T23:59:60Z"]),
    st.lists(st.sampled_from(TIME_PIECES), max_size=14).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(min_value=-(2**63), max_value=2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


def objects(value: Any) -> Iterator[Json]:
    """Each object in a value, itself included."""
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from objects(below)


@st.composite
def bent_records(draw: st.DrawFn) -> Json:
    """One of our records with one to four members taken away, put in, or given another value."""
    record = copy.deepcopy(draw(st.sampled_from(RECORDS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(list(objects(record))))
        name = draw(st.one_of(st.sampled_from(sorted(place) or ["new"]), st.sampled_from(["eventTime", "type"]), TEXTS))
        if draw(st.booleans()):
            place[name] = draw(VALUES)
        else:
            place.pop(name, None)
    return record


def agrees(record: Json) -> bool:
    """Whether both say the same of this record."""
    return SCHEMA.proves(record) == (not SCHEMA.problems(record))


@settings(max_examples=500, deadline=None)
@given(bent_records())
@example({**RECORDS[0], "eventID": 10**300, "new": -(10**300)})
def test_both_checks_agree_on_bent_records(record: Json) -> None:
    assert agrees(record)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("2024-06-10T13:05:00Z\n")
@example("2024-06-10T13:05:00\u0660Z")
def test_both_checks_agree_on_every_text_as_time(time: str) -> None:
    record = {**RECORDS[0], "eventTime": time}
    assert agrees(record)
    # A leap second is a possible instant, but events can't carry it; it becomes a reject of its own.
    assert not SCHEMA.proves(record) or instant_ns(time) is not None or re.search("[0-9]{2}:?[0-9]{2}:?60", time)


def test_both_checks_agree_on_deep_nesting() -> None:
    deep = json.loads("[" * 300 + "]" * 300)
    assert agrees({**RECORDS[0], "resources": deep}) and agrees({**RECORDS[0], "eventID": deep})


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(SCHEMA.document["properties"])), VALUES))
def test_both_checks_agree_on_invented_records(record: Json) -> None:
    assert agrees(record)


@settings(max_examples=200, deadline=None)
@given(st.datetimes(), st.sampled_from(["", ".0", ".123456789"]), st.sampled_from(["", "Z", "+05:30", "-0730"]))
def test_every_real_time_is_accepted_and_can_be_read(moment: datetime.datetime, fraction: str, zone: str) -> None:
    whole = moment.replace(microsecond=0)
    spellings = [whole.isoformat(), whole.isoformat(" "), whole.isoformat().replace("-", "").replace(":", "")]
    for time in (f"{text}{fraction}{zone}" for text in spellings):
        assert SCHEMA.proves({**RECORDS[0], "eventTime": time})
        assert instant_ns(time) is not None


@settings(max_examples=500, deadline=None)
@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
def test_exactly_the_days_that_exist_are_accepted(year: int, month: int, day: int) -> None:
    try:
        datetime.date(year, month, day)
        exists = True
    except ValueError:
        exists = False
    assert SCHEMA.proves({**RECORDS[0], "eventTime": f"{year:04}-{month:02}-{day:02}T00:00:00Z"}) == exists
