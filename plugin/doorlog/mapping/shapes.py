"""The shape of a record: which members its objects have, and which of the values that the mapping names stand in it.

Records come in few shapes, and a function for one is shorter. What a shape lacks is known to be nothing, so that rules,
facts and conditions are decided beforehand, and what no rule keeps is known by name. The function for all shapes and
the one for a single shape give the same bytes, by test.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from doorlog.mapping.code import Globals, branch, expression, function, literal, name, statements
from doorlog.record import Json

Keys: TypeAlias = tuple[str, ...]

SEEN_OFTEN = 1000
"""A shape that has come up so often gets a function of its own, which costs as much to make as it then saves."""
MOST_SHAPES = 128
"""No kind of event has more functions than this; further shapes are served by the one for all."""
MOST_COUNTED = 4096
SURE_LENGTH = 1024
"""What ECS indexes of a keyword at the most; a longer text is left to the function for all records."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The members of each object of a record that a mapping looks into; an object that isn't there has none here."""

    looked_into: frozenset[Keys]
    members: dict[Keys, frozenset[str]]
    told: dict[Keys, str | None]
    """The value at paths whose values are told apart: one of those that the mapping names, or None for any other."""
    named: dict[Keys, frozenset[str]]
    """The values that the mapping names at these paths."""
    sure: frozenset[Keys] = frozenset()
    """Paths at which there is a text that isn't empty and has at most `SURE_LENGTH` characters."""
    truths: frozenset[Keys] = frozenset()
    """Paths at which there is true or false."""

    def lacks(self, keys: tuple[str | int, ...]) -> bool:
        """Whether a record of this shape has nothing at a path."""
        for end, key in enumerate(keys):
            above = keys[:end]
            if above in self.looked_into and key not in self.members.get(above, ()):  # type: ignore[arg-type]
                return True
        return False

    def verdict(self, keys: tuple[str | int, ...], values: tuple[Any, ...]) -> bool | None:
        """Whether the value at a path is one of these texts; None if that isn't known."""
        if keys not in self.told:
            return None
        value = self.told[keys]  # type: ignore[index]
        if value is not None:
            return value in values
        return False if set(values) <= self.named[keys] else None  # type: ignore[index]

    def value(self, keys: tuple[str | int, ...]) -> str | None:
        """The value at a path, if it is known."""
        return self.told.get(keys)  # type: ignore[arg-type]

    def like(self, record: Json, paths: Iterable[Keys]) -> Shape:
        """This shape, for records that have short texts and truth values at those of the paths where this one has."""
        found = {path: _at(record, path) for path in paths}
        return replace(
            self,
            sure=frozenset(path for path, value in found.items() if _is_short_text(value)),
            truths=frozenset(path for path, value in found.items() if isinstance(value, bool)),
        )

    def has(self, path: Keys) -> bool:
        """Whether there is an object at a path that is looked into."""
        return path in self.members


def _at(record: Any, path: Keys) -> Any:
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _is_short_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= SURE_LENGTH


class Shapes:
    """Tells the shape of a record by a key that is cheap to make."""

    def __init__(self, looked_into: Iterable[Keys], named: dict[Keys, frozenset[str]]) -> None:
        self._paths = sorted({(), *looked_into}, key=lambda keys: (len(keys), keys))
        self._named = {keys: named[keys] for keys in sorted(named) if keys and keys[:-1] in self._paths}
        self.key = _key_function(self._paths, self._named)

    def shape(self, key: Any) -> Shape | None:
        """The shape that a key stands for; None if something else stands where an object is expected."""
        members: dict[Keys, frozenset[str]] = {}
        for path, part in zip(self._paths, key, strict=False):
            if isinstance(part, tuple):
                members[path] = frozenset(part)
            elif part is not None:
                return None
        told = dict(zip(self._named, key[len(self._paths) :], strict=True))
        return Shape(frozenset(self._paths), members, told, self._named)


def _key_function(paths: list[Keys], named: dict[Keys, frozenset[str]]) -> Callable[[Json], Any]:
    """The key: the members of the objects at these paths, then the named values.

    None stands for an object that is null or not there, a class for what is no object, and None for any other value.
    """
    scope = Globals()
    places: dict[Keys, ast.Name] = {(): name("record")}
    parts: dict[Keys, ast.Name] = {}
    values: dict[Keys, ast.Name] = {}

    def read(path: Keys) -> list[ast.stmt]:
        """The statements for the object at a path, which is known to be one."""
        part = parts[path] = name(f"p{len(parts)}")
        inside = statements("PART = (*PLACE,)", PART=part, PLACE=places[path])
        for keys, texts in named.items():
            if keys[:-1] == path:
                value = values[keys] = name(f"n{len(values)}")
                known = scope.bind(texts)
                inside += statements("VALUE = PLACE.get(KEY)", VALUE=value, PLACE=places[path], KEY=literal(keys[-1]))
                other = "if VALUE.__class__ is not str or VALUE not in TEXTS: VALUE = None"
                inside += statements(other, VALUE=value, TEXTS=known)
        for below in (other for other in paths if other and other[:-1] == path):
            place = places[below] = name(f"v{len(places)}")
            inside += statements("PLACE = ABOVE.get(KEY)", PLACE=place, ABOVE=places[path], KEY=literal(below[-1]))
            there = read(below)
            bound = [one for keys, one in (*parts.items(), *values.items()) if keys[: len(below)] == below]
            nothing: list[ast.stmt] = [ast.Assign([ast.Name(one.id, ast.Store()) for one in bound], literal(None))]
            odd = nothing + statements("PART = PLACE.__class__", PART=parts[below], PLACE=place)
            is_none = branch(expression("PLACE is None", PLACE=place), nothing, odd)
            inside.append(branch(expression("PLACE.__class__ is dict", PLACE=place), there, [is_none]))
        return inside

    body = read(())
    result: list[ast.expr] = [parts[path] for path in paths]
    result += [values[keys] for keys in named]
    body.append(ast.Return(ast.Tuple(result, ast.Load())))
    made: Callable[[Json], Any] = function("record", body, scope)
    return made


class Specialized:
    """A function for all records of a kind, and shorter ones that are made for shapes that come up often."""

    def __init__(
        self,
        shapes: Shapes,
        general: Callable[[Json], Any],
        make: Callable[[Shape, Json], Callable[[Json], Any] | None],
    ) -> None:
        self.general = general
        """The function for all records, which have to be valid."""
        self._shapes = shapes
        self._key = shapes.key
        self._make = make
        self._made: dict[Any, Callable[[Json], Any] | None] = {}
        self._seen: dict[Any, int] = {}

    def special(self, record: Json) -> Callable[[Json], Any] | None:
        """The function for the shape of a record, if there is one by now; it checks the record, too."""
        key = self._key(record)
        try:
            return self._made[key]
        except KeyError:
            return self._learn(key, record)

    def _learn(self, key: Any, record: Json) -> Callable[[Json], Any] | None:
        if len(self._made) >= MOST_SHAPES:
            return None
        times = self._seen[key] = self._seen.get(key, 0) + 1
        if times >= SEEN_OFTEN:
            shape = self._shapes.shape(key)
            self._made[key] = None if shape is None else self._make(shape, record)
            return self._made[key]
        if len(self._seen) > MOST_COUNTED:
            self._seen.clear()
        return None
