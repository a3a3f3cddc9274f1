"""THE MAIN PATH: one record in; its events, a skip or a reject out.

    record ─ kind? ─ schema ─> valid record ─ mapping ─> one event for each target
               │        │                        │
               skip     reject                   reject

No clock, no I/O, no randomness: the same record gives the same events. Whatever a record holds, nothing is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from doorlog.errors import Finding, MappingError
from doorlog.mapping import kinds, load, model, plan
from doorlog.mapping.compile import Mapped, compile_kind
from doorlog.mapping.instants import instant_ns
from doorlog.mapping.strict_yaml import Refused
from doorlog.record import Json, Problem, Reject, Skip
from doorlog.schema import RecordSchema

NOT_SIGN_IN = "not-sign-in"


class Normalizer:
    """Turns records into events of one or more targets; calling it with a record is the main path."""

    def __init__(self, mappings: Sequence[model.Mapping], schema: RecordSchema) -> None:
        self.targets = tuple(mapping.name for mapping in mappings)
        """The names of the mappings asked for, in their order, which is that of the events."""
        self.mappings = tuple(mappings)
        self._schema = schema
        self._proves = schema.proves
        self._types = schema.types()
        self._kinds = kinds.Kinds(mappings[0])
        self._functions: dict[str, Mapped] = {}
        times = [mapping.time for mapping in mappings]
        self._time = times[0]

    def __call__(self, record: Json) -> tuple[Json, ...] | Skip | Reject:
        kind = self._kinds(record)
        if kind is None or kind.skip:
            return self._unmapped(record, kind)
        if not self._proves(record):
            return Reject("invalid_record", self._schema.problems(record), record)
        try:
            events = (self._functions.get(kind.name) or self._function(kind))(record)
        except Exception as error:  # a fault of ours must not end the stream, nor lose the record
            return Reject("mapping_failed", (Problem("$", "mapping", type(error).__name__),), record)
        return self._refused(events, record) if isinstance(events, str) else events

    def _unmapped(self, record: Json, kind: model.Kind | None) -> Skip | Reject:
        """A record of no kind is a skip, unless what tells its kind is damaged: then the schema says how."""
        if kind is not None:
            return Skip(kind.name)
        if self._kinds.decidable(record):
            return Skip(NOT_SIGN_IN)
        problems = self._schema.problems(record)
        return Reject("invalid_record", problems, record) if problems else Skip(NOT_SIGN_IN)

    def _refused(self, path: str, record: Json) -> Reject:
        """A record from which a target can't have what it requires at `path`."""
        if self.time_ns(record) is None:
            return Reject("bad_time", (Problem(str(self._time), "time", "an instant that exists"),), record)
        return Reject("not_conformant", (Problem(path, "required", "a value that the target takes"),), record)

    def time_ns(self, record: Json) -> int | None:
        """When the event of a valid record took place, in nanoseconds since 1970; None if that can't be."""
        value: Any = record
        for key in self._time.keys if self._time else ():
            value = value.get(key) if isinstance(value, dict) else None
        return instant_ns(value) if isinstance(value, str) else None

    def _function(self, kind: model.Kind) -> Mapped:
        plans = [plan.plan(mapping, kind, self._types) for mapping in self.mappings]
        self._functions[kind.name] = compile_kind(plans, self._types)
        return self._functions[kind.name]


def normalizer(targets: Sequence[str], folders: Sequence[Path] = ()) -> Normalizer:
    """A normalizer for these mappings, each checked for every kind of event.

    `targets` are names of mappings or paths of mapping files. Raises MappingError with all findings, or UsageError if
    there is no such mapping.
    """
    mappings = [load.load(target, folders) for target in targets]
    schema = RecordSchema()
    check(mappings, schema)
    return Normalizer(mappings, schema)


def check(mappings: Sequence[model.Mapping], schema: RecordSchema) -> None:
    """Raises MappingError with all that is wrong in these mappings, for any kind of event."""
    findings: list[Finding] = []
    types = schema.types()
    for mapping in mappings:
        plan.targets_of(mapping)
        findings += _collect(lambda mapping=mapping: kinds.check(mapping))  # type: ignore[misc]
        if not mapping.dispatch or mapping.time is None:
            findings.append(mapping.mark.finding("a mapping needs `dispatch`, `time` and `kinds`; extend `aws-signin`"))
        for kind in mapping.kinds:
            if not kind.skip:
                findings += _collect(lambda m=mapping, k=kind: plan.plan(m, k, types))  # type: ignore[misc]
    if findings:
        raise MappingError(findings)


def _collect(run: Callable[[], object]) -> list[Finding]:
    try:
        run()
    except MappingError as error:
        return error.findings
    except Refused as refused:
        return [refused.finding]
    return []


def describe(mappings: Sequence[model.Mapping]) -> Mapping[str, str]:
    """The target and version of each mapping, by its name."""
    return {mapping.name: plan.targets_of(mapping) for mapping in mappings}
