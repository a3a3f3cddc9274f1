"""What a mapping makes of a whole archive: which values no rule reads, which kinds there are, and what is new.

Paths and counts only, but for the values that name an event or are listed in `schemas/known-values.json`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from doorlog import resources
from doorlog.explain.document import value_at
from doorlog.explain.explanation import leaves
from doorlog.mapping import model as m
from doorlog.mapping.kinds import Kinds
from doorlog.mapping.plan import plan
from doorlog.mapping.walk import paths_of, subjects
from doorlog.normalize import Normalizer
from doorlog.record import Json, Reject, Skip
from doorlog.schema import RecordSchema, written

MOST_PATHS = 10_000
"""So many different paths and values are told apart; a record can bring any number of new ones."""

Keys = tuple[str | int, ...]


@dataclass(slots=True)
class Coverage:
    """The sums over an archive."""

    read: int = 0
    events: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    unknown: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Events of kinds that the mapping has counted by name, by the values that tell kinds apart."""
    unread: Counter[str] = field(default_factory=Counter)
    """Paths of the record that no rule reads, with how many records have them; a rest keeps them, if there is one."""
    unkept: Counter[str] = field(default_factory=Counter)
    """Paths that rules read, but whose values only a rest keeps as they are."""
    new: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(path, value) of what is known by its values and has another one."""

    @property
    def unknown_share(self) -> float:
        """The share of events that nobody knows by name, from 0 to 1."""
        return self.unknown.total() / self.events if self.events else 0.0


@dataclass(frozen=True, slots=True)
class _OfKind:
    """What is to know of a kind's rules: where rests stand, and which paths are read."""

    rests: tuple[tuple[str, Keys], ...]
    reads: frozenset[Keys]


class Covering:
    """Adds record after record to a coverage."""

    def __init__(self, mapping: m.Mapping) -> None:
        self.found = Coverage()
        self._mapping = mapping
        schema = RecordSchema()
        self._types = schema.types()
        self._normalize = Normalizer([mapping], schema)
        self._kind_of = Kinds(mapping)
        self._kinds: dict[str, _OfKind] = {}

    @cached_property
    def _known(self) -> Mapping[Keys, frozenset[str]]:
        listed = json.loads((resources.folder("schemas") / "known-values.json").read_bytes())
        return {tuple(path.split(".")[1:]): frozenset(values) for path, values in listed.items() if path[:2] == "$."}

    def add(self, what: Json | Skip | Reject) -> None:
        """Counts one thing that intake found."""
        found = self.found
        found.read += 1
        outcome = self._normalize(what) if isinstance(what, dict) else what
        if isinstance(outcome, Skip):
            found.skipped[outcome.name] += 1
        elif isinstance(outcome, Reject):
            found.rejected[outcome.reason] += 1
        elif isinstance(what, dict) and outcome[0] is not None:
            self._event(what, outcome[0])

    def _event(self, record: Json, event: Json) -> None:
        kind = self._kind_of(record)
        assert kind is not None, "what is of no kind has no event"
        found = self.found
        found.events += 1
        found.kinds[kind.name] += 1
        if kind.counted:
            _count(found.unknown, tuple(str(_at(record, path.keys)) for path in self._mapping.dispatch))
        for keys, values in self._known.items():
            value = _at(record, keys)
            if isinstance(value, str) and value and value not in values:
                _count(found.new, (written(keys), value))
        of = self._kinds.get(kind.name) or self._looked_at(kind)
        seen: set[Keys] = set()
        for path, above in of.rests:
            for keys, _ in leaves(value_at(event, path)):
                seen.add((*above, *keys) if isinstance(_at(record, above), dict) else above)
        if not of.rests:
            seen = {keys for keys, _ in leaves(record)}
        for keys in {_by_names(keys) for keys in seen}:
            if not any(keys[:end] in of.reads for end in range(1, len(keys) + 1)):
                _count(found.unread, written(keys))
            elif of.rests:
                _count(found.unkept, written(keys))

    def _looked_at(self, kind: m.Kind) -> _OfKind:
        of = plan(self._mapping, kind, self._types)
        rests = [(leaf.path, leaf.value.path.keys) for leaf in of.leaves if isinstance(leaf.value, m.Rest)]
        values: list[m.Expr] = [leaf.value for leaf in of.leaves if not isinstance(leaf.value, m.Rest)]
        values += [inner.value for leaf in of.leaves for inner in leaf.fields]
        values += list(subjects(kind.when))
        reads = {path.keys for value in values for path in paths_of(value, of.scope)}
        # A place in a list counts as the list.
        self._kinds[kind.name] = _OfKind(tuple(rests), frozenset(_by_names(keys) for keys in reads if keys))
        return self._kinds[kind.name]


def _count(into: Counter[Any], what: Any) -> None:
    if what in into or len(into) < MOST_PATHS:
        into[what] += 1


def _by_names(keys: Keys) -> Keys:
    """The keys without places in lists."""
    return tuple(key for key in keys if isinstance(key, str))


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def as_json(found: Coverage, mapping: m.Mapping) -> Json:
    """The sums as one JSON object."""
    return {
        "mapping": mapping.name,
        "target": mapping.writes,
        "read": found.read,
        "events": found.events,
        "rejected": dict(found.rejected.most_common()),
        "skipped": dict(found.skipped.most_common()),
        "kinds": dict(found.kinds.most_common()),
        "unknown": {
            "events": found.unknown.total(),
            "share": round(found.unknown_share, 6),
            "names": [{"event": list(names), "count": count} for names, count in _ranked(found.unknown)],
        },
        "unread": [{"path": path, "count": count} for path, count in _ranked(found.unread)],
        "unkept": [{"path": path, "count": count} for path, count in _ranked(found.unkept)],
        "new": [{"path": path, "value": value, "count": count} for (path, value), count in _ranked(found.new)],
    }


def as_text(found: Coverage, mapping: m.Mapping) -> str:
    """The sums for people."""
    lines = [
        f"{mapping.name} ({mapping.writes}): read {found.read}, events {found.events},"
        f" rejected {found.rejected.total()}, skipped {found.skipped.total()}"
    ]
    share = f"unknown sign-in events: {found.unknown.total()} ({found.unknown_share:.1%})"
    parts: list[tuple[str, list[tuple[str, int]]]] = [
        ("kinds of event", _ranked(found.kinds)),
        ("rejected, by reason", _ranked(found.rejected)),
        ("skipped, by name", _ranked(found.skipped)),
        (share, [(" ".join(reversed(names)), count) for names, count in _ranked(found.unknown)]),
        ("new values", [(f"{path}: {value}", count) for (path, value), count in _ranked(found.new)]),
        ("read by no rule", _ranked(found.unread)),
        ("read by rules, but kept as it is in a rest only", _ranked(found.unkept)),
    ]
    for heading, rows in parts:
        if rows or heading is share:
            lines += ["", heading, *(f"  {count:>8}  {what}" for what, count in rows)]
    return "\n".join(lines)


def _ranked(counts: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
