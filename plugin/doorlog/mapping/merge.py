"""Makes one mapping of several files: a later one adds to, appends to, overrides or removes what the earlier say."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from typing import TypeVar

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError
from doorlog.mapping import model as m
from doorlog.mapping.aim import versions_of
from doorlog.mapping.find import Stack
from doorlog.mapping.parse import Append, File, KindPart, SectionPart
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.strict_yaml import Mark, Remove

T = TypeVar("T")


def merge(stack: Stack) -> m.Mapping:
    """The mapping that these files make, the last counting over all others; raises MappingError with all findings."""
    return _Merge().mapping(stack)


class _Merge:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.removed: dict[tuple[str, str], Mark] = {}
        self.tables: dict[str, dict[str, m.Const]] = {}
        self.table_marks: dict[str, Mark] = {}
        self.facts: dict[str, m.Expr] = {}
        self.kinds: dict[str, KindPart] = {}
        self.protected: dict[str, m.Protected] = {}
        self.masks: dict[str, tuple[m.Path, tuple[str, ...]]] = {}

    def mapping(self, stack: Stack) -> m.Mapping:
        files = stack.files
        target, versions = versions_of(files)
        for file in files:
            self.one_target(file, target, files[-1])
            for table, rows in file.tables.items():
                self.table(table, rows, file)
            self.override(self.facts, file.facts, "fact")
            self.add_kinds(file)
            self.mask(file)
            self.protect(file)
        mapping = m.Mapping(
            name=stack.name,
            mark=files[-1].mark,
            target=target,
            versions=versions,
            profiles=next((f.profiles for f in reversed(files) if f.profiles is not None), ()),
            dispatch=next((f.dispatch for f in reversed(files) if f.dispatch is not None), ()),
            time=next((f.time for f in reversed(files) if f.time is not None), None),
            tables={name: m.Table(tuple(rows.items()), self.table_marks[name]) for name, rows in self.tables.items()},
            kinds=tuple(self.kind(name, part) for name, part in self.kinds.items()),
            facts=self.facts,
            sections=self.sections(files),
            observables=tuple({const.value: const for file in files for const in file.observables}.values()),
            fields={path: const for file in files for path, const in file.fields.items()},
            removed=self.removed,
            extends=files[-1].extends,
            asked=stack.asked,
            fact_marks=_fact_marks(files),
            about={name: said for file in files for name, said in file.about.items()},
            masks=tuple(self.masks.values()),
            protected=tuple(self.protected.values()),
            keys={name: key for file in files for name, key in file.keys.items()},
        )
        if self.findings:
            raise MappingError(self.findings)
        return mapping

    def one_target(self, file: File, target: m.Const | None, last: File) -> None:
        """A mapping extends only what writes to the same target, or to none."""
        if file.target and target and str(file.target.value).split("@")[0] != str(target.value).split("@")[0]:
            mark = next((named.mark for named in last.extends if named.value == file.name), file.target.mark)
            said = f"{file.name!r} writes {file.target.value}, and can't be extended together with {target.value}"
            self.findings.append(mark.finding("mixed-targets", said))

    def override(self, into: dict[str, m.Expr], said: Mapped[str, m.Expr | Append | Remove], what: str) -> None:
        for name, value in said.items():
            if isinstance(value, Remove):
                self.remove(into, name, value, what)
            else:
                into[name] = _behind(into.get(name), value)

    def remove(self, into: dict[str, T], name: str, remove: Remove, what: str) -> None:
        if into.pop(name, None) is None:
            said = f"there is no {what} {name!r} to remove{hint(name, into)}"
            self.findings.append(remove.mark.finding("nothing-to-remove", said))
        else:
            self.removed[what, name] = remove.mark

    def table(self, name: str, rows: dict[str, m.Const | Remove] | Remove, file: File) -> None:
        if isinstance(rows, Remove):
            self.remove(self.tables, name, rows, "table")
            return
        self.table_marks.setdefault(name, file.table_marks[name])
        into = self.tables.setdefault(name, {})
        for row, value in rows.items():
            if isinstance(value, Remove):
                self.remove(into, row, value, f"row of {name!r}")
            else:
                into[row] = value

    def add_kinds(self, file: File) -> None:
        added = {name: part for name, part in file.kinds.items() if name not in self.kinds}
        for name, part in file.kinds.items():
            if isinstance(part, Remove):
                self.remove(self.kinds, name, part, "kind")
            elif name in self.kinds:
                self.change_kind(self.kinds[name], part)
        # What a later file adds is tried first, since the last of the earlier ones may catch everything.
        fresh = {name: part for name, part in added.items() if isinstance(part, KindPart)}
        self.kinds = {**fresh, **self.kinds}

    def mask(self, file: File) -> None:
        for place, said in file.masks.items():
            if isinstance(said, Remove):
                self.remove(self.masks, place, said, "mask")
            else:
                self.masks[place] = said

    def protect(self, file: File) -> None:
        for place, said in file.protected.items():
            if isinstance(said, Remove):
                self.remove(self.protected, place, said, "protection")
            else:
                self.protected[place] = said

    def change_kind(self, into: KindPart, part: KindPart) -> None:
        into.when = part.when or into.when
        into.skip = part.skip if part.skip is not None else into.skip
        into.counted = part.counted if part.counted is not None else into.counted
        into.description = part.description or into.description
        for name, value in part.facts.items():
            if isinstance(value, Remove) and name not in into.facts:
                said = f"this kind has no fact {name!r} to remove{hint(name, into.facts)}"
                self.findings.append(value.mark.finding("nothing-to-remove", said))
            elif isinstance(value, Remove):
                del into.facts[name]
            else:
                into.facts[name] = value

    def kind(self, name: str, part: KindPart) -> m.Kind:
        if part.when is None:
            self.findings.append(part.mark.finding("kind-without-when", f"the kind {name!r} needs a `when`"))
        facts: list[tuple[str, m.Expr]] = []
        for fact, value in part.facts.items():
            if isinstance(value, Remove):
                said = f"there is no fact {fact!r} of this kind to remove"
                self.findings.append(value.mark.finding("nothing-to-remove", said))
            else:
                facts.append((fact, value))
        skip = (name if part.skip is True else part.skip) or None
        counted, about = bool(part.counted), part.description or ""
        return m.Kind(name, part.when or m.Always(False), tuple(facts), skip, counted, about, part.mark)

    def sections(self, files: Sequence[File]) -> tuple[m.Section, ...]:
        """The rules of each class: file by file, first what a file says for all classes, then what for this one.

        So a rule that a later file gives for all classes counts over an earlier file's for one class. A target without
        classes has one section without a name.
        """
        named: dict[str, list[SectionPart]] = {}
        for file in files:
            for name, part in file.sections.items():
                named.setdefault(name, []).append(part)
        return tuple(self.section(name, said, files) for name, said in (named or {"": []}).items())

    def section(self, name: str, said: Sequence[SectionPart], files: Sequence[File]) -> m.Section:
        rules: dict[str, m.Rule] = {}
        removed: dict[str, Mark] = {}
        for file in files:
            own = file.sections[name].rules if name in file.sections else {}
            for path, rule in [*file.rules.items(), *own.items()]:
                if isinstance(rule, Remove):
                    self.remove(rules, path, rule, "rule for")
                    removed[path] = rule.mark
                elif isinstance(rule, Append):
                    before = rules[path].value if path in rules else None
                    rules[path] = m.Rule(path, _behind(before, rule), rule.mark)
                else:
                    rules[path] = rule
        mark = said[-1].mark if said else Mark("", 1, 1)
        return m.Section(name, _kinds_of(said), rules, mark, removed)


def _fact_marks(files: Sequence[File]) -> dict[str, Mark]:
    marks: dict[str, Mark] = {}
    for file in files:
        marks |= file.fact_marks
        for kind, part in file.kinds.items():
            if isinstance(part, KindPart):
                marks |= {f"{kind}.{name}": mark for name, mark in part.fact_marks.items()}
    return marks


def _behind(before: m.Expr | None, value: m.Expr | Append) -> m.Expr:
    """What is appended, behind what was there; each value once. What only overrides is itself."""
    if not isinstance(value, Append):
        return value
    return m.Collect((value.value,) if before is None else (before, value.value), value.mark)


def _kinds_of(said: Sequence[SectionPart]) -> tuple[m.Const, ...]:
    kinds: tuple[m.Const, ...] = ()
    for part in said:
        if part.kinds is not None:
            kinds = (*kinds, *part.kinds) if part.adds else part.kinds
    return kinds
