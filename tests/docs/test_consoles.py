"""What the documents show as typed is typed, and prints what they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, Fence, fences, pages, shell, typed

SHOWING = [page for page in pages() if fences(page, "console")]


def file_of(fence: Fence) -> str | None:
    """The name that a snippet gives itself in its first line, `# NAME.yaml`."""
    named = re.match(r"# (\S+\.yaml)\n", fence.text)
    return named[1] if named and fence.what == "yaml" else None


@pytest.mark.parametrize("page", SHOWING, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_print_what_the_page_shows(page: Path, place: Path, user_path: str) -> None:
    for fence in fences(page):
        if name := file_of(fence):
            file = place / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(fence.text, "utf-8")
        elif fence.what == "console":
            for command, printed in typed(fence.text):
                assert shell(command, place, user_path) == printed, f"{page.name}:{fence.line}: {command}"


def test_the_readme_and_the_language_show_commands() -> None:
    assert {page.name for page in SHOWING} >= {"README.md", "mapping-language.md"}
