"""What is only to be known is told, and nothing is wrong: each mapping in `noted/` is fine, with these notes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from doorlog.diagnostics import NOTES, Finding
from doorlog.mapping.examine import examine
from doorlog.reports import text

NOTED = Path(__file__).resolve().parent / "noted"
FILES = sorted(NOTED.glob("*.yaml"))


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment may name is there for nobody."""
    monkeypatch.delenv("DOORLOG_GEOIP", raising=False)


def notes(file: Path) -> list[Finding]:
    """What is found in the file itself, in the version of the target that its first line asks for."""
    version = re.match(r"# Asked for in version (\S+)\.\n", file.read_text("utf-8"))
    found = examine(f"{file}@{version[1]}" if version else str(file))
    assert {finding.severity for finding in found} == {"note"}
    return [finding for finding in found if finding.file == str(file)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_of_a_fine_mapping_these_words_are_said(file: Path, update: bool) -> None:
    said = text.report({str(file): notes(file)}).replace(f"{file.parent}/", "") + "\n"
    golden = file.with_suffix(".txt")
    if update:
        golden.write_text(said, "utf-8")
    assert golden.is_file(), f"{golden.name} is missing; `pytest tests/mapping --update-golden` writes it"
    assert said == golden.read_text("utf-8")


def test_every_note_is_among_them() -> None:
    assert sorted(NOTES.keys() - {finding.code for file in FILES for finding in notes(file)}) == []
