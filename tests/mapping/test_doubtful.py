"""What is only worth a look is told and stops nothing: each mapping in `doubtful/` works, with these warnings."""

from __future__ import annotations

from pathlib import Path

import pytest

from doorlog.diagnostics import WARNINGS
from doorlog.mapping.examine import examine
from doorlog.mapping.load import names
from doorlog.normalize import normalizer
from doorlog.record import Json, Reject
from doorlog.reports import text

DOUBTFUL = Path(__file__).resolve().parent / "doubtful"
FILES = sorted(DOUBTFUL.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_doubtful_mapping_works_and_these_words_are_said_of_it(file: Path, update: bool) -> None:
    normalizer([str(file)])
    found = examine(str(file))
    assert {finding.severity for finding in found} == {"warning"}
    assert {finding.file for finding in found} == {str(file)}
    said = text.report({str(file): found}).replace(f"{file.parent}/", "") + "\n"
    golden = file.with_suffix(".txt")
    if update:
        golden.write_text(said, "utf-8")
    assert golden.is_file(), f"{golden.name} is missing; `pytest tests/mapping --update-golden` writes it"
    assert said == golden.read_text("utf-8")


def test_every_warning_is_among_them() -> None:
    assert sorted(WARNINGS.keys() - {finding.code for file in FILES for finding in examine(str(file))}) == []


@pytest.mark.parametrize("name", sorted(names()))
def test_nothing_is_doubtful_in_a_shipped_mapping(name: str) -> None:
    assert [finding for finding in examine(name) if finding.severity != "note"] == []


def test_what_an_extended_file_of_ones_own_says_is_its_own_matter(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("mapping: base\nfacts: {spare: x}\ntables: {spare: {a: b}}\n", "utf-8")
    (tmp_path / "mine.yaml").write_text("mapping: mine\nextends: [ecs, base]\nset: {labels.x: a}\n", "utf-8")
    assert examine(str(tmp_path / "mine.yaml")) == []


def test_a_mapping_that_is_there_to_be_extended_is_checked_as_far_as_that_goes(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("mapping: base\nextends: aws-signin\nfacts: {spare: {from: outcom}}\n", "utf-8")
    assert {finding.code for finding in examine(str(base))} == {"unknown-fact"}
    base.write_text("mapping: base\nset: {no.such.field: x}\n", "utf-8")
    assert [(finding.code, finding.severity) for finding in examine(str(base))] == [("no-target", "note")]
    assert [finding.code for finding in examine(f"ecs+{base}")] == ["unknown-field"]


@pytest.mark.parametrize(
    "name",
    [
        "required-only-sometimes",
        "required-in-a-table-without-a-default-of-what-the-record-has",
        "time-only-of-some-records",
    ],
)
def test_a_record_that_lacks_what_is_required_is_rejected_as_the_warning_says(name: str) -> None:
    to_event = normalizer([str(DOUBTFUL / f"{name}.yaml")])
    record: Json = {
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "eventTime": "2024-06-11T09:15:27Z",
        "responseElements": {"ConsoleLogin": "Success"},
    }
    # Often enough for a function of their own to be made for records of this shape.
    for _ in range(300):
        result = to_event(record)
        assert isinstance(result, Reject)
        assert result.reason == "not_conformant"


def test_what_every_kind_has_to_say_is_not_called_unused(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    kind = "{when: {$.eventName: Foo}, facts: {step: logon, title: Foo}}"
    own.write_text(f"mapping: own\nextends: ecs\nset: {{message: !remove }}\nkinds: {{foo: {kind}}}\n", "utf-8")
    assert examine(str(own)) == []
