"""Of some records, the events of further targets stand beside them, too: each is exactly what the record becomes."""

from __future__ import annotations

import json

import pytest
from test_golden import HERE, RECORDS, written

from doorlog.normalize import Normalizer, normalizer

TARGETS = ("cim", "asim", "udm")
GOLDEN = [
    file for file in RECORDS if any(file.with_suffix("").with_suffix(f".{one}.json").is_file() for one in TARGETS)
]


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(TARGETS)


@pytest.mark.parametrize(
    "file", GOLDEN, ids=lambda file: f"{file.parent.name}/{file.name.removesuffix('.record.json')}"
)
def test_a_record_gives_the_further_events_beside_it(normalize: Normalizer, file: object, update: bool) -> None:
    record = HERE / str(file)
    events = normalize(json.loads(record.read_text("utf-8")))
    assert isinstance(events, tuple) and not hasattr(events, "_fields"), events
    for target, event in zip(normalize.targets, events, strict=True):
        golden = record.with_name(record.name.replace(".record.json", f".{target}.json"))
        if update and event is not None:
            golden.write_text(written(event), "utf-8")
        assert golden.is_file() == (event is not None), f"{golden.name} is missing, or there is no such event"
        assert event is None or written(event) == golden.read_text("utf-8")


def test_the_kinds_of_identity_and_event_that_differ_most_are_among_them() -> None:
    assert len(GOLDEN) >= 12
