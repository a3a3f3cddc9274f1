"""What one kind of event becomes in one target: its leaves, checked against the target's schema and decided.

Derived things are made here and never written by hand: OCSF's class and type ids and captions, `metadata.version`,
`observables`; ECS's `ecs.version` and `related.*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError
from doorlog.mapping import check, versions
from doorlog.mapping import model as m
from doorlog.mapping.aim import target_of
from doorlog.mapping.carry import Carry, carried
from doorlog.mapping.find import is_ours
from doorlog.mapping.fold import Scope, fold, scope_of
from doorlog.mapping.gives import Gives, Types, gives
from doorlog.mapping.strict_yaml import Refused
from doorlog.mapping.wholes import unmet
from doorlog.targets import Attribute, OcsfTarget, Target

_USER = r"(?:(?:client|destination|host|server|source)\.)?user\.(?:(?:effective|target|changes)\.)?"
# What ECS wants gathered, by the names of the fields that hold it; the ids of ECS's `user.roles` are no users.
_RELATED = {
    "related.user": re.compile(rf"{_USER}(?:name|id|email)\Z"),
    "related.hosts": re.compile(r"(?:host\.name|host\.hostname|(?:source|destination|client|server|url)\.domain)\Z"),
}

Keys: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One rule for one kind of event: what is written where, and which values of the record that keeps."""

    path: str
    attribute: Attribute
    value: m.Expr
    carries: tuple[Carry, ...]
    keeps: bool = False
    """Whether it may keep values at all: a list, an enum's captions and what stands in an `each` don't."""
    fields: tuple[Leaf, ...] = ()
    """Of an `each`, the rules of its elements."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one kind of event becomes in one target."""

    mapping: m.Mapping
    target: Target
    scope: Scope
    leaves: tuple[Leaf, ...]
    order: Mapping[str, int]
    """The place of every path and of all that lead to it, so that members stand in the order of the mapping's rules."""
    contested: frozenset[Keys]
    """The record's paths that several leaves may keep, each on some condition."""
    gathered: tuple[tuple[str, tuple[str, ...]], ...]
    """Lists of the values at other paths: (`related.user`, (`user.name`, ...))."""
    observables: tuple[tuple[str, int, str], ...]
    """(path, type id, caption)"""
    moved: tuple[Finding, ...] = ()
    """What the version of the target has no place for, of rules that were written for another one."""


def plan(mapping: m.Mapping, kind: m.Kind, types: Types) -> Plan:
    """The plan of a kind of event.

    Raises MappingError with everything that the target's schema refuses.
    """
    section = section_of(mapping, kind)
    target = target_of(mapping, section)
    scope = scope_of(mapping, kind)
    planner = _Planner(mapping, target, scope, types)
    rules, moved = versions.taken(mapping, section, target)
    planner.moved += moved
    leaves = planner.leaves(rules, "")
    leaves += planner.derived()
    order = _order([*section.rules, *check.derived(target)])
    observables = planner.observables({leaf.path for leaf in leaves})
    if not planner.findings:
        planner.findings += _lacks(planner, leaves, section, kind)
    if planner.findings:
        raise MappingError(planner.findings)
    kept, contested = keepers(leaves)
    gathered, moves = planner.gathered(leaves), tuple(planner.moved)
    return Plan(mapping, target, scope, kept, order, contested, gathered, observables, moves)


def _lacks(planner: _Planner, leaves: Sequence[Leaf], section: m.Section, kind: m.Kind) -> Iterable[Finding]:
    """What the target requires of every event, and no rule writes for this kind though one is there for others."""
    for lack in unmet([leaf.path for leaf in leaves], "", planner.target):
        there = [rule.mark for path, rule in section.rules.items() if path.partition(".")[0] in lack.wanted]
        if not lack.path and (there or planner.moved):
            said = lack.lacks.replace("which no rule writes", f"and for the kind {kind.name!r} no rule gives it")
            yield (there or [kind.mark])[0].finding(lack.code, said)


def section_of(mapping: m.Mapping, kind: m.Kind) -> m.Section:
    """The class that takes a kind of event, which every kind of a validated mapping has."""
    named = [section for section in mapping.sections if any(one.value == kind.name for one in section.kinds)]
    return (named or [section for section in mapping.sections if not section.kinds])[0]


class _Planner:
    def __init__(self, mapping: m.Mapping, target: Target, scope: Scope, types: Types) -> None:
        self.mapping = mapping
        self.target = target
        self.scope = scope
        self.types = types
        self.findings: list[Finding] = []
        self.moved: list[Finding] = []
        self.missing = versions.missing(mapping, target, self.moved)

    def leaves(self, rules: Iterable[m.Rule], above: str) -> list[Leaf]:
        """The leaves of these rules; what is decided to be nothing is left out."""
        found = []
        for rule in rules:
            try:
                leaf = self.leaf(rule, f"{above}.{rule.path}" if above else rule.path)
            except Refused as refused:
                self.refused(refused.finding, rule)
                continue
            if leaf is not None:
                found.append(leaf)
        return found

    def leaf(self, rule: m.Rule, path: str) -> Leaf | None:
        attribute = check.attribute_of(rule, path, self.target)
        value = fold(rule.value, self.scope)
        if isinstance(value, m.Const) and value.value is None:
            return None
        check.shape(rule, value, attribute)
        if isinstance(value, m.Each):
            return Leaf(path, attribute, value, (), fields=tuple(self.leaves(value.rules, path)))
        if attribute.sibling is not None and attribute.values is not None:
            return Leaf(path, attribute, check.captions(value, attribute, self.scope, self.missing), ())
        value = check.typed(rule, value, attribute, self.scope, self.missing)
        check.type_fits(rule, self.gives(value), attribute)
        keeps = not attribute.array and path == rule.path
        return Leaf(path, attribute, value, carried(value, self.scope, self.types) if keeps else (), keeps)

    def refused(self, finding: Finding, rule: m.Rule | None = None) -> None:
        """What the target refuses is wrong, or moved if it was written for another version.

        What an own rule takes from a shipped file, and can't have, is told at the rule.
        """
        if self.mapping.foreign(finding.file):
            message = f"{versions.written(self.target)}: {finding.message}"
            self.moved.append(finding._replace(code=versions.LACKS, message=message))
        elif rule is not None and is_ours(finding.file) and not is_ours(rule.mark.file):
            said = f"{finding.message} ({Path(finding.file).name}:{finding.line})"
            self.findings.append(rule.mark.finding(finding.code, said))
        else:
            self.findings.append(finding)

    def gives(self, value: m.Expr) -> Gives:
        return gives(value, self.scope, self.types)

    def derived(self) -> list[Leaf]:
        """What the target says of itself in every event."""
        return [self.fixed(path, value) for path, value in check.derived(self.target).items()]

    def fixed(self, path: str, value: m.Value) -> Leaf:
        attribute = self.target.attribute(path)
        assert attribute is not None, path
        return Leaf(path, attribute, m.Const(value, self.mapping.mark), ())

    def observables(self, written: set[str]) -> tuple[tuple[str, int, str], ...]:
        found = []
        for const in self.mapping.observables:
            path = str(const.value)
            attribute = self.target.attribute(path)
            if all(path not in section.rules for section in self.mapping.sections):
                # What an own mapping removes, the extended one may still list.
                if any(path in section.removed for section in self.mapping.sections):
                    continue
                self.findings.append(const.mark.finding("unknown-observable", f"no rule writes the observable {path}"))
            elif path not in written:
                continue
            elif not isinstance(self.target, OcsfTarget) or attribute is None or attribute.observable is None:
                said = f"{path} is no observable of {self.target.name}"
                finding = const.mark.finding("unknown-observable", said)
                self.refused(finding)
            else:
                found.append((path, attribute.observable, self.target.observable_caption(attribute.observable)))
        return tuple(found)

    def gathered(self, leaves: Sequence[Leaf]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        if self.target.name != "ecs":
            return ()
        paths = [leaf.path for leaf in leaves]
        ips = tuple(
            leaf.path for leaf in leaves if leaf.attribute.kind == "ip" and not leaf.path.startswith("related.")
        )
        wanted = [("related.ip", ips)]
        wanted += [(field, tuple(p for p in paths if pattern.match(p))) for field, pattern in _RELATED.items()]
        return tuple((field, found) for field, found in wanted if found and field not in paths)


def _order(paths: Iterable[str]) -> Mapping[str, int]:
    places: dict[str, int] = {}
    for path in paths:
        steps = path.split(".")
        for end in range(1, len(steps) + 1):
            places.setdefault(".".join(steps[:end]), len(places))
    return places


def keepers(leaves: Sequence[Leaf]) -> tuple[tuple[Leaf, ...], frozenset[Keys]]:
    """The leaves with the carries that count, and the paths of which only the record tells which leaf keeps them.

    Where a leaf always keeps a path, no other needs to keep it, or anything below it.
    """
    holders: dict[Keys, list[int]] = {}
    always: dict[Keys, int] = {}
    for at, leaf in enumerate(leaves):
        for carry in leaf.carries:
            holders.setdefault(carry.keys, []).append(at)
            if carry.how == "whole":
                always.setdefault(carry.keys, at)
    below = {keys for keys in holders if any(keys[:end] in always for end in range(1, len(keys)))}
    holders = {keys: ats for keys, ats in holders.items() if keys not in below}
    pruned = tuple(
        replace(
            leaf,
            carries=tuple(c for c in leaf.carries if c.keys not in below and always.get(c.keys, at) == at),
        )
        for at, leaf in enumerate(leaves)
    )
    return pruned, frozenset(keys for keys, ats in holders.items() if len(ats) > 1 and keys not in always)
