"""Everything that can be found wrong in mappings before the first record."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.mapping import check, kinds, model, wholes
from doorlog.mapping.aim import at, target_of
from doorlog.mapping.anchor import anchored
from doorlog.mapping.event_types import unexpected
from doorlog.mapping.fold import scope_of
from doorlog.mapping.gives import Types
from doorlog.mapping.hide import hider
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.plan import Plan, plan
from doorlog.mapping.strict_yaml import Refused
from doorlog.mapping.versions import narrowed, taken


def validate(mappings: Sequence[model.Mapping], types: Types) -> list[Finding]:
    """What the versions of the targets have no place for, of rules that were written for other versions.

    Raises MappingError with all findings for all kinds of event, UsageError for a mapping without a target. A rule is
    held to the version that it was written for, whichever is asked for.
    """
    found = [of_one(mapping, types) for mapping in mappings]
    findings = [finding for errors, _ in found for finding in errors]
    if findings:
        raise MappingError(findings)
    return sorted({note for _, notes in found for note in notes})


def without_target(mapping: model.Mapping) -> list[Finding]:
    """The errors in a mapping that is there to be extended; what it writes is only noted, since nothing says where."""
    errors = [*_facts(mapping), *(_collected(lambda: kinds.check(mapping)) if mapping.kinds else [])]
    rules = [rule for section in mapping.sections for rule in section.rules.values()]
    if rules:
        said = "what this writes can be checked only with a target: name what it is put behind, as `ecs+this.yaml`"
        errors.append(rules[0].mark.finding("no-target", said))
    return [anchored(error, mapping) for error in errors]


def of_one(mapping: model.Mapping, types: Types) -> tuple[list[Finding], list[Finding]]:
    """The errors in a mapping, told where its own files bring them about, and the notes about its version."""
    if mapping.target is None:
        raise UsageError(f"the mapping {mapping.name!r} has no target; it is there to be extended")
    if not mapping.dispatch or mapping.time is None or not mapping.kinds:
        said = "a mapping needs `dispatch`, `time` and `kinds`; extend `aws-signin`"
        return [mapping.mark.finding("no-kinds", said)], []
    errors = _sections(mapping) + _rules(mapping) + _facts(mapping)
    errors += _collected(lambda: kinds.check(mapping))
    errors += _collected(lambda: hider(mapping))
    if any(error.code == "kind-without-class" for error in errors):
        return [anchored(error, mapping) for error in errors], []
    plans: list[tuple[Plan, model.Kind]] = []
    for version in {mapping.version: None, **dict.fromkeys(mapping.versions.values())}:
        aimed = mapping if version == mapping.version else at(mapping, version)
        for kind in mapping.kinds:
            if not kind.skip:
                errors += _collected(lambda one=aimed, kind=kind: plans.append((plan(one, kind, types), kind)))  # type: ignore[misc]
    for one, kind in plans:
        errors += unexpected(one, kind)
    if errors:
        return [anchored(finding, mapping) for finding in _summed(errors)], []
    return [], [*(note for one, _ in plans if one.mapping is mapping for note in one.moved), *narrowed(mapping)]


_OF_PLACE = ("wrong-value", "unknown-field")
"""What is wrong with one text of the mapping, whatever each class of the target would have there."""


def _summed(findings: Sequence[Finding]) -> list[Finding]:
    """The findings; what is so of several kinds, classes or places is told once, of the first."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in dict.fromkeys(findings):
        alike.setdefault(_same(finding), []).append(finding)
    summed = []
    for first, *others in (sorted(found, key=_first) for found in alike.values()):
        more = f" (here and in {len(others)} more)" if first.code == "not-ready" else f", nor for {len(others)} more"
        summed.append(first._replace(message=first.message + (more if others and first.code not in _OF_PLACE else "")))
    return summed


def _same(finding: Finding) -> tuple[object, ...]:
    """What findings of one mistake have in common."""
    if finding.code == "not-ready":
        return finding[3:]
    said, _, kind = finding.message.partition(" for the kind ")
    if finding.code in _OF_PLACE:
        return (finding[:4], re.split(r"; | \(| of [A-Z]", finding.message)[0])
    return (finding[:4], said) if kind else finding


def _first(finding: Finding) -> tuple[object, ...]:
    """The order of findings of one mistake: by place; of one place, what knows more comes first."""
    knows = "did you mean" in finding.message or "it goes under" in finding.message
    return (*finding[:3], not knows)


def _sections(mapping: model.Mapping) -> list[Finding]:
    """Classes name kinds that there are, and no kind twice."""
    known = [kind.name for kind in mapping.kinds]
    findings: list[Finding] = []
    said: set[str] = set()
    for const in (const for section in mapping.sections for const in section.kinds):
        name = str(const.value)
        if name not in known:
            findings.append(const.mark.finding("unknown-kind", f"there is no kind {name!r}{hint(name, known)}"))
        elif name in said:
            findings.append(const.mark.finding("class-overlap", f"the kind {name!r} is in two classes"))
        said.add(name)
    left = [kind for kind in mapping.kinds if not kind.skip and kind.name not in said]
    if left and all(section.kinds for section in mapping.sections):
        what = f"{left[0].name!r}" + (f" and {len(left) - 1} more kinds" if len(left) > 1 else "")
        findings.append(left[0].mark.finding("kind-without-class", f"no class takes {what}; one without `kinds` would"))
    if sum(not section.kinds for section in mapping.sections) > 1:
        spare = [section for section in mapping.sections if not section.kinds]
        findings.append(
            spare[-1].mark.finding("class-overlap", "only one class can be for all other kinds; name `kinds` here")
        )
    return findings


def _rules(mapping: model.Mapping) -> list[Finding]:
    """Rules stand where they may, and make whole objects together."""
    findings: list[Finding] = []
    for section in mapping.sections:
        for rule in section.rules.values():
            findings += _collected(lambda rule=rule: check.placed(rule.value))  # type: ignore[misc]
        try:
            target = target_of(mapping, section)
        except MappingError as error:
            findings += error.findings
            continue
        mark = section.mark if section.mark.file else mapping.mark
        rules, _ = taken(mapping, section, target)
        findings += wholes.whole(rules, section.removed, target, mark)
    return findings


def _facts(mapping: model.Mapping) -> list[Finding]:
    """Every fact means something, whether a rule uses it or not; and what is described is one."""
    findings: list[Finding] = []
    known = {*mapping.facts, *(name for kind in mapping.kinds for name, _ in kind.facts)}
    for name, const in mapping.about.items():
        if name not in known and ("fact", name) not in mapping.removed:
            findings.append(const.mark.finding("unknown-fact", f"there is no fact {name!r}{hint(name, known)}"))
    for kind in (kind for kind in mapping.kinds if not kind.skip):
        scope = scope_of(mapping, kind)
        for name, value in scope.facts.items():
            findings += _collected(lambda value=value: check.placed(value, top=False))  # type: ignore[misc]
            findings += _collected(lambda name=name, at=value.mark, of=scope: of.fact(name, at))  # type: ignore[misc]
    return findings


def _collected(run: Callable[[], object]) -> list[Finding]:
    try:
        run()
    except MappingError as error:
        return error.findings
    except Refused as refused:
        return [refused.finding]
    return []
