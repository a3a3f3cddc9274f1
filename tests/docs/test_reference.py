"""The tables of the documents say what the program says."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from generated import PARTS, parts, renewed

from doorlog.cli.exits import Exit
from doorlog.cli.forward_options import KEEPING, SENDING
from doorlog.cli.options import Options
from doorlog.cli.run import command as run_command
from doorlog.cli.verbs import VERBS
from doorlog.intake import SKIPS
from doorlog.intake.limits import UNWRAPPINGS
from doorlog.mapping.functions import FUNCTIONS
from doorlog.rejects import REASONS

PAGES = ("reference.md", "mapping-language.md", "functions.md")


@pytest.mark.parametrize("name", PAGES)
def test_a_table_that_the_program_knows_is_as_the_program_has_it(root: Path, name: str, update: bool) -> None:
    page = root / "docs" / name
    text = page.read_text("utf-8")
    if update:
        page.write_text(renewed(text), "utf-8")
    assert page.read_text("utf-8") == renewed(text), "`pytest tests/docs --update-golden` writes the tables anew"


def test_every_such_table_is_in_a_page(root: Path) -> None:
    found = [name for page in PAGES for name in parts((root / "docs" / page).read_text("utf-8"))]
    assert sorted(found) == sorted(PARTS)


def test_everything_that_has_a_name_is_in_the_reference(root: Path) -> None:
    text = (root / "docs" / "reference.md").read_text("utf-8")
    names = [*VERBS, *REASONS, *SKIPS]
    assert [name for name in names if f"`{name}`" not in text] == []
    assert [int(code) for code in Exit if f"\n| {int(code)} | " not in text] == []
    options = [option for option in run_command.params if isinstance(option, click.Option)]
    assert len(options) == len(Options.__dataclass_fields__) - 2 + len(SENDING) + len(KEEPING)
    assert [option.opts[0] for option in options if f"`{option.opts[0]}" not in text] == []


def test_every_function_is_in_the_reference_of_the_language(root: Path) -> None:
    text = (root / "docs" / "mapping-language.md").read_text("utf-8")
    assert [name for name, function in FUNCTIONS.items() if f"`{function.usage}`" not in text] == []


def test_the_fixed_limits_are_the_ones_that_hold(root: Path) -> None:
    text = (root / "docs" / "reference.md").read_text("utf-8")
    assert f"envelopes inside each other: {UNWRAPPINGS}" in text
