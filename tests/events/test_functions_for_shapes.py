"""A function for a shape is made for every kind of event, whichever targets are asked for, and gives the same bytes."""

from __future__ import annotations

import copy
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from both_functions import Both

from doorlog.mapping import shapes
from doorlog.normalize import Normalizer, normalizer

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
RECORDS = sorted(GOLDEN.glob("*/*.record.json"))


@pytest.fixture(scope="module", params=[("ecs",), ("ocsf",), ("ocsf", "ecs"), ("ecs@8.11", "ocsf@1.1.0")], ids="+".join)
def normalize(request: pytest.FixtureRequest) -> Normalizer:
    return normalizer(request.param)


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: f"{file.parent.name}/{file.name.partition('.')[0]}")
def test_a_shape_that_comes_up_often_gets_its_function_and_the_same_bytes(
    normalize: Normalizer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _learn_at_once(monkeypatch)
    record = orjson.loads(file.read_bytes())
    kind = normalize._kinds(record)
    assert kind is not None
    functions = normalize._functions.get(kind.name) or normalize._compiled(kind)
    functions.learn(record)
    events = functions.by_shape(record)
    assert events is not None, "no function could be made for this shape"
    assert orjson.dumps(events) == orjson.dumps(functions.general(record))


def test_a_value_that_a_gathered_field_refuses_is_kept_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "mapping: own\nextends: ecs\nset:\n"
        "  client.ip: $.additionalEventData.proxy\n  client.address: $.additionalEventData.number\n"
    )
    record = orjson.loads((GOLDEN / "aws-sign-in-page" / "2-success.record.json").read_bytes())
    record["additionalEventData"] |= {"proxy": "no address", "number": 5}
    for _ in range(2):
        outcome = normalizer([str(tmp_path / "own.yaml")])(record)
        assert isinstance(outcome, tuple)
        assert outcome[0] is not None
        left = outcome[0]["aws"]["cloudtrail"]["flattened"]["additional_eventdata"]
        assert left == {"proxy": "no address", "number": 5}


def test_what_is_left_far_below_one_member_stands_in_the_order_of_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    own = normalizer(["ecs"])
    record = orjson.loads((GOLDEN / "aws-sign-in-page" / "2-success.record.json").read_bytes())
    record["userIdentity"]["sessionContext"] = {"sessionIssuer": {"x": "1"}, "attributes": {"y": "2"}}
    _learn_at_once(monkeypatch)
    for _ in ("the function for all records", "the one for its shape"):
        outcome = own(record)
        assert isinstance(outcome, tuple)
        assert outcome[0] is not None
        left = outcome[0]["aws"]["cloudtrail"]["flattened"]["unmapped"]
        assert orjson.dumps(left) == orjson.dumps(
            {"userIdentity": {"sessionContext": record["userIdentity"]["sessionContext"]}}
        )


ODD = (5, True, None, "", [], {}, ["x"], "x" * 1025, "2024-02-30T00:00:00Z")


@pytest.mark.parametrize("file", RECORDS[::3], ids=lambda file: f"{file.parent.name}/{file.name.partition('.')[0]}")
def test_a_function_for_a_shape_takes_no_record_that_the_schema_refuses(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_all, by_shape = normalizer(["ecs", "ocsf"]), normalizer(["ecs", "ocsf"])
    record = orjson.loads(file.read_bytes())
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    by_shape(record)
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 10**9)
    for keys in _paths(record):
        for odd in ODD:
            changed = _changed(file, keys, odd)
            assert by_shape(changed) == by_all(changed), (keys, odd)


@pytest.mark.parametrize("file", RECORDS[::15], ids=lambda file: f"{file.parent.name}/{file.name.partition('.')[0]}")
def test_functions_for_odd_shapes_take_only_what_the_schema_takes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_all, by_shape = normalizer(["ecs"]), normalizer(["ecs"])
    for keys in _paths(orjson.loads(file.read_bytes())):
        for odd in ODD:
            changed = _changed(file, keys, odd)
            monkeypatch.setattr(shapes, "SEEN_OFTEN", 10**9)
            expected = by_all(changed)
            # The shape is learnt from this very record; then it, and its like, have a function.
            _learn_at_once(monkeypatch)
            assert by_shape(changed) == expected, (keys, odd)
            assert by_shape(changed) == expected, (keys, odd)


ODD_PARTS: tuple[Any, ...] = (
    None,
    "",
    {},
    [],
    {"a": None},
    {"a": {"b": ""}},
    ["", None],
    0,
    1.5,
    True,
    "No",
    {"z": 1, "a": "q"},
)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("targets", [("ecs",), ("ocsf",)], ids="+".join)
def test_both_functions_agree_on_records_whose_members_are_mixed_up(targets: tuple[str, ...], seed: int) -> None:
    """Also on the order of what is left: members change places, are missing, are more, or hold what says nothing."""
    both = Both(list(targets))
    random = Random(seed)
    for file in RECORDS:
        for _ in range(4):
            record = orjson.loads(file.read_bytes())
            for _ in range(random.randrange(4)):
                _mix_up(random.choice(_objects(record)), random)
            both(record)


def _objects(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [record, *(below for value in record.values() if isinstance(value, dict) for below in _objects(value))]


def _mix_up(held: dict[str, Any], random: Random) -> None:
    members = list(held.items())
    random.shuffle(members)
    held.clear()
    held.update(members[random.randrange(2) :])
    for name in [*held][: random.randrange(2)]:
        held[name] = copy.deepcopy(random.choice(ODD_PARTS))
    if random.randrange(2):
        held[f"more{random.randrange(3)}"] = copy.deepcopy(random.choice(ODD_PARTS))


def _changed(file: Path, keys: tuple[str, ...], value: object) -> dict[str, Any]:
    changed: dict[str, Any] = orjson.loads(file.read_bytes())
    holder = changed
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = value
    return changed


def _learn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    monkeypatch.setattr(shapes, "MOST_SHAPES", 10_000)
    monkeypatch.setattr(shapes, "MOST_ALIKE", 10_000)


def _paths(value: object, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [above]
    return [path for key, inner in value.items() for path in [(*above, key), *_paths(inner, (*above, key))] if path]
