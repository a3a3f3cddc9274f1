"""The page that stands beside other mappings says of Doorlog what Doorlog does, and names a source in every cell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from events_page import examples, of_kind
from pages import ROOT

from doorlog.mapping.load import load

PAGE = ROOT / "docs" / "comparison.md"
ROW = re.compile(r"^\| (?:\[(?P<kind>[a-z-]+)\]\(events\.md#[a-z-]+\)|(?P<fact>[^|\[]+?)) \| (?P<cells>.*) \|$", re.M)
SOURCE = re.compile(r"\[([A-Z][0-9])\]")


def rows() -> list[tuple[str, list[str]]]:
    text = PAGE.read_text("utf-8").partition("\n## Sources\n")[0]
    found = [(match["kind"] or match["fact"], match["cells"].split(" | ")) for match in ROW.finditer(text)]
    return [(name, cells) for name, cells in found if name not in ("kind", "fact", "---")]


KINDS = [kind.name for kind in load("ecs+near-sign-in").kinds if not kind.skip]


@pytest.mark.parametrize("kind", KINDS)
def test_the_column_of_doorlog_is_what_the_mappings_do(kind: str) -> None:
    (cells,) = (cells for name, cells in rows() if name == kind)
    ecs, ocsf = of_kind(examples()[kind].record, "success")
    event = ecs["event"]
    said = f"{', '.join(event['category'])} / {', '.join(event['type'])}; {ocsf['class_uid']} {ocsf['activity_name']}"
    assert cells[0] == said


def test_every_other_cell_names_a_source_that_the_page_has() -> None:
    text = PAGE.read_text("utf-8")
    sources = set(re.findall(r"^\| ([A-Z][0-9]) \|", text.partition("\n## Sources\n")[2], re.M))
    wanted = [cell for name, cells in rows() for cell in (cells[1:] if name in KINDS else cells)]
    assert [cell for cell in wanted if not SOURCE.search(cell)] == []
    assert {source for cell in wanted for source in SOURCE.findall(cell)} == sources
    assert len(rows()) == len(KINDS) + 7


def test_a_source_of_our_own_is_there(root: Path) -> None:
    named = re.findall(r"^\| D[0-9] \| `([^`]+)`", PAGE.read_text("utf-8"), re.M)
    assert named
    assert all((root / name).is_file() for name in named)
