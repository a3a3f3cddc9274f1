"""A target that a list of fields describes: another one needs such a list, and no Python.

A list is `NAME-VERSION.json`, written by hand from a product's published documentation, in `schemas/targets/` or in
`targets/` beside a mapping; `schemas/field-list.schema.json` says what is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, ClassVar

from doorlog.targets.attribute import Attribute

_LONG = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class FieldListTarget:
    """One version of a target that a list of fields describes."""

    class_name: ClassVar[None] = None
    profiles: ClassVar[frozenset[str]] = frozenset()
    applicable_profiles: ClassVar[frozenset[str]] = frozenset()

    name: str
    version: str
    fixed: Mapping[str, Any]
    """What stands in every event, by its path."""
    _fields: Mapping[str, Mapping[str, Any]] = field(repr=False)
    _members: Mapping[str, tuple[str, ...]] = field(repr=False)

    # A mapping asks for the same fields for every kind of event.
    @cache  # noqa: B019 - targets are few and live as long as the process
    def attribute(self, path: str) -> Attribute | None:
        """The attribute at `path`, or None if the list has none; below a free-form one everything is free."""
        known = self._fields.get(path)
        if known is None and path in self._members:
            return Attribute(path, "object", False, "object")
        if known is None:
            above = path.rpartition(".")[0]
            while above and above not in self._fields:
                above = above.rpartition(".")[0]
            free = bool(above) and self._fields[above]["type"] == "flattened" and all(path.split("."))
            return Attribute(path, "any", False, "any") if free else None
        kind, values = known["type"], known.get("values")
        return Attribute(
            path=path,
            kind=kind,
            array=known.get("array", False),
            type_name=kind,
            max_length=known.get("max_length"),
            pattern=known.get("pattern"),
            bounds=tuple(known.get("bounds", _LONG)) if kind == "integer" else None,
            values={value: value for value in values} if values else None,
            required=known.get("required", False),
            deprecated=known.get("deprecated"),
        )

    def suggest(self, path: str) -> str | None:
        """The field that was probably meant by a path that isn't one."""
        folded = {name.lower(): name for name in self._fields}
        return folded.get(path.lower()) or next(iter(get_close_matches(path, self._fields, 1, 0.7)), None)

    def needs_profile(self, path: str) -> str | None:
        """None: there are no profiles."""
        return None

    def required(self) -> tuple[str, ...]:
        """The fields that every event must have."""
        return self.required_in("")

    def required_in(self, path: str) -> tuple[str, ...]:
        """The names that the object at `path` can't do without; "" is the whole event."""
        prefix = f"{path}." if path else ""
        return tuple(name for name in self.members(path) if self._fields.get(f"{prefix}{name}", {}).get("required"))

    def constraints_in(self, path: str) -> Mapping[str, tuple[str, ...]]:
        """Nothing: a list knows no constraints between fields."""
        return {}

    def members(self, path: str) -> tuple[str, ...]:
        """The names that the list gives the object at `path`; "" is the whole event."""
        return self._members.get(path, ())


def read(table: Mapping[str, Any]) -> FieldListTarget:
    """The target that a list from `schemas/targets/` describes."""
    members: dict[str, dict[str, None]] = {"": {}}
    for path in table["fields"]:
        steps = path.split(".")
        for end in range(len(steps)):
            members.setdefault(".".join(steps[:end]), {})[steps[end]] = None
    return FieldListTarget(
        name=table["target"],
        version=table["version"],
        fixed=dict(table.get("fixed", {})),
        _fields=table["fields"],
        _members={path: tuple(names) for path, names in members.items()},
    )
