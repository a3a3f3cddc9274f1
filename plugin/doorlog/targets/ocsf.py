"""A class of OCSF, with the objects that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from typing import Any, ClassVar, NamedTuple

from doorlog.targets.attribute import Attribute, Kind, child

_LONG = (-(2**63), 2**63 - 1)

_KINDS: Mapping[str, Kind] = {
    "boolean_t": "boolean",
    "datetime_t": "date",
    "float_t": "float",
    "integer_t": "integer",
    "ip_t": "ip",
    "json_t": "any",
    "long_t": "integer",
    "string_t": "text",
    "timestamp_t": "timestamp",
}


class _Place(NamedTuple):
    """Where a path leads: the item (class or object) that holds the attribute, and what the table says of it."""

    item: Mapping[str, Any]
    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class OcsfTarget:
    """One class of one version of OCSF, with the profiles that are on."""

    name: ClassVar[str] = "ocsf"

    version: str
    class_name: str
    profiles: frozenset[str]
    applicable_profiles: frozenset[str]
    class_uid: int
    class_caption: str
    category_uid: int
    category_caption: str
    activities: Mapping[str, int]
    """From the caption of an activity to its id."""
    observables: Mapping[int, str]
    """From the type id of an observable to its caption."""
    _table: Mapping[str, Any] = field(repr=False)

    # A mapping asks for the same attributes for every kind of event.
    @cache  # noqa: B019 - targets are few and live as long as the process
    def attribute(self, path: str) -> Attribute | None:
        """The attribute at `path`, or None if there is none or its profile is off; paths lead through arrays."""
        place = self._find(path, self.profiles)
        if place is None:
            return None
        if not place.entry:
            return Attribute(path, "any", False, "json_t")
        return self._described(path, place)

    def suggest(self, path: str) -> str | None:
        """The attribute that was probably meant by a path that isn't one."""
        above, rest = "", path
        while rest:
            name, _, rest = rest.partition(".")
            if self.attribute(child(above, name)) is None:
                break
            above = child(above, name)
        else:
            return None
        level = self.members(above)
        if above and not level:
            return above
        close = [child(above, other) for other in get_close_matches(name, level, 3, 0.6)]
        whole = [child(other, rest) for other in close if rest and self.attribute(child(other, rest))]
        return next(iter([*whole, *close]), None if above or rest else self._one_level_down(name))

    def needs_profile(self, path: str) -> str | None:
        """The profile that would bring in the attribute at `path`, if it's unknown only because that is off."""
        if self._find(path, self.profiles) is not None:
            return None
        off = sorted(self.applicable_profiles - self.profiles)
        return next((profile for profile in off if self._find(path, self.profiles | {profile})), None)

    def classes_with(self, path: str) -> tuple[str, ...]:
        """The other classes that have the attribute at `path`, whose profiles are on."""
        others = (name for name in self._table["classes"] if name != self.class_name)
        return tuple(name for name in others if replace(self, class_name=name)._find(path, self.profiles) is not None)

    def required(self) -> tuple[str, ...]:
        """The attributes that every event must have."""
        return self.required_in("")

    def required_in(self, path: str) -> tuple[str, ...]:
        """The names that the object at `path` can't do without; "" is the event."""
        return tuple(name for name, entry in self._attributes(path) if entry.get("requirement") == "required")

    def constraints_in(self, path: str) -> Mapping[str, tuple[str, ...]]:
        """The constraints of the object at `path`, `at_least_one` and `just_one`; "" is the event."""
        item = self._item(path)
        return {} if item is None else {rule: tuple(names) for rule, names in item.get("constraints", {}).items()}

    def members(self, path: str) -> tuple[str, ...]:
        """The names of the attributes in the object at `path`; "" is the event."""
        return tuple(name for name, _ in self._attributes(path))

    def observable_caption(self, type_id: int) -> str:
        """The caption of a type of observable."""
        return self.observables[type_id]

    def captions(self, path: str) -> Mapping[int | str, str]:
        """From each value of the enumeration at `path` to its caption, deprecated ones included."""
        place = self._find(path, self.profiles)
        if place is None:
            return {}
        return {_value(place.entry, key): caption for key, caption in place.entry.get("enum", {}).items()}

    def _attributes(self, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        item = self._item(path)
        for name, entry in sorted(item["attributes"].items()) if item else ():
            if _visible(entry, self.profiles):
                yield name, entry

    def _item(self, path: str) -> Mapping[str, Any] | None:
        """The class, or the object at `path`."""
        if not path:
            found: Mapping[str, Any] = self._table["classes"][self.class_name]
            return found
        place = self._find(path, self.profiles)
        return None if place is None else self._table["objects"].get(place.entry.get("object"))

    def _find(self, path: str, profiles: frozenset[str]) -> _Place | None:
        """Where `path` leads; the entry is empty if that is inside of an open object or of JSON."""
        item: Mapping[str, Any] | None = self._table["classes"][self.class_name]
        place = None
        for name in path.split("."):
            if item is None or not name:
                return None
            if not item["attributes"]:
                place = _Place(item, {})
                continue
            entry = item["attributes"].get(name)
            if entry is None or not _visible(entry, profiles):
                return None
            place = _Place(item, entry)
            item = _OPEN if entry.get("type") == "json_t" else self._table["objects"].get(entry.get("object"))
        return place

    def _described(self, path: str, place: _Place) -> Attribute:
        entry = place.entry
        above, _, name = path.rpartition(".")
        item = self._table["objects"][entry["object"]] if "object" in entry else None
        own = {} if item is not None else self._table["types"][entry["type"]]
        base = self._table["types"][own["base"]] if "base" in own else {}
        return Attribute(
            path=path,
            kind=_kind(entry, own, item),
            array=entry.get("array", False),
            type_name=entry.get("object") or entry["type"],
            max_length=own.get("max_len", base.get("max_len")),
            pattern=own.get("pattern", base.get("pattern")),
            bounds=_bounds(entry.get("type"), own),
            values=_values(entry),
            sibling=child(above, entry["sibling"]) if entry.get("sibling") in place.item["attributes"] else None,
            caption_of=_caption_of(place.item, above, name),
            required=entry.get("requirement") == "required",
            deprecated=entry.get("deprecated") or (item or {}).get("deprecated"),
            observable=entry.get("observable", (own if item is None else item).get("observable")),
            profile=next((one for one in entry.get("profiles", ()) if one in self.profiles), None),
        )

    def _one_level_down(self, name: str) -> str | None:
        """An attribute of that name in an object of the class."""
        return next((child(top, name) for top in self.members("") if name in self.members(top)), None)


_OPEN: Mapping[str, Any] = {"attributes": {}}
_INTEGERS = ("integer_t", "long_t")


def _visible(entry: Mapping[str, Any], profiles: frozenset[str]) -> bool:
    return "profiles" not in entry or not profiles.isdisjoint(entry["profiles"])


def _kind(entry: Mapping[str, Any], own: Mapping[str, Any], item: Mapping[str, Any] | None) -> Kind:
    if item is not None:
        return "object" if item["attributes"] else "flattened"
    return _KINDS.get(entry["type"]) or _KINDS[own["base"]]


def _bounds(type_name: str | None, own: Mapping[str, Any]) -> tuple[int, int] | None:
    if "range" in own:
        least, greatest = own["range"]
        return least, greatest
    return _LONG if own.get("base", type_name) in _INTEGERS else None


def _caption_of(item: Mapping[str, Any], above: str, name: str) -> str | None:
    ids = (other for other, entry in item["attributes"].items() if entry.get("sibling") == name)
    return next((child(above, other) for other in ids), None)


def _value(entry: Mapping[str, Any], key: str) -> int | str:
    """A value of an enumeration, whose keys are text in JSON."""
    return int(key) if entry["type"] in _INTEGERS else key


def _values(entry: Mapping[str, Any]) -> Mapping[str, int | str] | None:
    if "enum" not in entry:
        return None
    deprecated = entry.get("deprecated_values", {})
    current = {caption: _value(entry, key) for key, caption in entry["enum"].items() if key not in deprecated}
    return dict(sorted(current.items(), key=lambda pair: pair[1]))


def read(table: Mapping[str, Any], class_name: str, profiles: frozenset[str]) -> OcsfTarget:
    """The target that a class in a table from `schemas/targets/` describes."""
    described = table["classes"][class_name]
    activities = described["attributes"]["activity_id"]["enum"]
    observables = table["objects"]["observable"]["attributes"]["type_id"]["enum"]
    return OcsfTarget(
        version=table["version"],
        class_name=class_name,
        profiles=profiles,
        applicable_profiles=frozenset(described["profiles"]),
        class_uid=described["uid"],
        class_caption=described["caption"],
        category_uid=described["category_uid"],
        category_caption=described["category_name"],
        activities={activities[str(key)]: key for key in sorted(map(int, activities))},
        observables={int(key): caption for key, caption in observables.items()},
        _table=table,
    )
