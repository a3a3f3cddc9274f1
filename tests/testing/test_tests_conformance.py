"""Whether an event conforms to its target is told by whoever did not make it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from tried import ROOT

from doorlog.mapping import kinds, load
from doorlog.mapping.aim import target_of
from doorlog.mapping.outside import told
from doorlog.mapping.plan import section_of
from doorlog.normalize import of_mappings
from doorlog.record import Json
from doorlog.testing.cases import shipped_records
from doorlog.testing.conform import nonconformities

GOLDEN = sorted((ROOT / "tests" / "golden").glob("*/*.record.json"))
WRITING = sorted(name for name in load.names() if load.load(name).target is not None)


@cache
def of(name: str) -> Any:
    mapping = told(load.load(name))
    return of_mappings([mapping]), kinds.Kinds(mapping)


@pytest.mark.parametrize("name", WRITING)
def test_golden_events_conform_and_spoiled_ones_do_not(name: str) -> None:
    normalize, kind_of = of(name)
    mapping = normalize.mappings[0]
    for file in GOLDEN:
        record: Json = json.loads(file.read_text("utf-8"))
        result, kind = normalize(record), kind_of(record)
        if not isinstance(result[0], dict) or len(result) != 1 or kind is None:
            continue
        target = target_of(mapping, section_of(mapping, kind))
        assert nonconformities(result[0], target) == [], file.name
        assert nonconformities({**result[0], "no.such.field": 1}, target)
        for key, value in result[0].items():
            if value.__class__ is str:
                assert nonconformities({**result[0], key: [value]}, target), key
                assert nonconformities({**result[0], key: ""}, target), key
            attribute = target.attribute(key)
            if attribute is not None and attribute.required:
                assert nonconformities({k: v for k, v in result[0].items() if k != key}, target), key


def test_a_category_and_a_type_that_do_not_go_together_are_found() -> None:
    normalize, kind_of = of("ecs")
    record = json.loads(shipped_records()["console-login"].read_bytes())
    (event,) = normalize(record)
    target = target_of(normalize.mappings[0], section_of(normalize.mappings[0], kind_of(record)))
    spoiled = {**event, "event": {**event["event"], "type": ["installation"]}}
    assert ("event.type", "installation doesn't go with this event.category") in nonconformities(spoiled, target)
