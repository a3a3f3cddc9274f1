"""Where each rule, fact, table row and kind of a mapping comes from, through all files that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.find import Stack
from doorlog.mapping.parse import Append, File
from doorlog.mapping.strict_yaml import Mark, Remove

How: TypeAlias = Literal["says", "appends", "removes", "changes"]
"""What a file does: it says something, whatever was said before; appends to it; takes it away; changes a part of it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one file does about something."""

    how: How
    mark: Mark


@dataclass(frozen=True, slots=True)
class Origin:
    """One thing that a mapping is made of, and what its files do about it; the last counts."""

    part: str
    """`set`, `facts`, `tables` or `kinds`."""
    name: str
    """The field's path, the name of the fact or kind, or TABLE: ROW."""
    of_class: str | None
    said: tuple[Said, ...]

    @property
    def there(self) -> bool:
        """Whether it is still there after the last file."""
        return self.said[-1].how != "removes"


def origins(stack: Stack) -> list[Origin]:
    """Every rule, fact, table row and kind that a file of the stack says something about, in the files' order."""
    found: dict[tuple[str, str, str | None], list[Said]] = {}
    named: list[str | None] = list(dict.fromkeys(name for file in stack.files for name in file.sections))
    classes = named or [None]
    for file in stack.files:
        for part, name, of_class, said in _of(file, classes):
            found.setdefault((part, name, of_class), []).append(said)
    return [Origin(part, name, of_class, tuple(said)) for (part, name, of_class), said in found.items()]


def _of(file: File, classes: Sequence[str | None]) -> Iterator[tuple[str, str, str | None, Said]]:
    for path, rule in file.rules.items():
        for of_class in classes:
            yield "set", path, of_class, _said(rule, rule.mark)
    for of_class, section in file.sections.items():
        for path, rule in section.rules.items():
            yield "set", path, of_class, _said(rule, rule.mark)
    for name, fact in file.facts.items():
        yield "facts", name, None, _said(fact, file.fact_marks[name])
    for name, rows in file.tables.items():
        if isinstance(rows, Remove):
            yield "tables", name, None, Said("removes", rows.mark)
        else:
            for row, value in rows.items():
                yield "tables", f"{name}: {row}", None, _said(value, value.mark)
    for name, kind in file.kinds.items():
        how: How = "removes" if isinstance(kind, Remove) else "says" if kind.when else "changes"
        yield "kinds", name, None, Said(how, kind.mark)


def _said(value: m.Expr | m.Rule | Append | Remove, mark: Mark) -> Said:
    if isinstance(value, Remove):
        return Said("removes", value.mark)
    return Said("appends" if isinstance(value, Append) else "says", mark)
