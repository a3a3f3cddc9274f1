"""Finds mappings by name and merges what they extend: a later file adds to, overrides or removes the earlier."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from doorlog import resources
from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.mapping import model as m
from doorlog.mapping.parse import File, KindPart, SectionPart, parse
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.strict_yaml import Mark, Remove

T = TypeVar("T")


def names(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """Every mapping that can be asked for by name, the first folder winning; the shipped ones come last."""
    return {name: files[0] for name, files in _files(folders).items()}


def _files(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """All mapping files by name, in the order in which folders are looked through."""
    found: dict[str, list[Path]] = {}
    for folder in (*folders, resources.folder("mappings")):
        for file in sorted(folder.glob("*.yaml")) + sorted(folder.glob("*.yml")):
            if file.is_file() and file.resolve().is_relative_to(folder.resolve()):
                found.setdefault(file.stem, []).append(file)
    return found


def load(name: str, folders: Sequence[Path] = ()) -> m.Mapping:
    """A mapping with all that it extends merged in.

    `name` is that of a mapping in one of the folders or among the shipped ones, or the path of a YAML file, beside
    which further mappings are found by name too. Raises UsageError if there is no such mapping, and MappingError if
    there is something wrong in it.
    """
    if name.endswith((".yaml", ".yml")):
        file = Path(name)
        if not file.is_file():
            raise UsageError(f"there is no mapping file {name}")
        folders = (file.parent, *folders)
    else:
        known = names(folders)
        if name not in known:
            raise UsageError(f"there is no mapping {name!r}{hint(name, known)}; there are {', '.join(sorted(known))}")
        file = known[name]
    files: list[File] = []
    _gather(_read(file), _files(folders), (), files)
    return _merge(files)


def _read(file: Path) -> File:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise MappingError([Finding(str(file), 1, 1, "bad-yaml", "a mapping file is UTF-8 text")]) from None
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from None
    return parse(text, str(file))


def _gather(file: File, known: Mapped[str, list[Path]], above: tuple[str, ...], into: list[File]) -> None:
    """All files in the order in which they count, what is extended before what extends it; each once.

    A file may extend another of its own name that comes later in the order of the folders, such as a shipped one.
    """
    above = (*above, file.mark.file)
    for extended in file.extends:
        name = str(extended.value)
        if name not in known:
            raise MappingError(
                [extended.mark.finding("unknown-mapping", f"there is no mapping {name!r} to extend{hint(name, known)}")]
            )
        sources = [path for path in known[name] if str(path) not in above]
        if not sources:
            raise MappingError([extended.mark.finding("extends-itself", f"{name!r} would extend itself")])
        if all(str(sources[0]) != other.mark.file for other in into):
            _gather(_read(sources[0]), known, above, into)
    into.append(file)


def _merge(files: Sequence[File]) -> m.Mapping:
    findings: list[Finding] = []
    tables: dict[str, dict[str, m.Const]] = {}
    table_marks: dict[str, Mark] = {}
    facts: dict[str, m.Expr] = {}
    kinds: dict[str, KindPart] = {}
    common: list[dict[str, m.Rule | Remove]] = []
    parts: list[dict[str, SectionPart]] = []
    last = files[-1]
    target = next((f.target for f in reversed(files) if f.target), None)
    for file in files:
        if file.target and target and str(file.target.value).split("@")[0] != str(target.value).split("@")[0]:
            findings.append(
                file.target.mark.finding(
                    "mixed-targets", f"this writes {file.target.value}, but is extended by one of {target.value}"
                )
            )
        for name, rows in file.tables.items():
            _merge_table(name, rows, file, tables, table_marks, findings)
        _override(facts, file.facts, "fact", findings)
        added = {name: part for name, part in file.kinds.items() if name not in kinds}
        for name, part in file.kinds.items():
            if isinstance(part, Remove):
                _remove(kinds, name, part, "kind", findings)
            elif name in kinds:
                _merge_kind(kinds[name], part, findings)
        # What a later file adds is tried first, since the last of the earlier ones may catch everything.
        fresh = {name: part for name, part in added.items() if isinstance(part, KindPart)}
        kinds = {**fresh, **kinds}
        common.append(file.rules)
        parts.append(file.sections)
    sections = _sections(common, parts, findings)
    mapping = m.Mapping(
        name=last.name,
        mark=last.mark,
        target=target,
        profiles=next((f.profiles for f in reversed(files) if f.profiles is not None), ()),
        dispatch=next((f.dispatch for f in reversed(files) if f.dispatch is not None), ()),
        time=next((f.time for f in reversed(files) if f.time is not None), None),
        tables={name: m.Table(tuple(rows.items()), table_marks[name]) for name, rows in tables.items()},
        kinds=tuple(_kind(name, part, findings) for name, part in kinds.items()),
        facts=facts,
        sections=sections,
        observables=tuple({const.value: const for file in files for const in file.observables}.values()),
    )
    if findings:
        raise MappingError(findings)
    return mapping


def _override(into: dict[str, T], said: Mapped[str, T | Remove], what: str, findings: list[Finding]) -> None:
    for name, value in said.items():
        if isinstance(value, Remove):
            _remove(into, name, value, what, findings)
        else:
            into[name] = value


def _remove(into: dict[str, T], name: str, mark: Remove, what: str, findings: list[Finding]) -> None:
    if name in into:
        del into[name]
    else:
        findings.append(
            mark.mark.finding("nothing-to-remove", f"there is no {what} {name!r} to remove{hint(name, into)}")
        )


def _merge_table(
    name: str,
    rows: dict[str, m.Const | Remove] | Remove,
    file: File,
    tables: dict[str, dict[str, m.Const]],
    marks: dict[str, Mark],
    findings: list[Finding],
) -> None:
    if isinstance(rows, Remove):
        _remove(tables, name, rows, "table", findings)
        return
    marks.setdefault(name, file.table_marks[name])
    _override(tables.setdefault(name, {}), rows, f"row of {name!r}", findings)


def _merge_kind(into: KindPart, part: KindPart, findings: list[Finding]) -> None:
    into.when = part.when or into.when
    into.skip = part.skip if part.skip is not None else into.skip
    for name, value in part.facts.items():
        if isinstance(value, Remove) and name not in into.facts:
            findings.append(
                value.mark.finding(
                    "nothing-to-remove", f"this kind has no fact {name!r} to remove{hint(name, into.facts)}"
                )
            )
        elif isinstance(value, Remove):
            del into.facts[name]
        else:
            into.facts[name] = value


def _kind(name: str, part: KindPart, findings: list[Finding]) -> m.Kind:
    if part.when is None:
        findings.append(part.mark.finding("kind-without-when", f"the kind {name!r} needs a `when`"))
    facts: list[tuple[str, m.Expr]] = []
    for fact, value in part.facts.items():
        if isinstance(value, Remove):
            findings.append(
                value.mark.finding("nothing-to-remove", f"there is no fact {fact!r} of this kind to remove")
            )
        else:
            facts.append((fact, value))
    return m.Kind(name, part.when or m.Always(False), tuple(facts), bool(part.skip), part.mark)


def _sections(
    common: Sequence[Mapped[str, m.Rule | Remove]],
    parts: Sequence[Mapped[str, SectionPart]],
    findings: list[Finding],
) -> tuple[m.Section, ...]:
    """The rules of each class: file by file, first what a file says for all classes, then what it says for this one.

    So a rule that a later file gives for all classes counts over an earlier file's for one class. A target without
    classes has one section without a name.
    """
    named: dict[str, list[SectionPart]] = {}
    for sections in parts:
        for name, part in sections.items():
            named.setdefault(name, []).append(part)
    result = []
    for name, said in named.items() or [("", [])]:
        rules: dict[str, m.Rule] = {}
        for shared, sections in zip(common, parts, strict=True):
            own = sections[name].rules if name in sections else {}
            for path, rule in [*shared.items(), *own.items()]:
                if isinstance(rule, Remove):
                    _remove(rules, path, rule, "rule for", findings)
                else:
                    rules[path] = rule
        kinds = next((part.kinds for part in reversed(said) if part.kinds is not None), ())
        result.append(m.Section(name, kinds, rules, said[0].mark if said else Mark("", 1, 1)))
    return tuple(result)
