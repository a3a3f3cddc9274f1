"""The fields of ECS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, ClassVar, TypeAlias

from doorlog.targets.attribute import Attribute, Kind

_LONG = (-(2**63), 2**63 - 1)
_INTEGER = (-(2**31), 2**31 - 1)

_KINDS: Mapping[str, Kind] = {
    "keyword": "text",
    "constant_keyword": "text",
    "wildcard": "text",
    "match_only_text": "text",
    "long": "integer",
    "integer": "integer",
    "float": "float",
    "double": "float",
    "scaled_float": "float",
    "boolean": "boolean",
    "ip": "ip",
    "date": "date",
    "geo_point": "geo_point",
    "flattened": "flattened",
}

OPEN = "object"
"""The type of an own field that may hold fields of any name and type below it."""

FIELD_TYPES = (*_KINDS, OPEN)
"""The types that a field of one's own can have."""

Own: TypeAlias = tuple[str, str, bool]
"""A field of one's own: its path, its type, and whether it is a list."""


@dataclass(frozen=True, slots=True, eq=False)
class EcsTarget:
    """One version of ECS."""

    name: ClassVar[str] = "ecs"
    class_name: ClassVar[None] = None
    profiles: ClassVar[frozenset[str]] = frozenset()
    applicable_profiles: ClassVar[frozenset[str]] = frozenset()

    version: str
    expected_event_types: Mapping[str, frozenset[str]]
    """From a value of `event.category` to the values of `event.type` that go with it; empty means any."""
    _fields: Mapping[str, Mapping[str, Any]] = field(repr=False)
    _members: Mapping[str, frozenset[str]] = field(repr=False)
    _custom: Mapping[str, Kind] = field(repr=False)

    # A mapping asks for the same fields for every kind of event.
    @cache  # noqa: B019 - targets are few and live as long as the process
    def attribute(self, path: str) -> Attribute | None:
        """The attribute at `path`, or None if ECS has none and the path is in no custom namespace."""
        if not all(path.split(".")):
            return None
        if path in self._fields:
            return self._declared(path, self._fields[path])
        if path in self._members or path in self._custom:
            return Attribute(path, "object", False, "object")
        return self._undeclared(path)

    def suggest(self, path: str) -> str | None:
        """The field that was probably meant by a path that isn't one."""
        parent = path.rpartition(".")[0]
        if parent in self._fields and parent not in self._members:
            return parent
        known = [*self._fields, *self._members]
        folded = {name.lower(): name for name in known}
        same = folded.get(path.lower().replace("_", ".")) or folded.get(path.lower())
        return same or next(iter(get_close_matches(path, known, 1, 0.75)), None)

    def needs_profile(self, path: str) -> str | None:
        """None: ECS has no profiles."""
        return None

    def required(self) -> tuple[str, ...]:
        """The fields that every document must have."""
        return self.required_in("")

    @cache  # noqa: B019 - as above
    def required_in(self, path: str) -> tuple[str, ...]:
        """The names that the object at `path` can't do without; "" is the whole document."""
        return () if path else tuple(sorted(name for name, known in self._fields.items() if known.get("required")))

    def constraints_in(self, path: str) -> Mapping[str, tuple[str, ...]]:
        """Nothing: ECS knows no constraints between fields."""
        return {}

    def members(self, path: str) -> tuple[str, ...]:
        """The names that ECS gives the object at `path`; "" is the whole document."""
        return tuple(sorted(self._members.get(path, ())))

    def _declared(self, path: str, known: Mapping[str, Any]) -> Attribute:
        kind = _KINDS.get(known["type"])
        if kind is None:
            named = path in self._members or "object_type" in known
            kind = "object" if named else "flattened"
        allowed = known.get("expected_values") or known.get("allowed_values")
        return Attribute(
            path=path,
            kind=kind,
            array=known.get("array", False),
            type_name=known["type"],
            max_length=known.get("ignore_above"),
            pattern=known.get("pattern"),
            bounds=(_LONG if known["type"] == "long" else _INTEGER) if kind == "integer" else None,
            values={value: value for value in allowed} if allowed else None,
            required=known.get("required", False),
        )

    def _undeclared(self, path: str) -> Attribute | None:
        """A path below an open field or in a custom namespace."""
        above = path.rpartition(".")[0]
        if self._custom.get(above) == "flattened":
            return Attribute(path, "flattened", False, "flattened")
        while above:
            if above in self._custom:
                return Attribute(path, "any", False, "flattened" if self._custom[above] == "flattened" else "custom")
            known = self._fields.get(above)
            if known is not None and "object_type" in known:
                flat = above == path.rpartition(".")[0]
                return Attribute(path, "text", False, known["object_type"]) if flat else None
            if known is not None:
                is_open = known["type"] in ("object", "flattened", "nested") and above not in self._members
                return Attribute(path, "any", False, known["type"]) if is_open else None
            if above in self._members:
                return None
            above = above.rpartition(".")[0]
        return None


def read(table: Mapping[str, Any], own: Iterable[Own] = ()) -> EcsTarget:
    """The target that a table from `schemas/targets/` describes, with fields of one's own."""
    fields = {name: group for group in table["groups"] for name in group["fields"]}
    fields |= {path: {"type": kind, "array": array} for path, kind, array in own if kind != OPEN}
    members: dict[str, set[str]] = {}
    for name in fields:
        above, _, last = name.rpartition(".")
        while last not in members.setdefault(above, set()):
            members[above].add(last)
            if not above:
                break
            above, _, last = above.rpartition(".")
    return EcsTarget(
        version=table["version"],
        expected_event_types={
            category: frozenset(types) for category, types in fields["event.category"]["allowed_values"].items()
        },
        _fields=fields,
        _members={path: frozenset(names) for path, names in members.items()},
        _custom={**table["custom"], **{path: "any" for path, kind, _ in own if kind == OPEN}},
    )
