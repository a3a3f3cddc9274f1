"""The way that a record comes doesn't change its events: its envelope, JSON or MessagePack, compression, any chunks."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from leaves import Json
from odd_records import records
from test_properties import SETTINGS

from doorlog.intake import Intake
from doorlog.normalize import Normalizer
from doorlog.outputs.encode import json_lines, messagepack
from doorlog.record import Reject, Skip

sys.path.append(str(Path(__file__).resolve().parents[1] / "intake"))

from intake_cases import CARRIERS

CARRIED = sorted(CARRIERS)


def carried(record: Json, carrier: str, packed: bool, zipped: bool) -> bytes:
    """The record in a carrier, as bytes."""
    value = CARRIERS[carrier]([record])
    data: bytes = msgpack.packb({"record": value}) if packed else json.dumps(value).encode()
    return gzip.compress(data, mtime=0) if zipped else data


def arrived(data: bytes, chunk: int) -> Any:
    """The one thing that a stream gives, fed in chunks of that size."""
    intake = Intake()
    found = [one for at in range(0, len(data), chunk) for one in intake.feed(data[at : at + chunk])] + intake.end()
    (only,) = (what for what, *_ in found)
    return only


def outcome(normalize: Normalizer, record: Json) -> Any:
    """The bytes of the events, the name of a skip, or why it is a reject."""
    result = normalize(record)
    if isinstance(result, Skip):
        return result.name
    return (result.reason, result.problems) if isinstance(result, Reject) else orjson.dumps(result)


@SETTINGS
@given(
    record=records(),
    carrier=st.sampled_from(CARRIED),
    packed=st.booleans(),
    zipped=st.booleans(),
    chunk=st.sampled_from([7, 100, 1_000_000]),
)
def test_any_record_gives_the_same_in_any_carrier(
    normalize: Normalizer, record: Json, carrier: str, packed: bool, zipped: bool, chunk: int
) -> None:
    data = carried(record, carrier, packed, zipped)
    assert outcome(normalize, arrived(data, max(chunk, len(data) // 500))) == outcome(normalize, record)


@pytest.mark.parametrize("carrier", CARRIED)
def test_our_records_give_the_same_in_every_carrier(
    normalize: Normalizer, our_records: dict[str, Json], carrier: str
) -> None:
    for name, record in our_records.items():
        direct = outcome(normalize, record)
        for packed in (False, True):
            assert outcome(normalize, arrived(carried(record, carrier, packed, False), 4096)) == direct, name


@SETTINGS
@given(record=records())
def test_any_event_is_the_same_in_json_and_in_messagepack(normalize: Normalizer, record: Json) -> None:
    events = normalize(record)
    for event in () if isinstance(events, Skip | Reject) else events:
        assert event is not None
        assert orjson.loads(json_lines([event])) == event
        assert msgpack.unpackb(messagepack()([event])) == event
