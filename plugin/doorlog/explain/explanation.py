"""All that there is to tell of one record: its kind, every field of its event, the facts, and what was left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from doorlog.explain.document import Outcome, rebuild
from doorlog.explain.steps import Read, Step, asked, facts, facts_asked, reads
from doorlog.explain.trace import Tracer
from doorlog.mapping import model as m
from doorlog.mapping.hide import hider
from doorlog.mapping.kinds import Kinds
from doorlog.mapping.plan import Plan, plan, section_of
from doorlog.mapping.strict_yaml import Mark
from doorlog.normalize import Normalizer
from doorlog.record import Json, Problem, Reject, Skip
from doorlog.schema import RecordSchema

How: TypeAlias = Literal["rule", "caption", "type", "gathered", "observable", "schema", "rest"]
"""Why a field is there: a rule wrote it; it goes with an id or an activity; it is gathered from other fields, or says
of the target what the schema demands; or it holds what no rule has kept."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the event."""

    path: str
    value: Any
    how: How
    rule: Mark | None = None
    step: Step | None = None
    follows: tuple[str, ...] = ()
    """The fields that it follows from."""
    reads: tuple[Read, ...] = ()
    """The values of the record that it came from, through facts and other fields."""
    asked: tuple[Read, ...] = ()
    """The values of the record that conditions looked at."""
    facts: tuple[str, ...] = ()
    """The facts that it came from, and those that conditions looked at."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A rule that wrote nothing, and why."""

    path: str
    rule: Mark
    why: str
    step: Step


@dataclass(frozen=True, slots=True)
class Tried:
    """A kind of event that was tried for the record, from the top; the last one fits, if any does."""

    name: str
    mark: Mark
    skip: bool
    test: Step


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one record."""

    mapping: m.Mapping
    record: Json
    result: tuple[Json | None, ...] | Skip | Reject
    tried: tuple[Tried, ...]
    kind: m.Kind | None
    fields: tuple[Field, ...] = ()
    silent: tuple[Silent, ...] = ()
    facts: Mapping[str, Step] | None = None
    lost: tuple[Read, ...] = ()
    """Values of the record that are nowhere in the event, which happens only to a mapping without a `rest`."""

    @property
    def event(self) -> Json | None:
        """The event, if there is one."""
        return self.result[0] if not isinstance(self.result, Skip | Reject) else None

    @property
    def left(self) -> tuple[Field, ...]:
        """The fields that hold what no rule has kept."""
        return tuple(field for field in self.fields if field.how == "rest")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of a reject, what is wrong."""
        return self.result.problems if isinstance(self.result, Reject) else ()


class Explainer:
    """Explains records by one mapping; the events are those of the compiled functions."""

    def __init__(self, mapping: m.Mapping) -> None:
        self.mapping = mapping
        schema = RecordSchema()
        self._normalize = Normalizer([mapping], schema)
        self._kind_of = Kinds(mapping)
        self._types = schema.types()
        self._hidden = hider(mapping)
        self._plans: dict[str, Plan] = {}

    def __call__(self, record: Json) -> Explanation:
        """What becomes of a record, and why."""
        result = self._normalize(record)
        kind = self._kind_of(record)
        tried = self._tried(record, kind)
        if isinstance(result, Skip | Reject) or kind is None or result[0] is None:
            return Explanation(self.mapping, record, result, tried, kind)
        # Rules see the record without what is hidden.
        record = record if self._hidden is None else self._hidden(record)
        tracer = Tracer(self.mapping, kind, record)
        of = self._plan(kind)
        rebuilt = rebuild(of, section_of(self.mapping, kind).rules, tracer)
        fields = tuple(_Fields(of, rebuilt.outcomes, record, result[0]).found)
        silent = tuple(
            Silent(one.path, one.rule.mark, one.why, one.step) for one in rebuilt.outcomes if one.value is None
        )
        used = {read.keys for field in fields for read in (*field.reads, *field.asked)}
        lost = tuple(read for read in leaves(record) if not any(read.keys[: len(keys)] == keys for keys in used))
        return Explanation(self.mapping, record, result, tried, kind, fields, silent, tracer.known(), lost)

    def _plan(self, kind: m.Kind) -> Plan:
        if kind.name not in self._plans:
            self._plans[kind.name] = plan(self.mapping, kind, self._types)
        return self._plans[kind.name]

    def _tried(self, record: Json, kind: m.Kind | None) -> tuple[Tried, ...]:
        tracer = Tracer(self.mapping, None, record)
        found = []
        for one in self.mapping.kinds:
            found.append(Tried(one.name, one.mark, one.skip is not None, tracer.holds(one.when)))
            if kind is not None and one.name == kind.name:
                break
        return tuple(found)


class _Fields:
    """The fields of an event, each with where it comes from, in the order of the event."""

    def __init__(self, of: Plan, outcomes: list[Outcome], record: Json, event: Json) -> None:
        self.plan = of
        self.record = record
        self.written = {one.path: one for one in outcomes if one.value is not None}
        self.captions = {one.caption: one for one in self.written.values() if one.caption is not None}
        self.gathered = dict(of.gathered)
        self.rests = {leaf.path: leaf.value for leaf in of.leaves if isinstance(leaf.value, m.Rest)}
        self.event = event

    @cached_property
    def found(self) -> list[Field]:
        return list(self.inside(self.event, ""))

    def inside(self, holder: Any, path: str) -> Iterator[Field]:
        """The fields of an object or a list of objects."""
        members = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, value in members:
            yield from self.at(f"{path}.{key}" if path else str(key), value)

    def at(self, path: str, value: Any) -> Iterator[Field]:
        """The field at a path, or those inside it."""
        if path in self.written:
            yield self.by_rule(path, value, self.written[path], "rule")
        elif path in self.captions:
            yield self.by_rule(path, value, self.captions[path], "caption")
        elif path in ("type_uid", "type_name") and "activity_id" in self.written:
            yield self.by_rule(path, value, self.written["activity_id"], "type")
        elif path in self.gathered:
            sources = [one for one in self.gathered[path] if one in self.written]
            yield self.following(path, value, sources, "gathered")
        elif path == "observables":
            for at, one in enumerate(value):
                yield self.following(f"{path}.{at}", one, [one["name"]], "observable")
        elif path in self.rests:
            yield from self.of_rest(path, value, self.rests[path])
        elif isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
            yield from self.inside(value, path)
        else:
            yield Field(path, value, "schema")

    def by_rule(self, path: str, value: Any, outcome: Outcome, how: How) -> Field:
        step = outcome.step
        return Field(
            path,
            value,
            how,
            outcome.rule.mark,
            step,
            () if how == "rule" else (outcome.path,),
            _once(reads(step)),
            _once(asked(step)),
            tuple(dict.fromkeys([*facts(step), *facts_asked(step)])),
        )

    def following(self, path: str, value: Any, sources: list[str], how: How) -> Field:
        found = [self.by_rule(source, None, self.written[source], "rule") for source in sources]
        values = value if how == "gathered" else [value["value"]]
        # Only those that brought something into the list.
        brought = [one for one, source in zip(found, sources, strict=True) if _brought(self.written[source], values)]
        return Field(
            path,
            value,
            how,
            follows=tuple(one.path for one in brought),
            reads=_once(read for one in brought for read in one.reads),
        )

    def of_rest(self, path: str, value: Any, rest: m.Rest) -> Iterator[Field]:
        holder = _value(self.record, rest.path.keys)
        if not isinstance(holder, dict):
            # A bare value in the place of an object is wrapped.
            yield Field(path, value, "rest", rest.mark, reads=(Read(rest.path.keys, holder),))
            return
        for keys, left in leaves(value):
            place = ".".join([path, *map(str, keys)])
            yield Field(place, left, "rest", rest.mark, reads=(Read((*rest.path.keys, *keys), left),))


def _brought(outcome: Outcome, values: list[Any]) -> bool:
    own = outcome.value if isinstance(outcome.value, list) else [outcome.value]
    return any(one in values for one in own)


def leaves(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[Read]:
    """Every value that says something and holds no others, by the keys that lead to it."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*above, key))
    elif value is not None and value != "":
        yield Read(above, value)


def _value(record: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _once(found: Iterator[Read] | Any) -> tuple[Read, ...]:
    return tuple({read.keys: read for read in found}.values())
