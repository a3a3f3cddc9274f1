"""Where each part of a mapping comes from is told by file and line, and what it took the place of."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import Tiny

from doorlog.mapping.find import stack
from doorlog.mapping.load import load
from doorlog.mapping.origins import Origin, origins

MINE = """\
mapping: mine
extends: ecs
facts: {outcome: {value: success}}
tables: {called: {Root: the boss, Alien: alien}}
kinds:
  check-mfa: {skip: true}
  get-signin-token: !remove
set:
  message: mine
  tags: {append: [mine]}
  event.category: {append: [network]}
  user.email: !remove
"""


@pytest.fixture
def mine(tiny: Tiny) -> dict[tuple[str, str], Origin]:
    return {(one.part, one.name): one for one in origins(stack(tiny.write("mine", MINE)))}


def told(origin: Origin) -> list[str]:
    return [f"{said.how} {Path(said.mark.file).name}:{said.mark.line}" for said in origin.said]


def line(root: Path, mapping: str, text: str) -> str:
    lines = (root / "mappings" / f"{mapping}.yaml").read_text("utf-8").splitlines()
    return f"{mapping}.yaml:{next(at for at, found in enumerate(lines, 1) if found.strip().startswith(text))}"


def test_each_part_is_told_with_what_it_takes_the_place_of(root: Path, mine: dict[tuple[str, str], Origin]) -> None:
    assert told(mine["set", "message"]) == [f"says {line(root, 'ecs', 'message:')}", "says mine.yaml:9"]
    assert told(mine["set", "tags"]) == ["appends mine.yaml:10"]
    assert told(mine["set", "event.category"])[1:] == ["appends mine.yaml:11"]
    assert told(mine["set", "user.email"])[1:] == ["removes mine.yaml:12"]
    assert told(mine["tables", "called: Root"])[1:] == ["says mine.yaml:4"]
    assert told(mine["tables", "called: Alien"]) == ["says mine.yaml:4"]
    assert told(mine["kinds", "check-mfa"])[1:] == ["changes mine.yaml:6"]
    assert told(mine["kinds", "get-signin-token"])[1:] == ["removes mine.yaml:7"]


def test_what_is_said_to_be_there_is_what_the_mapping_has(tiny: Tiny, mine: dict[tuple[str, str], Origin]) -> None:
    mapping = load(str(tiny.folder / "mine.yaml"))
    there = {key for key, origin in mine.items() if origin.there}
    assert {name for part, name in there if part == "set"} == set(mapping.sections[0].rules)
    assert {name for part, name in there if part == "facts"} == set(mapping.facts)
    assert {name for part, name in there if part == "kinds"} == {kind.name for kind in mapping.kinds}
    for (part, name), origin in mine.items():
        if part == "set" and origin.there:
            assert mapping.sections[0].rules[name].mark == origin.said[-1].mark


@pytest.mark.parametrize("name", ["ecs", "ocsf"])
def test_the_rules_of_every_class_are_told(name: str) -> None:
    mapping = load(name)
    found = {(one.of_class or "", one.name) for one in origins(stack(name)) if one.part == "set" and one.there}
    assert found == {(section.name, path) for section in mapping.sections for path in section.rules}
