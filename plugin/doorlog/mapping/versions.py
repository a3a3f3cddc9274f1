"""What becomes of a mapping's rules in another version of the target than the one that they were written for.

A rule that the version has no place for is left out, so that the rest keeps what it would have kept; an enum's caption
that the version lacks is written as its "Other". What a value decides is left to the guards, which are made from the
version asked for. Each such move is told, at the place of the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from doorlog.diagnostics import Finding
from doorlog.mapping import check
from doorlog.mapping import model as m
from doorlog.mapping.aim import at, target_of
from doorlog.mapping.strict_yaml import Refused
from doorlog.mapping.wholes import unmet
from doorlog.targets import Attribute, Target

OTHER = 99
LACKS, NARROWER = "version-lacks", "version-narrower"


def taken(mapping: m.Mapping, section: m.Section, target: Target) -> tuple[tuple[m.Rule, ...], list[Finding]]:
    """The rules of a section that the target has a place for, and what was moved; the rest is for checks to refuse."""
    rules = tuple(section.rules.values())
    if not any(mapping.foreign(rule.mark.file) for rule in rules):
        return rules, []
    moved: list[Finding] = []
    rules = _placed(mapping, rules, "", target, moved)
    return _whole(mapping, rules, target, moved), moved


def _placed(
    mapping: m.Mapping, rules: Iterable[m.Rule], above: str, target: Target, moved: list[Finding]
) -> tuple[m.Rule, ...]:
    """Those rules whose attribute is there and of their form."""
    found = []
    for rule in rules:
        path = f"{above}.{rule.path}" if above else rule.path
        if mapping.foreign(rule.mark.file):
            try:
                attribute = check.attribute_of(rule, path, target)
                check.shape(rule, rule.value, attribute)
            except Refused as refused:
                lacks = f"{path} is no field of {written(target)}" if target.attribute(path) is None else ""
                moved.append(rule.mark.finding(LACKS, lacks or refused.finding.message))
                continue
        if isinstance(rule.value, m.Each):
            inner = _placed(mapping, rule.value.rules, path, target, moved)
            rule = replace(rule, value=replace(rule.value, rules=inner))
        found.append(rule)
    return tuple(found)


def _whole(mapping: m.Mapping, rules: tuple[m.Rule, ...], target: Target, moved: list[Finding]) -> tuple[m.Rule, ...]:
    """Those rules whose objects can have what the version requires of them."""
    while True:
        lacking = _lacking(rules, target)
        lost = {
            rule.path: why
            for path, why in lacking.items()
            for rule in rules
            if f"{rule.path}.".startswith(f"{path}.") and mapping.foreign(rule.mark.file)
        }
        if not lost:
            return rules
        moved += [rule.mark.finding(LACKS, lost[rule.path]) for rule in rules if rule.path in lost]
        rules = tuple(rule for rule in rules if rule.path not in lost)


def _lacking(rules: Iterable[m.Rule], target: Target) -> dict[str, str]:
    """The objects that these rules can't make whole, and lists of such, with what they lack."""
    rules = list(rules)
    paths = [*(rule.path for rule in rules), *check.derived(target)]
    found = {lack.path: lack.lacks for lack in unmet(paths, "", target) if lack.path}
    for rule in rules:
        if isinstance(rule.value, m.Each):
            for lack in unmet([one.path for one in rule.value.rules], rule.path, target):
                found[rule.path] = lack.lacks
    return found


def missing(mapping: m.Mapping, target: Target, moved: list[Finding]) -> check.Missing:
    """What becomes of constants that an attribute of the target doesn't take, if they were written for another one.

    What can be neither Other nor left out of a list is refused, so that the whole rule is moved: another alternative of
    it would say something else.
    """

    def instead(const: m.Const, attribute: Attribute, why: str) -> m.Const:
        if mapping.foreign(const.mark.file):
            lacks = f"{attribute.path} has no {const.value!r} in {written(target)}"
            if attribute.sibling is not None and OTHER in (attribute.values or {}).values():
                moved.append(const.mark.finding(LACKS, f"{lacks}; it is written as Other, with that text"))
                return replace(const, value=(OTHER, const.value))
            if attribute.array:
                moved.append(const.mark.finding(LACKS, lacks))
                return replace(const, value=None)
        return check.refuse(const, attribute, why)

    return instead


def narrowed(mapping: m.Mapping) -> list[Finding]:
    """Where the version refuses more values than the one that the rules were written for; each reason once."""
    found: dict[str, dict[str, m.Rule]] = {}
    for section in mapping.sections:
        target = target_of(mapping, section)
        for rule in taken(mapping, section, target)[0]:
            if mapping.foreign(rule.mark.file):
                own = target_of(at(mapping, mapping.versions[rule.mark.file]), section)
                for why in _narrower(own.attribute(rule.path), target.attribute(rule.path)):
                    found.setdefault(why, {})[rule.path] = rule
    return [
        next(iter(rules.values())).mark.finding(
            NARROWER, f"{mapping.writes} takes {why} in {_some(list(rules))}; another value is left to the rest"
        )
        for why, rules in found.items()
    ]


def _narrower(own: Attribute | None, here: Attribute | None) -> list[str]:
    """What the attribute demands of a value here, and did not where the rule was written."""
    if own is None or here is None:
        return []
    found = []
    if here.kind != own.kind:
        found.append(f"{here.type_name} instead of {own.type_name}")
    if here.max_length is not None and here.max_length < (own.max_length or here.max_length + 1):
        found.append(f"at most {here.max_length} characters")
    if here.pattern not in (None, own.pattern):
        found.append(f"what has the pattern of its {here.type_name}")
    return found


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def written(target: Target) -> str:
    """A target as people write it: `OCSF 1.1.0`."""
    return f"{target.name.upper()} {target.version}"
