"""The shape of a record: which members its objects have, and which of the values that the mapping names stand in it.

Records come in few shapes, and a function for one is shorter. What a shape lacks is known to be nothing, so that rules,
facts and conditions are decided beforehand, and what no rule keeps is known by name. The function for all shapes and
the one for a single shape give the same bytes, by test.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import suppress
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
MOST_MEMBERS = 100
MOST_NAMES_LENGTH = 4096
"""Records of which an object has more members than this, or longer names, are too odd to be counted or remembered."""
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


def _is_odd(members: tuple[str, ...]) -> bool:
    return len(members) > MOST_MEMBERS or sum(map(len, members)) > MOST_NAMES_LENGTH


class Shapes:
    """Tells the shapes of records by keys that are cheap to make: first their own members, then what is inside."""

    def __init__(self, looked_into: Iterable[Keys], named: dict[Keys, frozenset[str]]) -> None:
        self._paths = sorted({(), *looked_into}, key=lambda keys: (len(keys), keys))
        self._named = {keys: named[keys] for keys in sorted(named) if keys and keys[:-1] in self._paths}

    def key_function(self, members: frozenset[str]) -> Callable[[Json], Any]:
        """Makes the key of records with these members: that of each object inside, then the named values.

        None stands for an object that is null or not there and for any other value, a class for what is no object.
        """
        return _key_function(self._paths, self._named, members)

    def shape(self, own: frozenset[str], key: Any) -> Shape | None:
        """The shape that a key stands for; None if something else stands where an object is expected."""
        members: dict[Keys, frozenset[str]] = {(): own}
        for path, part in zip(self._paths[1:], key, strict=False):
            if isinstance(part, tuple):
                members[path] = frozenset(part)
            elif part is not None:
                return None
        told = dict(zip(self._named, key[len(self._paths) - 1 :], strict=True))
        return Shape(frozenset(self._paths), members, told, self._named)


def _key_function(
    paths: list[Keys], named: dict[Keys, frozenset[str]], members: frozenset[str]
) -> Callable[[Json], Any]:
    scope = Globals()
    places: dict[Keys, ast.Name] = {(): name("record")}
    parts: dict[Keys, ast.Name] = {}
    values: dict[Keys, ast.Name] = {}

    def member(keys: Keys, into: ast.Name) -> list[ast.stmt]:
        holder, key = places[keys[:-1]], literal(keys[-1])
        pattern = "INTO = HOLDER[KEY]" if len(keys) == 1 else "INTO = HOLDER.get(KEY)"
        return statements(pattern, INTO=into, HOLDER=holder, KEY=key)

    def read(path: Keys) -> list[ast.stmt]:
        """The statements for the object at a path, which is known to be one."""
        inside: list[ast.stmt] = []
        if path:
            part = parts[path] = name(f"p{len(parts)}")
            inside = statements("PART = (*PLACE,)", PART=part, PLACE=places[path])
        for keys, texts in named.items():
            if keys[:-1] == path and (path or keys[0] in members):
                value = name(f"n{len(values)}")
                values[keys] = value
                inside += member(keys, value)
                other = "if VALUE.__class__ is not str or VALUE not in TEXTS: VALUE = None"
                inside += statements(other, VALUE=value, TEXTS=scope.bind(texts))
        for below in (other for other in paths if other and other[:-1] == path and (path or other[0] in members)):
            place = name(f"v{len(places)}")
            places[below] = place
            inside += member(below, place)
            there = read(below)
            bound = [one for keys, one in (*parts.items(), *values.items()) if keys[: len(below)] == below]
            targets: list[ast.expr] = [ast.Name(one.id, ast.Store()) for one in bound]
            nothing: list[ast.stmt] = [ast.Assign(targets, literal(None))]
            part = parts[below]
            odd = nothing + statements("PART = PLACE.__class__", PART=part, PLACE=place)
            missing = branch(expression("PLACE is None", PLACE=place), nothing, odd)
            inside.append(branch(expression("PLACE.__class__ is dict", PLACE=place), there, [missing]))
        return inside

    body = read(())
    result: list[ast.expr] = [parts.get(path) or literal(None) for path in paths[1:]]
    result += [values.get(keys) or literal(None) for keys in named]
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
        self._make = make
        self._keys: dict[tuple[str, ...], Callable[[Json], Any]] = {}
        self._made: dict[Any, Callable[[Json], Any] | None] = {}
        self._seen: dict[Any, int] = {}

    def special(self, record: Json) -> Callable[[Json], Any] | None:
        """The function for the shape of a record, if there is one by now; it checks the record, too."""
        members = (*record,)
        key_of = self._keys.get(members)
        if key_of is None:
            if len(self._keys) >= MOST_SHAPES or _is_odd(members):
                return None
            key_of = self._keys[members] = self._shapes.key_function(frozenset(members))
        key = (members, key_of(record))
        try:
            return self._made[key]
        except KeyError:
            return self._learn(key, record)

    def by_shape(self, record: Json) -> Any:
        """What the function for the shape of a record makes of it; None if there is none, or it can't prove the record.

        A fault in it must not cost a record that the function for all records can take.
        """
        special = self.special(record)
        if special is None:
            return None
        try:
            return special(record)
        except Exception:
            return None

    def _learn(self, key: Any, record: Json) -> Callable[[Json], Any] | None:
        inside = key[1]
        if len(self._made) >= MOST_SHAPES or any(isinstance(part, tuple) and _is_odd(part) for part in inside):
            return None
        times = self._seen[key] = self._seen.get(key, 0) + 1
        if times >= SEEN_OFTEN:
            shape = self._shapes.shape(frozenset(key[0]), inside)
            self._made[key] = None
            if shape is not None:
                # If a shorter function can't be made, that must not cost a record: the one for all serves.
                with suppress(Exception):
                    self._made[key] = self._make(shape, record)
            return self._made[key]
        if len(self._seen) > MOST_COUNTED:
            self._seen.clear()
        return None
