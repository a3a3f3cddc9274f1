"""Puts a finding where its reader can mend it: what an own mapping breaks in a shipped one is told in the own one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.find import is_ours
from doorlog.mapping.strict_yaml import Mark
from doorlog.mapping.walk import nodes, tests

_OF_PROFILES = ("profile-off", "unknown-profile")
_OF_TARGET = ("unknown-field", "deprecated-field", "unknown-class", "wrong-value", "missing-required", "unknown-target")


def anchored(finding: Finding, mapping: m.Mapping) -> Finding:
    """The finding itself, or, if it is in a shipped file, the same at the place in an own file that brings it about."""
    if not is_ours(finding.file) or all(map(is_ours, mapping.asked)):
        return finding
    mark = next((mark for mark in _reasons(finding, mapping) if not is_ours(mark.file)), mapping.mark)
    return mark.finding(finding.code, f"{finding.message} ({Path(finding.file).name}:{finding.line})")


def _reasons(finding: Finding, mapping: m.Mapping) -> Iterator[Mark]:
    """Places that may have brought the finding about, the likeliest first."""
    if finding.code in _OF_PROFILES:
        yield from (profile.mark for profile in mapping.profiles)
    if finding.code == "kind-without-class":
        yield from (kind.mark for section in mapping.sections for kind in section.kinds)
    if finding.code == "unexpected-event-type":
        yield from (s.rules["event.category"].mark for s in mapping.sections if "event.category" in s.rules)
    if finding.code == "overlapping-rules":
        yield from _around(finding, mapping)
    yield from _changed(finding, mapping)
    if finding.code in _OF_TARGET and mapping.target is not None:
        yield mapping.target.mark
    yield from (extended.mark for extended in mapping.extends)


def _around(finding: Finding, mapping: m.Mapping) -> Iterator[Mark]:
    """The rules for objects of which the rule at the finding's place writes a part."""
    for section in mapping.sections:
        paths = [path for path, rule in section.rules.items() if rule.mark == _place(finding)]
        yield from (rule.mark for rule in section.rules.values() if any(p.startswith(f"{rule.path}.") for p in paths))


def _place(finding: Finding) -> Mark:
    return Mark(finding.file, finding.line, finding.column)


def _changed(finding: Finding, mapping: m.Mapping) -> Iterator[Mark]:
    """Where facts and tables were removed or said otherwise that the expression at the finding's place uses."""
    wanted = _place(finding)
    for mark, expr in _said(mapping):
        if mark == wanted or any(node.mark == wanted for node in nodes(expr)):
            facts, tables = _used(expr, mapping, set())
            yield from (at for (what, name), at in mapping.removed.items() if what == "fact" and name in facts)
            yield from (at for (what, name), at in mapping.removed.items() if what == "table" and name in tables)
            yield from (mapping.facts[name].mark for name in facts if name in mapping.facts)
            for name in tables & mapping.tables.keys():
                yield from (const.mark for _, const in mapping.tables[name].rows)


def _said(mapping: m.Mapping) -> Iterable[tuple[Mark, m.Expr]]:
    """All rules and facts, and what conditions of kinds test, each with its place."""
    yield from ((rule.mark, rule.value) for section in mapping.sections for rule in section.rules.values())
    yield from ((fact.mark, fact) for fact in mapping.facts.values())
    for kind in mapping.kinds:
        yield from ((fact.mark, fact) for _, fact in kind.facts)
        yield from ((test.mark, test.subject) for test in tests(kind.when))


def _used(expr: m.Expr, mapping: m.Mapping, seen: set[str]) -> tuple[set[str], set[str]]:
    """The facts and the tables that an expression names, and those that these facts do."""
    facts = {node.name for node in nodes(expr) if isinstance(node, m.Name)} - seen
    tables = {node.table for node in nodes(expr) if isinstance(node, m.Lookup) and isinstance(node.table, str)}
    seen |= facts
    for name in sorted(facts & mapping.facts.keys()):
        more, others = _used(mapping.facts[name], mapping, seen)
        facts |= more
        tables |= others
    return facts, tables
