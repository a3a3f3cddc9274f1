"""An instant as nearly all records write it is told quickly, and is one that the schema takes."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorlog.mapping.instants import USUAL, instant_ns, is_usual, rfc3339
from doorlog.mapping.proof import TAKES_INSTANTS
from doorlog.schema import RecordSchema

SCHEMA = RecordSchema()
CHARACTERS = st.sampled_from("0123456789-T:Z .+Ww٣\n")
EDGES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T00:00:00Z", "2000-02-29T00:00:00Z"]


def taken(text: str) -> bool:
    record = {"eventTime": text, "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com"}
    return not SCHEMA.problems(record)


def holds_for(text: str) -> bool:
    """What the expression says that stands in compiled functions."""
    try:
        return bool(eval(USUAL, {"HELD": text, "ISO": datetime.fromisoformat}))
    except ValueError:
        return False


@pytest.mark.parametrize("text", EDGES)
def test_the_first_and_the_last_and_leap_days_are_usual(text: str) -> None:
    assert is_usual(text)
    assert holds_for(text)
    assert taken(text)


@settings(max_examples=300, deadline=None)
@given(st.datetimes(timezones=st.just(timezone.utc)), st.lists(st.tuples(st.integers(0, 19), CHARACTERS), max_size=2))
def test_what_is_usual_is_taken_by_the_schema_and_is_its_own_rfc_3339_form(
    moment: datetime, changes: list[tuple[int, str]]
) -> None:
    characters = list(f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z")
    for place, character in changes:
        characters[place] = character
    text = "".join(characters)
    assert is_usual(text) == holds_for(text)
    if is_usual(text):
        assert taken(text)
        assert rfc3339(text) == text
        assert instant_ns(text) is not None


def test_only_the_time_of_the_event_is_said_to_take_them() -> None:
    properties = SCHEMA.document["properties"]
    assert [name for name, part in properties.items() if part.get(TAKES_INSTANTS)] == ["eventTime"]
