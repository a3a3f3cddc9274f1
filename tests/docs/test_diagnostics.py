"""The page about findings has a section for each code, with its meaning and an example that a golden file holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from doorlog.diagnostics import CODES, NOTES

SECTION = re.compile(r"^### `(?P<code>[a-z-]+)`\n\n(?P<text>.*?)(?=^##|\Z)", re.M | re.S)
EXAMPLE = re.compile(r"<!-- (?P<file>\S+) -->\n\n```finding\n(?P<text>.*?)```", re.S)


@pytest.fixture
def page(root: Path) -> Path:
    return root / "docs" / "diagnostics.md"


def finding(root: Path, file: str, code: str) -> str:
    """The first finding with this code in a golden file."""
    text = (root / "tests" / "mapping" / f"{file}.txt").read_text("utf-8")
    found = re.search(rf"^\S[^\n]* \[{code}\]\n(?:  [^\n]*\n)*", text, re.M)
    assert found is not None, f"{file}.txt has no [{code}]"
    return found[0].rstrip("\n")


def test_every_code_has_its_section(page: Path) -> None:
    assert sorted(match["code"] for match in SECTION.finditer(page.read_text("utf-8"))) == sorted(CODES)


def test_every_section_begins_with_what_the_code_means(page: Path) -> None:
    for match in SECTION.finditer(page.read_text("utf-8")):
        said = " ".join(match["text"].split())
        assert said.startswith(CODES[match["code"]]), match["code"]
        assert len(said) > len(CODES[match["code"]]), f"{match['code']} doesn't say what to do"


def test_every_section_shows_a_finding_as_it_is(root: Path, page: Path, update: bool) -> None:
    def renewed(section: re.Match[str]) -> str:
        def shown(example: re.Match[str]) -> str:
            found = finding(root, example["file"], section["code"])
            return f"<!-- {example['file']} -->\n\n```finding\n{found}\n```"

        assert section["code"] in NOTES or EXAMPLE.search(section[0]), section["code"]
        return EXAMPLE.sub(shown, section[0])

    text = page.read_text("utf-8")
    right = SECTION.sub(renewed, text)
    if update:
        page.write_text(right, "utf-8")
    assert page.read_text("utf-8") == right, "`pytest tests/docs --update-golden` writes the examples anew"
