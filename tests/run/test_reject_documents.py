"""Reject documents: each satisfies its schema, keeps what was rejected, and names what is wrong."""

from __future__ import annotations

import ast
import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from stand_ins import Kept

from doorlog import __version__
from doorlog.record import Carried, Problem, Reject
from doorlog.rejects import CUT, REASONS, TARGET, RejectDocuments, Rejected, document


@pytest.fixture(scope="module")
def schema(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((root / "schemas" / "reject.schema.json").read_bytes())
    Draft202012Validator.check_schema(loaded)
    return loaded


def rejected(reject: Reject) -> Rejected:
    return Rejected(reject, "trail.ndjson", 3, 0, None)


@given(
    reason=st.sampled_from(sorted(REASONS)),
    problems=st.lists(st.builds(Problem, st.text(), st.text(), st.text()), max_size=2).map(tuple),
    raw=st.one_of(st.binary(), st.text().map(str.encode), st.dictionaries(st.text(), st.integers())),
)
def test_every_document_satisfies_the_schema(
    schema: dict[str, Any], reason: str, problems: tuple[Problem, ...], raw: bytes | dict[str, Any]
) -> None:
    made = document(rejected(Reject(reason, problems, raw)))
    assert list(Draft202012Validator(schema).iter_errors(made)) == []


def test_a_record_is_kept_as_it_is_with_its_place_and_problems() -> None:
    problem = Problem("$.eventTime", "required", "a time")
    assert document(rejected(Reject("invalid_record", (problem,), {"eventName": "ConsoleLogin"}))) == {
        "reason": "invalid_record",
        "message": REASONS["invalid_record"],
        "problems": [{"path": "$.eventTime", "rule": "required", "expected": "a time"}],
        "source": {"name": "trail.ndjson", "line": 3, "index": 0},
        "record": {"eventName": "ConsoleLogin"},
        "doorlog": {"version": __version__},
    }


def test_text_is_kept_as_text_and_other_bytes_in_base64() -> None:
    assert document(rejected(Reject("not_json", (), "{grün".encode())))["text"] == "{grün"
    kept = document(rejected(Reject("not_json", (), b"{\xff")))
    assert "text" not in kept
    assert base64.b64decode(kept["bytes"]) == b"{\xff"


def test_a_text_that_was_cut_inside_a_character_stays_text_and_says_so() -> None:
    kept = document(rejected(Reject("too_long", (), "grün".encode()[:3])))
    assert (kept["text"], kept["truncated"]) == ("gr", True)


def test_reject_events_carry_the_tag_and_time_of_their_record() -> None:
    output = Kept()
    carried = Carried("cloudtrail.login", "2024-06-10T13:05:00.000000000Z")
    RejectDocuments(output, clock=lambda: 7).take([Rejected(Reject("not_json", (), b"{"), "stdin", 1, 0, carried)])
    [event] = output.events
    assert (event.target, event.time_ns, event.carried) == (TARGET, 7, carried)


def test_the_schema_knows_exactly_the_reasons_there_are(schema: dict[str, Any]) -> None:
    assert schema["properties"]["reason"]["enum"] == list(REASONS)
    assert set(REASONS) >= CUT


def test_each_part_of_the_schema_is_described(schema: dict[str, Any]) -> None:
    def undescribed(part: dict[str, Any], path: str) -> list[str]:
        inner = {**part.get("properties", {}), **({"[]": part["items"]} if "items" in part else {})}
        below = [missing for name, each in inner.items() for missing in undescribed(each, f"{path}.{name}")]
        return ([] if part.get("description") else [path]) + below

    assert undescribed(schema, "$") == []


def test_no_module_rejects_for_a_reason_that_is_not_listed(root: Path) -> None:
    used = {
        node.args[0].value
        for file in (root / "plugin" / "doorlog").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reject"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert used <= set(REASONS)
