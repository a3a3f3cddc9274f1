"""Every record in these folders gives exactly the ECS and the OCSF event beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from doorlog.mapping.shapes import SEEN_OFTEN
from doorlog.normalize import Normalizer, normalizer

HERE = Path(__file__).resolve().parent
RECORDS = sorted(HERE.glob("*/*.record.json"))


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(["ecs", "ocsf"])


def written(event: Any) -> str:
    """An event as the golden files have it: one value on a line, in the order of the alphabet."""
    return json.dumps(event, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    "file", RECORDS, ids=lambda file: f"{file.parent.name}/{file.name.removesuffix('.record.json')}"
)
def test_a_record_gives_the_events_beside_it(normalize: Normalizer, file: Path, update: bool) -> None:
    events = normalize(json.loads(file.read_text("utf-8")))
    assert not hasattr(events, "_fields"), f"no events, but {events!r}"
    for target, event in zip(normalize.targets, events, strict=True):
        golden = file.with_name(file.name.replace(".record.json", f".{target}.json"))
        if update:
            golden.write_text(written(event), "utf-8")
        assert golden.is_file(), f"{golden.name} is missing; `pytest tests/golden --update-golden` writes it"
        assert written(event) == golden.read_text("utf-8")


def test_it_gives_the_same_bytes_however_often_anything_comes() -> None:
    """A shape of record that comes up often has a function of its own from then on."""
    records = [json.loads(file.read_text("utf-8")) for file in RECORDS]
    normalize = normalizer(["ecs", "ocsf"])
    first = [orjson.dumps(normalize(record)) for record in records]
    for _ in range(SEEN_OFTEN + 2):
        assert [orjson.dumps(normalize(record)) for record in records] == first


def test_every_golden_event_has_its_record() -> None:
    events = {file.parent / file.name.split(".")[0] for file in HERE.glob("*/*.json")}
    assert events == {file.parent / file.name.split(".")[0] for file in RECORDS}
    assert len(RECORDS) > 60


def test_no_golden_event_calls_for_another_reading_of_its_own_text() -> None:
    for file in HERE.glob("*/*.json"):
        text = file.read_text("utf-8")
        if not file.name.endswith(".record.json"):
            assert written(json.loads(text)) == text, file.name
