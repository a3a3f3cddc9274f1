"""What detection rules and searches ask for is found in our events: each fires on what it means, and on nothing else.

The rules are data, in the YAML files beside this one: `when` is the condition on the event, `means` the same on the
record. Both are held against every record of our own, and against every published one where these are.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from conditions import holds, values

from doorlog.intake import Intake
from doorlog.normalize import Normalizer, normalizer

HERE = Path(__file__).resolve().parent
Json = dict[str, Any]


def rules() -> list[Any]:
    """Every rule with every mapping that it is for."""
    found = []
    for file in sorted(HERE.glob("*.yaml")):
        for rule in yaml.safe_load(file.read_text("utf-8")):
            for mapping in rule["mappings"]:
                found.append(pytest.param(rule, mapping, id=f"{file.stem}: {rule['name']} ({mapping})"))
    return found


@cache
def normalize(mapping: str) -> Normalizer:
    return normalizer([mapping])


def event_of(mapping: str, record: Json) -> Json | None:
    result = normalize(mapping)(record)
    return result[0] if type(result) is tuple else None


@pytest.fixture(scope="session")
def our_records(root: Path) -> dict[str, Json]:
    files = sorted(root.glob("tests/golden/*/*.record.json"))
    return {file.name.removesuffix(".record.json"): json.loads(file.read_text("utf-8")) for file in files}


@pytest.fixture(scope="session")
def published(shared: Path) -> list[tuple[str, Json]]:
    found = []
    for file in sorted((shared / "samples").rglob("*.json")):
        intake = Intake()
        for what, *_ in intake.feed(file.read_bytes()) + intake.end():
            if isinstance(what, dict):
                found.append((file.name, what))
    assert len(found) > 150
    return found


@pytest.mark.parametrize(("rule", "mapping"), rules())
def test_a_rule_fires_on_what_it_means_and_on_nothing_else(
    rule: Json, mapping: str, our_records: dict[str, Json]
) -> None:
    fired = set()
    for name, record in our_records.items():
        event = event_of(mapping, record)
        fires = event is not None and holds(rule["when"], event)
        assert fires == holds(rule["means"], record), name
        if fires and event is not None:
            fired.add(name)
            assert [path for path in rule.get("needs", ()) if not values(path, event)] == [], name
    assert set(rule["fires"]) <= fired
    assert not set(rule.get("quiet", ())) & fired
    assert set(rule.get("quiet", ())) <= our_records.keys()


@pytest.mark.parametrize(("rule", "mapping"), rules())
def test_a_rule_fires_on_the_published_records_that_it_means(
    rule: Json, mapping: str, published: list[tuple[str, Json]]
) -> None:
    for name, record in published:
        event = event_of(mapping, record)
        if event is not None:
            assert holds(rule["when"], event) == holds(rule["means"], record), name


def test_there_are_rules_of_every_consumer() -> None:
    assert {file.stem for file in HERE.glob("*.yaml")} == {"elastic", "ocsf", "panther", "sigma", "splunk"}
    assert len(rules()) > 70


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"a.b": "x"}, True),
        ({"a.b": "y"}, False),
        ({"a.b": ["y", "x"]}, True),
        ({"a.b": "x", "n": 1}, True),
        ({"n": True}, False),
        ({"n": "1"}, False),
        ({"l": "two"}, True),
        ({"l": "three"}, False),
        ({"a.b|contains": "x"}, True),
        ({"a.c|exists": True}, False),
        ({"e|exists": False}, True),
        ({"u|lower": "yes"}, True),
        ({"i|address": True}, True),
        ({"a.b|address": False}, True),
        ({"not": {"a.b": "x"}}, False),
        ({"any": [{"a.b": "y"}, {"n": 1}]}, True),
        ([{"a.b": "y"}, {"n": 2}], False),
    ],
)
def test_conditions_mean_what_they_say(condition: Any, expected: bool) -> None:
    document = {"a": {"b": "x"}, "n": 1, "l": ["one", "two"], "e": "", "u": "YES", "i": "2001:db8::1"}
    assert holds(condition, document) is expected
