"""Whether a finished event is what its target's schema takes, looked at from outside.

The compiled mapping promises this by its guards; tests don't take its word for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from doorlog.explain.document import value_at
from doorlog.record import Json
from doorlog.targets import Attribute, EcsTarget, Target
from doorlog.targets.attribute import child
from doorlog.targets.guards import guard

_CLASSES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "integer": (int,),
    "timestamp": (int,),
    "float": (int, float),
    "geo_point": (dict,),
    "flattened": (dict,),
}


def nonconformities(event: Json, target: Target) -> list[tuple[str, str]]:
    """What the target refuses in an event: (path, what is wrong there); empty for one that conforms."""
    return [*_object(event, "", target), *_together(event, target)]


def _object(holder: Json, path: str, target: Target) -> Iterator[tuple[str, str]]:
    for key, value in holder.items():
        place = child(path, key)
        attribute = target.attribute(place)
        if attribute is None:
            yield place, f"is no field of {target.name.upper()} {target.version}"
        elif attribute.array:
            if not isinstance(value, list) or not value:
                yield place, "is a list"
            for one in value if isinstance(value, list) else ():
                yield from _value(one, place, attribute, target)
        else:
            yield from _value(value, place, attribute, target)
    for name in target.required_in(path):
        if value_at(holder, name) is None:
            yield child(path, name), "is required"
    for rule, names in target.constraints_in(path).items():
        found = len(set(names) & set(holder))
        if found == 0 or (rule == "just_one" and found > 1):
            yield path or "the event", f"has {rule.replace('_', ' ')} of {', '.join(names)}"


def _value(value: Any, path: str, attribute: Attribute, target: Target) -> Iterator[tuple[str, str]]:
    if attribute.kind == "object":
        if isinstance(value, dict):
            yield from _object(value, path, target)
        else:
            yield path, "is an object"
        return
    check = guard(attribute)
    if attribute.kind == "any":
        if value in (None, "", [], {}):
            yield path, "is empty"
        return
    if type(value) not in _CLASSES.get(attribute.kind, (str,)) or value in ("", {}):
        yield path, f"takes {attribute.type_name}"
    elif check is not None and not check(value):
        yield path, f"takes another {attribute.type_name}"


def _together(event: Json, target: Target) -> Iterator[tuple[str, str]]:
    """What ECS says of `event.category` and `event.type` together."""
    if not isinstance(target, EcsTarget):
        return
    about = event.get("event")
    about = about if isinstance(about, dict) else {}
    expected = [target.expected_event_types.get(category) for category in about.get("category", ())]
    if expected and all(expected):
        allowed = frozenset().union(*(types for types in expected if types))
        for one in about.get("type", ()):
            if one not in allowed:
                yield "event.type", f"{one} doesn't go with this event.category"
