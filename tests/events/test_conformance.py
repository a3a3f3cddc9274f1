"""The checks that events are held to find out what is wrong with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conformance import findings
from leaves import Json, changed
from strict_checks import Strict

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "console-login"

WRONG: dict[str, list[tuple[str, Any]]] = {
    "ecs": [
        ("@timestamp", None),
        ("@timestamp", "2024-06-11"),
        ("event.category", "authentication"),
        ("event.category", ["login"]),
        ("event.type", ["allowed"]),
        ("event.outcome", "maybe"),
        ("event.ingested", "now"),
        ("source.ip", "AWS Internal"),
        ("source.address", ["203.0.113.5"]),
        ("related.ip", []),
        ("related.user", ["alice", "alice"]),
        ("user.name", 5),
        ("user.id", "x" * 1025),
        ("user.nmae", "alice"),
        ("aws.cloudtrail.flattened.unmapped", "text"),
    ],
    "ocsf": [
        ("time", "2024-06-11T09:15:27Z"),
        ("time", None),
        ("user", None),
        ("user.type", "Admin"),
        ("user.type_id", 98),
        ("activity_name", "Logoff"),
        ("type_uid", 300202),
        ("status", "Failure"),
        ("auth_protocol", "Other"),
        ("metadata.tpye", "x"),
        ("metadata.product", {}),
        ("src_endpoint.ip", "AWS Internal"),
        ("src_endpoint.port", 70000),
        ("severity_id", True),
        ("observables.0.value", "nobody"),
    ],
}


def golden(target: str) -> Json:
    event: Json = json.loads((GOLDEN / f"iam-user-success.{target}.json").read_text("utf-8"))
    return event


def broken(target: str, path: str, value: Any) -> Json:
    keys = tuple(int(key) if key.isdecimal() else key for key in path.split("."))
    event: Json = changed(golden(target), keys, value)
    if value is None:
        holder: Any = event
        for key in keys[:-1]:
            holder = holder[key]
        del holder[keys[-1]]
    return event


@pytest.mark.parametrize("target", WRONG)
def test_nothing_is_wrong_with_an_event_as_it_is(target: str) -> None:
    assert findings(golden(target)) == []


@pytest.mark.parametrize(("target", "path", "value"), [(t, *one) for t, wrong in WRONG.items() for one in wrong])
def test_what_is_wrong_with_an_event_is_found(target: str, path: str, value: Any) -> None:
    assert findings(broken(target, path, value)) != []


def test_the_strict_checkers_find_the_same_and_more(shared: Path) -> None:
    strict = Strict(shared)
    for target, wrong in WRONG.items():
        assert strict.findings(golden(target)) == []
        for path, value in wrong:
            assert strict.findings(broken(target, path, value)) != [], (target, path, value)
