"""A field list beside a mapping is a target; what is wrong in one ends the start with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from doorlog.errors import DoorlogError
from doorlog.normalize import normalizer
from doorlog.targets import tables

NUMBERS = count(1)
"""Targets live as long as the process, so each test has one of its own."""
FIELDS: dict[str, Any] = {
    "when": {"type": "timestamp", "required": True},
    "who": {"type": "text", "max_length": 64},
    "verdict": {"type": "text", "values": ["good", "bad"]},
    "client.address": {"type": "ip"},
    "steps": {"type": "object", "array": True},
    "steps.name": {"type": "text", "required": True},
    "schema": {"type": "integer"},
    "more": {"type": "flattened"},
}
MAPPING = """
tables:
  verdict: {success: good, failure: bad}
facts:
  names: {collect: [title]}
set:
  when: {from: $.eventTime, as: epoch_ms}
  who: {from: user_name}
  verdict: {from: outcome, table: verdict}
  client.address: {from: client_ip}
  steps: {each: names, set: {name: {from: item}}}
  more: {rest: $}
"""


def described(folder: Path, text: str | None = None, **said: Any) -> str:
    """A mapping to a target that a list beside it describes; gives the mapping's path."""
    name = f"acme{next(NUMBERS)}"
    (folder / "targets").mkdir(exist_ok=True)
    listed = {"target": name, "version": "1.2", "fixed": {"schema": 3}, "fields": FIELDS} | said
    (folder / "targets" / f"{name}-1.2.json").write_text(text or json.dumps(listed), "utf-8")
    mapping = folder / "own.yaml"
    mapping.write_text(f"mapping: own\nextends: aws-signin\ntarget: {name}@1.2\n{MAPPING}", "utf-8")
    return str(mapping)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No other test hears of these targets."""
    before = dict(tables.files())
    yield
    tables.files().clear()
    tables.files().update(before)


@pytest.fixture
def record(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "tests/golden/console-login/iam-user-success.record.json").read_bytes())
    return found


def test_a_list_and_a_mapping_make_a_target(tmp_path: Path, record: dict[str, Any]) -> None:
    events = normalizer([described(tmp_path)])(record)
    assert isinstance(events, tuple) and events[0] is not None
    more = events[0].pop("more")
    assert events[0] == {
        "when": 1718097327000,
        "who": "alice",
        "verdict": "good",
        "client": {"address": "203.0.113.64"},
        "steps": [{"name": "AWS console sign-in"}],
        "schema": 3,
    }
    assert more["eventID"] == record["eventID"]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("  whom: x", "whom is no field of ACME"),
        ("  verdict: fine", "'fine' is no value of verdict"),
        ("  client.address: here", "'here' is no value of client.address"),
        ("  schema: 4", "schema is derived"),
        ("  when: !remove", "requires when"),
    ],
)
def test_a_mapping_is_held_to_the_list(tmp_path: Path, rules: str, said: str) -> None:
    described(tmp_path)
    over = tmp_path / "over.yaml"
    over.write_text(f"mapping: over\nextends: own\nset:\n{rules}\n", "utf-8")
    with pytest.raises(DoorlogError, match=said) as refused:
        normalizer([str(over)])
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{", "this is no JSON"),
        ("[]", "is not of type 'object'"),
        ({"fields": {}}, r"\$.fields"),
        ({"fields": {"a": {"type": "txt"}}}, r"\$.fields.a.type: 'txt' is not one of"),
        ({"fields": {"a": {"type": "text", "kind": "x"}}}, r"\$.fields.a: .*'kind'"),
        ({"fields": {"a..b": {"type": "text"}}}, r"a\.\.b"),
        ({"fixed": {}, "fields": {"a": {"type": "text"}, "a.b": {"type": "text"}}}, "a.b is inside of a, which is no"),
        ({"fixed": {}, "fields": {"a": {"type": "text", "pattern": "("}}}, "this is no pattern"),
        ({"fixed": {"no": 1}}, "`fixed` has a value for no"),
        ({"fixed": {"schema": "three"}}, "`fixed` has a value for schema"),
        ({"fixed": {"schema": True}}, "`fixed` has a value for schema"),
        ({"version": "1.3"}, "is named otherwise"),
    ],
)
def test_what_is_wrong_in_a_list_is_told_with_its_file(
    tmp_path: Path, said: str | dict[str, Any], message: str
) -> None:
    mapping = described(tmp_path, said) if isinstance(said, str) else described(tmp_path, None, **said)
    with pytest.raises(DoorlogError, match=message) as refused:
        normalizer([mapping])
    assert ".json" in str(refused.value)
    assert refused.value.exit_code == 2


def test_two_lists_of_the_same_target_are_refused(tmp_path: Path) -> None:
    described(tmp_path)
    (file,) = (tmp_path / "targets").iterdir()
    other = tmp_path / "other"
    (other / "targets").mkdir(parents=True)
    (other / "targets" / file.name).write_text("{}", "utf-8")
    (other / "own.yaml").write_text((tmp_path / "own.yaml").read_text("utf-8"), "utf-8")
    normalizer([str(tmp_path / "own.yaml")])
    with pytest.raises(DoorlogError, match="describes the same target"):
        normalizer([str(other / "own.yaml")])


def test_a_shipped_target_stays_what_it_is(tmp_path: Path, record: dict[str, Any]) -> None:
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "ecs-9.4.0.json").write_text("{}", "utf-8")
    (tmp_path / "own.yaml").write_text("mapping: own\nextends: ecs\n", "utf-8")
    assert isinstance(normalizer([str(tmp_path / "own.yaml")])(record), tuple)


@pytest.mark.parametrize("name", ["asim", "cim", "udm"])
def test_the_shipped_lists_are_what_the_schema_says(root: Path, name: str) -> None:
    schema = json.loads((root / "schemas" / "field-list.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    (file,) = (root / "schemas" / "targets").glob(f"{name}-*.json")
    assert list(Draft202012Validator(schema).iter_errors(json.loads(file.read_bytes()))) == []
