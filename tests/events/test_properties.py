"""Whatever a record holds: events that conform, a skip or a reject; never an exception, never a changed record."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
from collections import Counter
from typing import Any

import conformance
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leaves import Json, changed, leaves, members, own, told, values
from odd_records import ANYTHING, TEXTS, records
from strict_checks import Strict, written

from doorlog.normalize import Normalizer
from doorlog.record import Reject, Skip
from doorlog.rejects import REASONS


def check(normalize: Normalizer, strict: Strict | None, record: Json) -> tuple[Json, ...] | None:
    """All that holds of the result for any record; gives the events."""
    before = copy.deepcopy(record)
    result = normalize(record)
    assert json.dumps(record) == json.dumps(before), "the record was changed"
    if isinstance(result, Skip):
        assert result.name
        return None
    if isinstance(result, Reject):
        assert result.reason in REASONS
        assert result.reason != "mapping_failed", result.problems
        assert result.raw is record
        assert result.problems
        return None
    assert len(result) == len(normalize.targets)
    for target, mapping, event in zip(normalize.targets, normalize.mappings, result, strict=True):
        assert written(event)[1] == mapping.version
        assert all(value not in (None, "", [], {}) for value in inside(event)), target
        assert orjson.loads(orjson.dumps(event)) == event
        assert conformance.findings(event) == [], target
        if strict is not None:
            assert strict.findings(event) == [], target
    return result


def inside(value: Any) -> list[Any]:
    found = [inner for _, inner in members(value)]
    return found + [item for inner in found if isinstance(inner, list) for item in inner]


SETTINGS = settings(
    max_examples=int(os.environ.get("DOORLOG_EXAMPLES", "600")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@SETTINGS
@given(record=records())
def test_any_record_gives_events_that_conform_or_a_skip_or_a_reject(normalize: Normalizer, record: Json) -> None:
    check(normalize, None, record)


@SETTINGS
@given(record=records())
def test_any_event_conforms_at_the_strict_level(normalize: Normalizer, strict: Strict, record: Json) -> None:
    check(normalize, strict, record)


TELLING = ("eventTime", "eventSource", "eventName", "eventType")
"""What tells of which kind a record is, and when it was."""


@SETTINGS
@given(record=records(), data=st.data())
def test_any_text_at_any_path_of_any_record_is_kept(normalize: Normalizer, record: Json, data: st.DataObject) -> None:
    texts = [path for path, value in leaves(record) if isinstance(value, str) and path[0] not in TELLING]
    marked = {}
    for number, path in enumerate(data.draw(st.permutations(texts))[:4] if texts else ()):
        marked[path] = f"sentinel-{number}"
        record = changed(record, path, marked[path])
    for target, event in zip(normalize.targets, check(normalize, None, record) or (), strict=False):
        found = values(own(event))
        assert [path for path, text in marked.items() if ("str", text) not in found] == [], target


@SETTINGS
@given(record=records(), data=st.data())
def test_any_value_that_is_taken_away_changes_any_event(
    normalize: Normalizer, record: Json, data: st.DataObject
) -> None:
    """So what it was is told by the event, whatever its type and wherever it stood."""
    alone = Counter(json.dumps(value).lower() for _, value in leaves(record))
    single = [p for p, value in leaves(record) if alone[json.dumps(value).lower()] == 1 and p[0] not in TELLING]
    if not single:
        return
    path = data.draw(st.sampled_from(sorted(single, key=str)))
    there, gone = check(normalize, None, record), check(normalize, None, changed(record, path, None))
    for target, one, other in zip(normalize.targets, there or (), gone or (), strict=False):
        assert one != other, f"{target}: {told(path)}"


@settings(SETTINGS, max_examples=150)
@given(record=records())
def test_any_event_is_the_same_by_the_function_for_its_shape(both: Normalizer, record: Json) -> None:
    check(both, None, record)


@SETTINGS
@given(value=ANYTHING, record=st.dictionaries(TEXTS, ANYTHING, max_size=4))
def test_what_is_no_record_at_all_raises_nothing(normalize: Normalizer, value: Any, record: Json) -> None:
    for name in ("eventTime", "eventSource", "eventName", "userIdentity"):
        check(normalize, None, {**record, name: value})
        whole = {
            "eventTime": "2024-06-11T09:15:27Z",
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
        }
        check(normalize, None, {**whole, **record, name: value})


@SETTINGS
@given(record=records(), seed=st.integers(0, 1000))
def test_the_order_of_a_records_keys_does_not_matter(normalize: Normalizer, record: Json, seed: int) -> None:
    first, second = normalize(record), normalize(shuffled(record, random.Random(seed)))
    if isinstance(first, Reject):
        assert isinstance(second, Reject)
        assert (first.reason, set(first.problems)) == (second.reason, set(second.problems))
    else:
        assert first == second


def shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, list):
        return [shuffled(inner, order) for inner in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    return {key: shuffled(value[key], order) for key in keys}


@pytest.mark.parametrize("value", [True, 5, 1.5, "x", ["x"], {"k": "x"}], ids=repr)
def test_a_custom_field_of_ecs_has_one_type_whatever_comes(
    normalize: Normalizer, shared: Any, our_records: dict[str, Json], value: Any
) -> None:
    """Elasticsearch refuses a document whose field is a text here and an object there."""
    strict = Strict(shared)
    for record in our_records.values():
        for part in ("additionalEventData", "responseElements", "requestParameters", "serviceEventDetails"):
            inner = record.get(part)
            for key in inner if isinstance(inner, dict) else ():
                events = check(normalize, None, changed(record, (part, key), value))
                for event in (*(events or ())[:1], *check(normalize, None, record)[:1]):  # type: ignore[index]
                    assert strict.findings(event) == []
    assert strict.conflicts() == []


def test_the_same_records_give_the_same_bytes_in_any_process(
    our_records: dict[str, Json], normalize: Normalizer, targets: list[str]
) -> None:
    code = (
        f"import sys, orjson\nfrom doorlog.normalize import normalizer\nnormalize = normalizer({targets})\n"
        "for line in sys.stdin.buffer:\n for event in normalize(orjson.loads(line)):\n"
        "  sys.stdout.buffer.write(orjson.dumps(event) + b'\\n')\n"
    )
    given_in = b"".join(orjson.dumps(record) + b"\n" for record in our_records.values())
    here = b"".join(orjson.dumps(event) + b"\n" for record in our_records.values() for event in normalize(record))
    for seed in ("0", "1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", code], input=given_in, capture_output=True, timeout=120, env=environment, check=True
        )
        assert done.stdout == here


def test_what_was_normalized_before_does_not_matter(our_records: dict[str, Json], normalize: Normalizer) -> None:
    ordered = [orjson.dumps(normalize(record)) for record in our_records.values()]
    backwards = [orjson.dumps(normalize(record)) for record in reversed(our_records.values())]
    assert ordered == backwards[::-1]


def test_an_event_shares_nothing_that_a_later_one_could_change(
    our_records: dict[str, Json], normalize: Normalizer
) -> None:
    before = {name: orjson.dumps(normalize(record)) for name, record in our_records.items()}
    for record in our_records.values():
        for event in normalize(copy.deepcopy(record)):
            if isinstance(event, dict):
                event.clear()
    assert before == {name: orjson.dumps(normalize(record)) for name, record in our_records.items()}
