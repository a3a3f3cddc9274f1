"""Whether rules make whole objects together: with all that the target requires, and none inside of another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.check import derived
from doorlog.mapping.strict_yaml import Mark
from doorlog.targets import Target
from doorlog.targets.attribute import child


class Unmet(NamedTuple):
    """What an object lacks."""

    path: str
    code: str
    lacks: str
    wanted: tuple[str, ...]
    """The names of which the object needs one."""


def whole(
    rules: Iterable[m.Rule], removed: Mapping[str, Mark], target: Target, mark: Mark, above: str = ""
) -> list[Finding]:
    """What these rules can't make whole; told where it was removed, else where the object begins, else at `mark`."""
    rules = tuple(rules)
    marks = {rule.path: rule.mark for rule in rules} | ({} if above else dict.fromkeys(derived(target), mark))
    findings = list(_within_others(marks))
    for lack in unmet(marks, above, target):
        begins = (at for path, at in marks.items() if lack.path and path.startswith(f"{lack.path}."))
        gone = {child(lack.path, name) for name in lack.wanted}
        taken = (at for path, at in removed.items() if gone & {path, *_above(path)})
        findings.append(next(chain(taken, begins), mark).finding(lack.code, lack.lacks))
    for rule in rules:
        if isinstance(rule.value, m.Each):
            findings += whole(rule.value.rules, {}, target, rule.mark, rule.path)
    return findings


def _within_others(rules: Mapping[str, Mark]) -> Iterator[Finding]:
    for path, at in rules.items():
        for outer in _above(path):
            if outer in rules:
                yield at.finding("overlapping-rules", f"{path} is part of {outer}, which another rule writes")


def unmet(paths: Iterable[str], above: str, target: Target) -> Iterator[Unmet]:
    """The objects below `above` that rules for these paths don't make whole."""
    paths = set(paths)
    for path, members in _objects(sorted(paths), target, above).items():
        full = child(above, path) if path else above
        name = full or f"{target.name.upper()} {target.version}"
        for required in target.required_in(full):
            if required not in members and required not in paths:
                yield Unmet(path, "missing-required", f"{name} requires {required}, which no rule writes", (required,))
        for rule, names in target.constraints_in(full).items():
            if not members & set(names):
                said = f"{name} requires {rule.replace('_', ' ')} of {', '.join(names)}"
                yield Unmet(path, "unmet-constraint", said, names)


def _objects(rules: Iterable[str], target: Target, above: str) -> Mapping[str, set[str]]:
    """The members of each object that these rules write, with the captions that go with ids."""
    objects: dict[str, set[str]] = {}
    for path in rules:
        for holder in ("", *_above(path)):
            objects.setdefault(holder, set()).add(path.removeprefix(holder).lstrip(".").split(".")[0])
    for path, members in objects.items():
        full = child(above, path) if path else above
        members |= {_last(sibling) for sibling in _siblings(full, members, target)}
        if not full and "activity_id" in members:
            members |= {"type_uid", "type_name"}
    return objects


def _above(path: str) -> Iterator[str]:
    """The paths that lead to this one, the outermost first."""
    steps = path.split(".")
    return (".".join(steps[:end]) for end in range(1, len(steps)))


def _siblings(path: str, members: Iterable[str], target: Target) -> list[str]:
    found = [target.attribute(child(path, member)) for member in members]
    return [attribute.sibling for attribute in found if attribute is not None and attribute.sibling is not None]


def _last(path: str) -> str:
    return path.rpartition(".")[2]
