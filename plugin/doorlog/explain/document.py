"""What each rule of a mapping gave for one record, and the document that they make together.

The second half of the reference interpreter: values are held to the target's schema here as the compiled functions do,
but by looking at each one, and objects that lack what the schema requires are taken away again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from doorlog.explain.steps import Step
from doorlog.explain.trace import OTHER, Tracer
from doorlog.mapping import model as m
from doorlog.mapping.plan import Leaf, Plan
from doorlog.mapping.values import as_object, clean, present, unique
from doorlog.record import Json
from doorlog.targets import Attribute, OcsfTarget
from doorlog.targets.guards import guard

_CLASSES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "timestamp": (int,),
    "float": (int, float),
    "geo_point": (dict,),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule gave: the value that it wrote, or None and why."""

    path: str
    """The path of the event, with the places of elements in it: `auth_factors.0.factor_type_id`."""
    rule: m.Rule
    step: Step
    value: Any
    why: str = ""
    caption: str | None = None
    """Of an id, the path of the caption that was written with it."""


@dataclass(slots=True)
class Rebuilt:
    """The outcomes of all rules but rests, and what they wrote."""

    outcomes: list[Outcome]
    document: Json
    lacking: str = ""
    """The path of what the event as a whole can't do without, if it isn't there."""


def rebuild(plan: Plan, rules: Mapping[str, m.Rule], tracer: Tracer) -> Rebuilt:
    """The outcomes of these rules for the tracer's record; `plan` is that of its kind of event."""
    builder = _Builder(plan, tracer)
    leaves = {leaf.path: leaf for leaf in plan.leaves}
    document: Json = {}
    for path, rule in rules.items():
        if not isinstance(rule.value, m.Rest):
            builder.rule(rule, path, leaves.get(path), document, path)
    for leaf in plan.leaves:
        if leaf.path not in rules and isinstance(leaf.value, m.Const):
            _put(document, leaf.path, _listed(leaf.value.value))
    builder.whole(document, "", "")
    document = {key: value for key, value in document.items() if value not in ({}, [])}
    lacking = _lacking(plan, document)
    _gather(plan, document)
    return Rebuilt(builder.outcomes, document, lacking)


class _Builder:
    def __init__(self, plan: Plan, tracer: Tracer) -> None:
        self.plan = plan
        self.tracer = tracer
        self.outcomes: list[Outcome] = []

    def rule(self, rule: m.Rule, path: str, leaf: Leaf | None, into: Json, within: str) -> None:
        """Adds what a rule gives to the document; `path` is its place, `within` its path from `into`."""
        if isinstance(rule.value, m.Each):
            self.each(rule, path, leaf, into, within)
            return
        if leaf is None:
            step = self.tracer.value(rule.value)
            self.outcomes.append(Outcome(path, rule, step, None, "gives nothing for this kind of event"))
            return
        step = self.tracer.value(rule.value, _wants_text(leaf.attribute))
        value, why = fitted(leaf, step)
        if isinstance(value, tuple) and not self.fits(leaf, value[1]):
            value, why = None, f"is too long for {leaf.attribute.sibling}"
        outcome = Outcome(path, rule, step, value, why)
        if value is not None:
            _put(into, within, value)
            outcome = self.captioned(leaf, outcome, into, within)
        self.outcomes.append(outcome)

    def fits(self, leaf: Leaf, caption: str) -> bool:
        """Whether a text is short enough for the caption beside an id."""
        sibling = self.plan.target.attribute(leaf.attribute.sibling or "")
        return sibling is None or sibling.max_length is None or len(caption) <= sibling.max_length

    def captioned(self, leaf: Leaf, outcome: Outcome, into: Json, within: str) -> Outcome:
        """Puts the caption beside an id, and the type beside an activity."""
        if leaf.attribute.sibling is None or not isinstance(outcome.value, tuple):
            return outcome
        number, caption = outcome.value
        sibling = leaf.attribute.sibling.rpartition(".")[2]
        _put(into, within, number)
        _put(into, _beside(within, sibling), caption)
        if leaf.path == "activity_id" and isinstance(self.plan.target, OcsfTarget):
            type_uid = self.plan.target.class_uid * 100 + number
            into["type_uid"], into["type_name"] = type_uid, self.plan.target.captions("type_uid")[type_uid]
        return replace(outcome, value=number, caption=_beside(outcome.path, sibling))

    def each(self, rule: m.Rule, path: str, leaf: Leaf | None, into: Json, within: str) -> None:
        """An object for every element of a list."""
        assert isinstance(rule.value, m.Each)
        fields = {one.path: one for one in leaf.fields} if leaf is not None else {}
        found: list[Json] = []

        def element() -> None:
            made: Json = {}
            at = len(self.outcomes)
            for inner in rule.value.rules:  # type: ignore[union-attr]
                place = f"{path}.{len(found)}.{inner.path}"
                self.rule(inner, place, fields.get(f"{path}.{inner.path}"), made, inner.path)
            if self.whole(made, path, f"{path}.{len(found)}") and made:
                found.append(made)
            else:
                del self.outcomes[at:]

        source, _ = self.tracer.items(rule.value, element)
        if found:
            _put(into, within, found)
        else:
            self.outcomes.append(Outcome(path, rule, source, None, "gives nothing"))

    def whole(self, holder: Json, path: str, place: str) -> bool:
        """Whether an object has what the schema requires, once objects inside that don't are taken away."""
        for key, inner in list(holder.items()):
            if not isinstance(inner, dict) or not self._is_built(f"{path}.{key}" if path else key):
                continue
            below = (f"{path}.{key}", f"{place}.{key}") if path else (key, key)
            if not self.whole(inner, *below):
                self.take_away(below[1])
                del holder[key]
        if not path:
            return True
        members = set(holder)
        if not set(self.plan.target.required_in(path)) <= members:
            return False
        rules = self.plan.target.constraints_in(path)
        return all(
            len(members & set(names)) == 1 if rule == "just_one" else bool(members & set(names))
            for rule, names in rules.items()
        )

    def _is_built(self, path: str) -> bool:
        """Whether the object at a path is made of several rules, and no value of one."""
        return all(leaf.path != path for leaf in self.plan.leaves) and any(
            leaf.path.startswith(f"{path}.") for leaf in _all_leaves(self.plan.leaves)
        )

    def take_away(self, place: str) -> None:
        why = f"{place} lacks what {self.plan.target.name.upper()} requires of it"
        self.outcomes = [
            replace(one, value=None, why=why, caption=None)
            if one.value is not None and one.path.startswith(f"{place}.")
            else one
            for one in self.outcomes
        ]


def _all_leaves(leaves: Sequence[Leaf]) -> list[Leaf]:
    return [one for leaf in leaves for one in (leaf, *leaf.fields)]


def _wants_text(attribute: Attribute) -> bool:
    """Whether an attribute takes one text, so that alternatives that are none are passed over."""
    is_id = attribute.sibling is not None and attribute.values is not None
    other = attribute.kind in ("any", "object", "flattened", *_CLASSES)
    return not (attribute.array or is_id or other)


def fitted(leaf: Leaf, step: Step) -> tuple[Any, str]:
    """A value as the target takes it, or None and why it doesn't."""
    attribute = leaf.attribute
    constant = step.constant or isinstance(leaf.value, m.Const)
    value = step.value
    if not present(value):
        return None, "gives nothing"
    if attribute.sibling is not None and attribute.values is not None:
        return _pair(value, attribute)
    if constant and attribute.kind in ("integer", "timestamp", "float"):
        value = _number(value, attribute)
    refused = f"is no value of {attribute.path}, which takes {attribute.type_name}"
    check = guard(attribute)
    if attribute.array:
        taken = [one for one in value if check is None or check(one)] if constant else []
        kept = taken if constant else _elements(value, leaf, check is not None or not _is_collected(step), check)
        return (kept, "") if kept else (None, refused)
    if attribute.kind == "flattened" or attribute.kind == "object":
        return as_object(value), "gives nothing"
    if attribute.kind == "any":
        value = value if _is_collected(step) else clean(value)
        fits = value is not None and (check is None or not isinstance(value, dict | list) or check(value))
        return (value, "") if fits or (_is_collected(step) and value) else (None, refused)
    classes = _CLASSES.get(attribute.kind, (str,))
    if type(value) not in classes or not (check is None or check(value)):
        return None, refused
    return value, ""


def _pair(value: Any, attribute: Attribute) -> tuple[Any, str]:
    """An id with its caption; one that this version of the target lacks is its "Other", with the text."""
    values = attribute.values or {}
    if isinstance(value, tuple):
        return value, ""
    if value in values:
        return (values[value], value), ""
    return ((OTHER, value), "") if OTHER in values.values() else (None, f"is no value of {attribute.path}")


def _elements(value: Any, leaf: Leaf, sifted: bool, check: Any) -> list[Any]:
    if not isinstance(value, list) or not sifted:
        return value if isinstance(value, list) else []
    return [one for one in value if isinstance(one, str) and one and (check is None or check(one))]


def _is_collected(step: Step) -> bool:
    """Whether a list is one that `collect` made."""
    while step.what in ("fact", "when") and step.inside:
        step = step.inside[-1]
    return step.what == "collect"


def _number(value: Any, attribute: Attribute) -> Any:
    """A plain scalar of the mapping as the number that the target wants."""
    if not isinstance(value, str):
        return value
    if attribute.kind == "float":
        return float(value) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", value) else value
    return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else value


def _lacking(plan: Plan, document: Json) -> str:
    for path in sorted(plan.target.required()):
        if path.partition(".")[0] not in document:
            return path
    for names in plan.target.constraints_in("").values():
        if not set(names) & set(document):
            return " or ".join(names)
    return ""


def _gather(plan: Plan, document: Json) -> None:
    """What follows from the fields: ECS's `related`, OCSF's `observables`."""
    for path, sources in plan.gathered:
        found = unique(value_at(document, source) for source in sources)
        if found:
            _put(document, path, found)
    seen = [
        {"name": path, "type_id": number, "type": caption, "value": value_at(document, path)}
        for path, number, caption in plan.observables
        if value_at(document, path)
    ]
    if seen:
        document["observables"] = seen


def value_at(document: Any, path: str) -> Any:
    """The value at a path of an event, None if there is none; a number is a place in a list."""
    for key in path.split("."):
        if isinstance(document, list) and key.isdecimal():
            document = document[int(key)] if len(document) > int(key) else None
        else:
            document = document.get(key) if isinstance(document, dict) else None
    return document


def _put(document: Json, path: str, value: Any) -> None:
    *above, last = path.split(".")
    for key in above:
        document = document.setdefault(key, {})
    document[last] = value


def _beside(path: str, name: str) -> str:
    above = path.rpartition(".")[0]
    return f"{above}.{name}" if above else name


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
