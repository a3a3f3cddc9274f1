"""What one kind of event becomes in one target: its leaves, checked against the target's schema and decided.

Derived things are made here and never written by hand: OCSF's class and type ids and captions, `metadata.version`,
`observables`; ECS's `ecs.version` and `related.*`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from doorlog.errors import Finding, MappingError, UsageError
from doorlog.mapping import model as m
from doorlog.mapping.carry import Carry, carried
from doorlog.mapping.fold import Scope, fold, scope_of
from doorlog.mapping.gives import Gives, Types, gives
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.strict_yaml import Refused
from doorlog.targets import Attribute, EcsTarget, OcsfTarget, Target, UnknownTargetError
from doorlog.targets import load as load_target
from doorlog.targets.guards import guard

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
    fields: tuple[Leaf, ...] = ()
    """Of an `each`, the rules of its elements."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one kind of event becomes in one target."""

    mapping: m.Mapping
    target: Target
    scope: Scope
    leaves: tuple[Leaf, ...]
    contested: frozenset[Keys]
    """The record's paths that several leaves may keep, each on some condition."""
    gathered: tuple[tuple[str, tuple[str, ...]], ...]
    """Lists of the values at other paths: (`related.user`, (`user.name`, ...))."""
    observables: tuple[tuple[str, int, str], ...]
    """(path, type id, caption)"""


def plan(mapping: m.Mapping, kind: m.Kind, types: Types) -> Plan:
    """The plan of a kind of event; raises MappingError with everything that the target's schema refuses."""
    section = _section(mapping, kind)
    target = _target(mapping, section)
    scope = scope_of(mapping, kind)
    planner = _Planner(mapping, target, scope, types)
    leaves = planner.leaves(section.rules.values(), "")
    leaves += planner.derived({leaf.path for leaf in leaves})
    planner.required(section, leaves)
    observables = planner.observables({leaf.path for leaf in leaves})
    if planner.findings:
        raise MappingError(planner.findings)
    kept, contested = _keepers(leaves)
    return Plan(mapping, target, scope, kept, contested, planner.gathered(leaves), observables)


def _section(mapping: m.Mapping, kind: m.Kind) -> m.Section:
    named = [section for section in mapping.sections if kind.name in section.kinds]
    rest = [section for section in mapping.sections if not section.kinds]
    if not named and not rest:
        raise MappingError([kind.mark.finding(f"no class of {mapping.name!r} is for the kind {kind.name!r}")])
    return (named or rest)[0]


def _target(mapping: m.Mapping, section: m.Section) -> Target:
    try:
        profiles = frozenset(mapping.profiles)
        return load_target(str(mapping.target), mapping.version, section.name or None, profiles)
    except UnknownTargetError as error:
        raise MappingError([mapping.mark.finding(str(error))]) from None


class _Planner:
    def __init__(self, mapping: m.Mapping, target: Target, scope: Scope, types: Types) -> None:
        self.mapping = mapping
        self.target = target
        self.scope = scope
        self.types = types
        self.findings: list[Finding] = []

    def leaves(self, rules: Iterable[m.Rule], above: str) -> list[Leaf]:
        """The leaves of these rules; what is decided to be nothing is left out."""
        found = []
        for rule in rules:
            try:
                leaf = self.leaf(rule, f"{above}.{rule.path}" if above else rule.path)
            except Refused as refused:
                self.findings.append(refused.finding)
                continue
            if leaf is not None:
                found.append(leaf)
        return found

    def leaf(self, rule: m.Rule, path: str) -> Leaf | None:
        attribute = self.attribute(rule, path)
        value = fold(rule.value, self.scope)
        if isinstance(value, m.Const) and value.value is None:
            return None
        if isinstance(value, m.Each):
            if not (attribute.array and attribute.kind == "object"):
                raise Refused(rule.mark, f"{path} takes no list of objects")
            fields = self.leaves(value.rules, path)
            return Leaf(path, attribute, value, (), tuple(fields))
        if attribute.sibling is not None and attribute.values is not None:
            return Leaf(path, attribute, self.enum(value, attribute), ())
        self.constants(value, attribute, rule)
        if attribute.array and self.gives(value) not in ("list", "any", "nothing"):
            raise Refused(rule.mark, f"{path} is a list; write [...] or `collect`")
        if not attribute.array and self.gives(value) == "list" and attribute.kind != "any":
            raise Refused(rule.mark, f"{path} is no list")
        return Leaf(path, attribute, value, () if attribute.array else carried(value, self.scope))

    def attribute(self, rule: m.Rule, path: str) -> Attribute:
        attribute = self.target.attribute(path)
        what = f"{self.target.name.upper()} {self.target.version}"
        if attribute is None:
            profile = self.target.needs_profile(path)
            if profile:
                raise Refused(rule.mark, f"{path} needs the profile {profile!r}, which `profiles` doesn't name")
            near = self.target.suggest(path)
            raise Refused(rule.mark, f"{path} is no field of {what}" + (f"; did you mean {near!r}?" if near else ""))
        if attribute.deprecated:
            raise Refused(rule.mark, f"{path} is deprecated in {what} since {attribute.deprecated}")
        if attribute.caption_of:
            raise Refused(rule.mark, f"{path} is written with {attribute.caption_of}, from the same rule")
        return attribute

    def gives(self, value: m.Expr) -> Gives:
        return gives(value, self.scope, self.types)

    def enum(self, value: m.Expr, attribute: Attribute) -> m.Expr:
        """An expression of captions as one of pairs (id, caption)."""
        values = attribute.values or {}

        def pair(const: m.Const) -> m.Const:
            if const.value is None:
                return const
            if not isinstance(const.value, str) or const.value not in values:
                near = hint(str(const.value), values)
                said = f"{const.value!r} is no value of {attribute.path}{near} ({', '.join(values)})"
                raise Refused(const.mark, said)
            return m.Const((values[const.value], const.value), const.mark)

        return _outcomes(value, pair, self.scope)

    def constants(self, value: m.Expr, attribute: Attribute, rule: m.Rule) -> None:
        """Every constant that an expression can give fits the attribute."""
        fits = guard(attribute)

        def check(const: m.Const) -> m.Const:
            items = const.value if isinstance(const.value, tuple) else (const.value,)
            if attribute.array and not isinstance(const.value, tuple) and const.value is not None:
                raise Refused(const.mark, f"{attribute.path} is a list; write [{const.value}]")
            for item in items:
                if item is None:
                    continue
                if not _is_of(item, attribute) or (fits is not None and not fits(item)):
                    allowed = f" ({', '.join(map(str, attribute.values))})" if attribute.values else ""
                    near = hint(str(item), map(str, attribute.values or ()))
                    said = f"{item!r} is no value of {attribute.path}, which takes {attribute.type_name}"
                    raise Refused(const.mark if const.mark.file else rule.mark, said + near + allowed)
            return const

        _outcomes(value, check, self.scope)

    def derived(self, written: set[str]) -> list[Leaf]:
        """What the target says of itself in every event."""
        target = self.target
        if isinstance(target, EcsTarget):
            return [self.fixed("ecs.version", target.version)] if "ecs.version" not in written else []
        fixed: dict[str, m.Value] = {
            "metadata.version": target.version,
            "class_uid": target.class_uid,
            "class_name": target.class_caption,
            "category_uid": target.category_uid,
            "category_name": target.category_caption,
        }
        leaves = [self.fixed(path, value) for path, value in fixed.items()]
        if target.profiles:
            leaves.append(self.fixed("metadata.profiles", tuple(sorted(target.profiles))))
        return leaves

    def fixed(self, path: str, value: m.Value) -> Leaf:
        attribute = self.target.attribute(path)
        assert attribute is not None, path
        return Leaf(path, attribute, m.Const(value, self.mapping.mark), ())

    def required(self, section: m.Section, leaves: Sequence[Leaf]) -> None:
        """The event as a whole has what its schema requires."""
        tops = {leaf.path.partition(".")[0] for leaf in leaves} | {
            (leaf.attribute.sibling or "").partition(".")[0] for leaf in leaves
        }
        if "activity_id" in tops:
            tops |= {"type_uid", "type_name"}
        mark = section.mark if section.mark.file else self.mapping.mark
        for path in self.target.required():
            if path.partition(".")[0] not in tops:
                self.findings.append(mark.finding(f"{self.target.name} requires {path}, which no rule writes"))
        for rule, names in self.target.constraints_in("").items():
            if not tops & set(names):
                self.findings.append(mark.finding(f"{self.target.name} requires {rule} of {', '.join(names)}"))

    def observables(self, written: set[str]) -> tuple[tuple[str, int, str], ...]:
        found = []
        for const in self.mapping.observables:
            path = str(const.value)
            attribute = self.target.attribute(path)
            if all(path not in section.rules for section in self.mapping.sections):
                self.findings.append(const.mark.finding(f"no rule writes the observable {path}"))
            elif path not in written:
                continue
            elif not isinstance(self.target, OcsfTarget) or attribute is None or attribute.observable is None:
                self.findings.append(const.mark.finding(f"{path} is no observable of {self.target.name}"))
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


def _is_of(value: m.Value, attribute: Attribute) -> bool:
    if attribute.kind == "any":
        return True
    if attribute.kind == "boolean":
        return isinstance(value, bool)
    if attribute.kind in ("integer", "timestamp", "float"):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _outcomes(value: m.Expr, change: Callable[[m.Const], m.Const], scope: Scope) -> m.Expr:
    """The expression with every constant that it can result in changed; a fact is written out for that."""
    match value:
        case m.Const():
            return change(value)
        case m.Name(name, mark) if name != "item":
            inner = scope.fact(name, mark)
            changed = _outcomes(inner, change, scope)
            return value if changed == inner else changed
        case m.First(options, _):
            return replace(value, options=tuple(_outcomes(option, change, scope) for option in options))
        case m.When(_, then, otherwise, _):
            changed_then, changed_else = _outcomes(then, change, scope), _outcomes(otherwise, change, scope)
            return replace(value, then=changed_then, otherwise=changed_else)
        case m.Lookup(_, table, default, _, _) if isinstance(table, m.Table):
            rows = tuple((key, change(const)) for key, const in table.rows)
            return replace(
                value,
                table=replace(table, rows=rows),
                default=_outcomes(default, change, scope) if default is not None else None,
            )
        case _:
            return value


def _keepers(leaves: Sequence[Leaf]) -> tuple[tuple[Leaf, ...], frozenset[Keys]]:
    """The leaves with the carries that count, and the paths of which only the record tells which leaf keeps them.

    Where a leaf always keeps a path, no other needs to.
    """
    holders: dict[Keys, list[int]] = {}
    always: dict[Keys, int] = {}
    for at, leaf in enumerate(leaves):
        for carry in leaf.carries:
            holders.setdefault(carry.keys, []).append(at)
            if carry.how == "whole":
                always.setdefault(carry.keys, at)
    pruned = tuple(
        replace(leaf, carries=tuple(carry for carry in leaf.carries if always.get(carry.keys, at) == at))
        for at, leaf in enumerate(leaves)
    )
    return pruned, frozenset(keys for keys, ats in holders.items() if len(ats) > 1 and keys not in always)


def targets_of(mapping: m.Mapping) -> str:
    """The target's name and version, as people write it; raises UsageError for a mapping that only holds facts."""
    if mapping.target is None:
        raise UsageError(f"the mapping {mapping.name!r} has no target; it is there to be extended")
    return f"{mapping.target}@{mapping.version}" if mapping.version else mapping.target
