"""Whatever the page on the mapping language shows is so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from language import PAGE, gives, lines, said
from pages import fences

from doorlog.cli.list import WHAT
from doorlog.errors import MappingError
from doorlog.mapping.load import load
from doorlog.mapping.outside import told
from doorlog.mapping.parse import KEYS
from doorlog.mapping.parse_expr import MODIFIERS, SOURCES, STEPS
from doorlog.normalize import normalizer, of_mappings
from doorlog.targets import versions

SNIPPETS = {f"line {fence.line}": fence.text for fence in fences(PAGE, "yaml")}


@pytest.mark.parametrize("where", SNIPPETS)
def test_a_snippet_loads_unless_it_is_called_wrong(where: str, tmp_path: Path) -> None:
    text = SNIPPETS[where]
    mapping = tmp_path / "snippet.yaml"
    mapping.write_text(text, "utf-8")
    if "\nmapping: wrong\n" in text:
        with pytest.raises(MappingError):
            normalizer([str(mapping)])
    else:
        name = text.partition("mapping: ")[2].partition("\n")[0]
        # What some need of a machine, their tests state.
        assert of_mappings([told(load(str(mapping)))]).targets == (name,)


@pytest.mark.parametrize(("expression", "result"), said("gives"))
def test_an_expression_gives_what_the_page_says(expression: str, result: str, tmp_path: Path) -> None:
    expected = None if result == "nothing" else json.loads(result)
    found = gives(expression, tmp_path)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("condition", "result"), said("holds"))
def test_a_condition_holds_or_not_as_the_page_says(condition: str, result: str, tmp_path: Path) -> None:
    assert gives(f"{{when: {condition}, value: 'yes', else: 'no'}}", tmp_path) == result


def test_every_line_with_a_result_is_understood() -> None:
    assert (len(said("gives")), len(said("holds"))) == (lines("gives"), lines("holds"))
    assert {result for _, result in said("holds")} == {"yes", "no"}


def test_every_word_of_the_language_is_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    words = [*KEYS, *SOURCES, *STEPS, *MODIFIERS, "when", "else", "skip", "any", "all"]
    assert [word for word in words if f"`{word}" not in text] == []


def test_steps_are_told_in_the_order_in_which_they_are_taken() -> None:
    text = " ".join(PAGE.read_text("utf-8").split())
    assert f"in this one: {', '.join(f'`{step}`' for step in STEPS)}." in text


def test_the_facts_of_the_shipped_mapping_are_the_ones_in_the_table() -> None:
    mapping = load("aws-signin")
    known = {*mapping.facts, *(name for kind in mapping.kinds for name, _ in kind.facts)}
    section = PAGE.read_text("utf-8").partition("| fact | what it is |\n| --- | --- |\n")[2].partition("\n\n")[0]
    told = [row.split("|")[1].strip(" `") for row in section.splitlines()]
    assert sorted(told) == sorted(known)


def test_every_fact_is_listed_once_with_its_type_and_place(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "mapping: own\nextends: ecs\nfacts: {place: {when: {mfa: true}, value: here}}\nabout: {place: where it was}\n"
        "set: {labels.place: {from: place}}\n",
        "utf-8",
    )
    rows = WHAT["facts"]((tmp_path,))
    found = dict(rows)
    assert len(found) == len(rows)
    assert {*load("aws-signin").about, "place", "client_country"} <= {*found}
    assert found["place"] == "text: where it was (own.yaml:3)"
    assert found["mfa"].startswith("boolean: true, false, or nothing where it can't be known (aws-signin.yaml:")
    assert found["factors"].startswith("list: all factors")


def test_the_versions_of_the_targets_are_those_that_there_are() -> None:
    ecs, ocsf = (f"{name.upper()} {' and '.join(versions(name))}" for name in ("ecs", "ocsf"))
    assert f"{ecs} are there, and {ocsf}" in PAGE.read_text("utf-8")
