"""THE MAIN PATH: one record in; its events, a skip or a reject out.

    record ─ kind? ─ schema ─> valid record ─ mapping ─> one event for each target
               │        │                        │
               skip     reject                   reject

No clock, no I/O, no randomness: the same record gives the same events. Whatever a record holds, nothing is raised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from doorlog.diagnostics import Finding
from doorlog.errors import UsageError
from doorlog.mapping import kinds, load, model, validate
from doorlog.mapping.compile import compile_kind
from doorlog.mapping.hide import hider
from doorlog.mapping.instants import instant_ns
from doorlog.mapping.shapes import Specialized
from doorlog.record import Json, Problem, Reject, Skip
from doorlog.schema import RecordSchema

NOT_SIGN_IN = "not-sign-in"


class Normalizer:
    """Turns records into events of one or more targets; calling it with a record is the main path.

    Mappings that tell kinds apart in the same way are compiled together; others have a Normalizer of their own.
    """

    def __init__(self, mappings: Sequence[model.Mapping], schema: RecordSchema, notes: Sequence[Finding] = ()) -> None:
        self.notes = tuple(notes)
        """What was found in the mappings that doesn't keep them from being used."""
        self.targets = tuple(mapping.name for mapping in mappings)
        """The names of the mappings asked for, in their order, which is that of the events."""
        self.mappings = tuple(mappings)
        self._schema = schema
        self._proves = schema.proves
        self._types = schema.types()
        self._kinds = kinds.Kinds(mappings[0])
        self._functions: dict[str, Specialized] = {}
        self._key = self._kinds.key
        self._short: dict[tuple[Any, ...], Callable[[Json], Any]] = {}
        """What asks the functions for shapes, where the dispatching values tell the kind by themselves."""
        self._time = mappings[0].time
        self._hidden = hider(mappings[0])
        self.counted: Counter[str] = Counter()
        """How many records there were of those kinds that the mapping has counted by name."""

    def __call__(self, record: Json) -> tuple[Json | None, ...] | Skip | Reject:
        # The short way, for a usual record of a kind that its dispatching values tell.
        by_shape = None
        try:
            by_shape = self._short.get(self._key(record))
            if by_shape is not None:
                events = by_shape(record)
                if events.__class__ is tuple:
                    return events
        except TypeError:  # a dispatching value that is a list or an object; the long way says what is wrong
            pass
        return self._the_long_way(record, by_shape is not None)

    def _the_long_way(self, record: Json, asked: bool) -> tuple[Json | None, ...] | Skip | Reject:
        """For all other records; `asked`: whether the functions for shapes have been asked already."""
        kind = self._kinds(record)
        if kind is None or kind.skip:
            return self._unmapped(record, kind)
        try:
            functions = self._functions.get(kind.name) or self._compiled(kind)
            # Rules see the record without what is hidden; a reject holds it as it came.
            seen = record if self._hidden is None else self._hidden(record)
            # What a function for a shape proves valid is valid.
            events = None if asked else functions.by_shape(seen)
            if events is None:
                functions.learn(seen)
                if not self._proves(seen):
                    return Reject("invalid_record", self._schema.problems(seen), record)
                events = functions.general(seen)
        except Exception as error:  # a fault of ours must not end the stream, nor lose the record
            return Reject("mapping_failed", (Problem("$", "mapping", type(error).__name__),), record)
        if events.__class__ is not tuple:
            return self._refused(events, record)
        if kind.counted:
            self.counted[kind.name] += 1
        elif not asked and self._hidden is None and (key := self._kinds.telling(record)) is not None:
            if len(self._short) >= kinds.MOST_REMEMBERED:
                self._short.clear()
            self._short[key] = functions.by_shape
        return events

    def _unmapped(self, record: Json, kind: model.Kind | None) -> Skip | Reject:
        """A record of no kind is a skip, unless what tells its kind is damaged: then the schema says how."""
        if kind is not None and kind.skip:
            return Skip(kind.skip)
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

    def _compiled(self, kind: model.Kind) -> Specialized:
        self._functions[kind.name] = compile_kind(self.mappings, kind, self._types, self._schema.document)
        return self._functions[kind.name]


class Several(Normalizer):
    """Mappings that tell kinds apart in different ways; None stands where one has no event of a record."""

    def __init__(self, mappings: Sequence[model.Mapping], schema: RecordSchema, notes: Sequence[Finding] = ()) -> None:
        super().__init__(mappings, schema, notes)
        self._groups: list[tuple[list[int], Normalizer]] = []
        for at, mapping in enumerate(mappings):
            for places, group in self._groups:
                if _alike(group.mappings[0], mapping):
                    places.append(at)
                    break
            else:
                self._groups.append(([at], Normalizer([mapping], schema)))
        self._groups = [(places, Normalizer([mappings[at] for at in places], schema)) for places, _ in self._groups]

    def __call__(self, record: Json) -> tuple[Json | None, ...] | Skip | Reject:
        found: list[Json | None] = [None] * len(self.mappings)
        skip: Skip | None = None
        counted: set[str] = set()
        for places, group in self._groups:
            outcome = group(record)
            # Each group counts for itself; the record is one.
            counted.update(group.counted)
            group.counted.clear()
            if isinstance(outcome, Reject):
                return outcome
            if isinstance(outcome, Skip):
                skip = skip or outcome
                continue
            for at, event in zip(places, outcome, strict=True):
                found[at] = event
        self.counted.update(counted)
        return skip if skip is not None and not any(found) else tuple(found)


def _alike(one: model.Mapping, other: model.Mapping) -> bool:
    return _telling(one) == _telling(other)


def _telling(mapping: model.Mapping) -> tuple[object, ...]:
    """How a mapping tells kinds apart, and what its rules see of a record."""
    return mapping.kinds, mapping.dispatch, mapping.time, mapping.masks, mapping.protected, mapping.keys


def normalizer(targets: Sequence[str], folders: Sequence[Path] = ()) -> Normalizer:
    """A normalizer for these mappings, each checked for every kind of event.

    `targets` are names of mappings or paths of mapping files, or several of these with `+` between them. Raises
    MappingError with all findings, or UsageError if there is no such mapping.
    """
    return of_mappings([load.load(target, folders) for target in targets])


def of_mappings(mappings: Sequence[model.Mapping]) -> Normalizer:
    """A normalizer for mappings that are loaded; raises as `normalizer` does."""
    names = [mapping.name for mapping in mappings]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"two of the mappings asked for are called {name!r}, so their events could not be told apart"
            )
    schema = RecordSchema()
    notes = validate.validate(mappings, schema.types())
    alike = all(_alike(mappings[0], mapping) for mapping in mappings)
    return Normalizer(mappings, schema, notes) if alike else Several(mappings, schema, notes)
