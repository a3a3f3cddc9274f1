"""Every finding has a code that is listed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from doorlog.diagnostics import CODES, ERRORS, NOTES, WARNINGS


def given(root: Path) -> Iterator[str]:
    """The texts that stand where a code does: behind a mark, or alone before a sentence in `finding`."""
    for file in sorted((root / "plugin" / "doorlog" / "mapping").glob("*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            place = {"finding": 0, "Refused": 1, "refuse": 1, "Finding": 3}.get(name)
            if place is not None:
                yield from (text.value for text in ast.walk(call.args[place]) if isinstance(text, ast.Constant))


def test_codes_are_listed(root: Path) -> None:
    used = set(given(root))
    assert len(used) > 40
    assert sorted(used - CODES.keys()) == []
    assert len(ERRORS) + len(WARNINGS) + len(NOTES) == len(CODES)


def test_codes_are_short_and_say_what_they_mean() -> None:
    for code, meaning in CODES.items():
        assert code == code.lower().strip("-")
        assert code.replace("-", "").isalpha()
        assert meaning.endswith(".")
