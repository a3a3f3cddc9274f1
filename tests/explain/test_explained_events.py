"""What the interpreter says of a record is what the compiled mapping does with it, and the other way round."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from odd_records import Json, records

from doorlog.explain.document import rebuild
from doorlog.explain.trace import Tracer
from doorlog.mapping import kinds, load
from doorlog.mapping import model as m
from doorlog.mapping.hide import hider
from doorlog.mapping.plan import Plan, plan, section_of
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject, Skip
from doorlog.schema import RecordSchema

TYPES = RecordSchema().types()
ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(name for name in load.names() if load.load(name).target is not None)
ASKED_FOR = [*SHIPPED, "ecs@8.11.0", "ocsf@1.1.0", "ecs+masked", "ocsf+near-sign-in", "ecs+pseudonymous"]
pytestmark = pytest.mark.usefixtures("geoip")
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*/*.record.json"))


@cache
def compiled(name: str) -> tuple[m.Mapping, Normalizer, kinds.Kinds]:
    mapping = load.load(name)
    return mapping, normalizer([name]), kinds.Kinds(mapping)


@cache
def planned(name: str, kind: m.Kind) -> Plan:
    return plan(compiled(name)[0], kind, TYPES)


def without_rests(event: Json, of: Plan) -> Json:
    """The event without what its rests hold, and without objects that held nothing else."""
    event = json.loads(json.dumps(event))
    for leaf in of.leaves:
        if isinstance(leaf.value, m.Rest):
            _take(event, leaf.path.split("."))
    return event


def _take(holder: Any, keys: list[str]) -> None:
    if len(keys) == 1:
        holder.pop(keys[0], None)
    elif isinstance(holder.get(keys[0]), dict):
        _take(holder[keys[0]], keys[1:])
        if not holder[keys[0]]:
            del holder[keys[0]]


def agree(name: str, record: Json) -> bool:
    """Whether there was an event to compare; it is the same by both."""
    mapping, normalize, kind_of = compiled(name)
    result, kind = normalize(record), kind_of(record)
    if isinstance(result, Skip) or kind is None or kind.skip:
        return False
    if isinstance(result, Reject) and result.reason == "invalid_record":
        return False
    of = planned(name, kind)
    hidden = hider(mapping)
    seen = record if hidden is None else hidden(record)
    told = rebuild(of, section_of(mapping, kind).rules, Tracer(mapping, kind, seen))
    if isinstance(result, Reject):
        assert told.lacking
        return False
    assert not told.lacking
    (event,) = result
    assert event is not None
    assert told.document == without_rests(event, of)
    return True


@pytest.mark.parametrize("name", ASKED_FOR)
def test_both_agree_on_every_golden_record(name: str) -> None:
    agreed = [agree(name, json.loads(file.read_text("utf-8"))) for file in GOLDEN]
    assert sum(agreed) > 60


@pytest.mark.parametrize("name", ASKED_FOR)
@settings(
    max_examples=int(os.environ.get("DOORLOG_EXAMPLES", "120")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(record=records())
def test_both_agree_on_any_record(name: str, record: Json) -> None:
    agree(name, record)
