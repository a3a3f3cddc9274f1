"""Each mapping in `broken/` is refused with exactly the messages beside it: where, what, and what to do."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from doorlog.diagnostics import ERRORS, Finding
from doorlog.errors import MappingError
from doorlog.mapping.examine import examine
from doorlog.normalize import normalizer
from doorlog.reports import text

BROKEN = Path(__file__).resolve().parent / "broken"
FILES = sorted(BROKEN.glob("*.yaml"))


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment may name is there for nobody."""
    monkeypatch.delenv("DOORLOG_GEOIP", raising=False)


@cache
def findings(file: Path) -> list[Finding]:
    """Why the mapping can't be used."""
    with pytest.raises(MappingError) as refused:
        normalizer([str(file)])
    return refused.value.findings


def messages(file: Path) -> str:
    """What `check` shows, with the file named as from its folder, and no line numbers of shipped mappings."""
    said = text.report({str(file): findings(file)}).replace(f"{file.parent}/", "")
    return re.sub(r"\((\S+\.yaml):\d+\)", r"(\1)", said) + "\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_broken_mapping_is_refused_with_these_words(file: Path, update: bool) -> None:
    golden = file.with_suffix(".txt")
    said = messages(file)
    if update:
        golden.write_text(said, "utf-8")
    assert golden.is_file(), f"{golden.name} is missing; `pytest tests/mapping --update-golden` writes it"
    assert said == golden.read_text("utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_finding_points_into_the_text_of_the_broken_file(file: Path) -> None:
    for finding in findings(file):
        # A list beside the mapping has places of its own.
        assert finding.file in (str(file), str(file.with_name("short-row.csv")))
        lines = Path(finding.file).read_text("utf-8").splitlines()
        assert 1 <= finding.line <= len(lines) + 1
        assert 1 <= finding.column <= len(lines[min(finding.line, len(lines)) - 1]) + 1


def test_there_are_more_than_a_hundred_ways_to_be_broken_and_every_code_is_among_them() -> None:
    assert len(FILES) > 100
    assert sorted(ERRORS.keys() - {finding.code for file in FILES for finding in findings(file)}) == []


@pytest.mark.parametrize("name", ["torn-yaml", "unknown-field", "required-one-removed", "profile-not-on"])
def test_check_finds_what_stops_a_run(name: str) -> None:
    file = BROKEN / f"{name}.yaml"
    assert examine(str(file)) == findings(file)
