"""The shape of a record: which members its objects have, and what is known of their values.

Records come in few shapes, and a function for one is shorter. What a shape lacks is known to be nothing, so that rules,
facts and conditions are decided beforehand, and what no rule keeps is known by name. The function for all shapes and
the one for a single shape give the same bytes, by test.

A shape is guessed by a key that costs little: how many members the record has, and each of its objects. The functions
for the shapes with this key then take only records that are of theirs, by reading every member.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from doorlog.mapping.code import Globals, built, expression, function, literal, name, statements
from doorlog.mapping.instants import is_usual
from doorlog.record import Json

Keys: TypeAlias = tuple[str, ...]

SEEN_OFTEN = 250
"""A shape that has come up so often gets a function of its own: what often comes up comes up again."""
MOST_SHAPES = 128
"""No kind of event has more functions than this; further shapes are served by the one for all."""
MOST_ALIKE = 16
"""So many shapes can have the same key; each function is asked in turn whether a record is its own."""
NOW_AND_THEN = 16
"""One of so many records that a later function takes has it asked sooner."""
MOST_COUNTED = 4096
MOST_MEMBERS = 100
MOST_NAMES_LENGTH = 4096
"""Records of which an object has more members than this, or longer names, get no function of their own."""
SURE_LENGTH = 1024
"""What ECS indexes of a keyword at the most; a longer text is left to the function for all records."""


_UNTOLD = object()


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
    instants: frozenset[Keys] = frozenset()
    """Those of them at which there is an instant as nearly all records write it, `2024-06-03T15:23:22Z`."""
    truths: frozenset[Keys] = frozenset()
    """Paths at which there is true or false."""
    blanks: dict[Keys, str | None] = field(default_factory=dict)
    """Paths at which there is null or an empty text."""
    others: frozenset[Keys] = frozenset()
    """Paths at which there is a number, a list, or an object that no mapping looks into."""

    def lacks(self, keys: tuple[str | int, ...]) -> bool:
        """Whether a record of this shape has nothing at a path: no member, or null or an empty text."""
        for end, key in enumerate(keys):
            above = keys[:end]
            if above in self.looked_into and key not in self.members.get(above, ()):  # type: ignore[arg-type]
                return True
        return keys in self.blanks

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

    def about(self, keys: tuple[str | int, ...]) -> tuple[object, ...]:
        """All that the shape tells of the value at a path: what is the same here has the same rules left."""
        told, blank = self.told.get(keys, _UNTOLD), self.blanks.get(keys, _UNTOLD)  # type: ignore[arg-type]
        return self.lacks(keys), told, blank, keys in self.sure, keys in self.instants, keys in self.truths

    def has(self, path: Keys) -> bool:
        """Whether there is an object at a path that is looked into."""
        return path in self.members

    def left_to_keep(self, path: Keys) -> frozenset[str]:
        """The members of an object that hold something."""
        return frozenset(key for key in self.members[path] if (*path, key) not in self.blanks)


def _at(record: Any, path: Keys) -> Any:
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record


def _one_of(texts: frozenset[str], value: Any) -> str | None:
    return value if isinstance(value, str) and value in texts else None


def _is_odd(members: Iterable[str]) -> bool:
    names = list(members)
    return len(names) > MOST_MEMBERS or sum(map(len, names)) > MOST_NAMES_LENGTH


class Shapes:
    """Tells the shapes of records of one kind; `paths` are those that the mapping reads."""

    def __init__(self, looked_into: Iterable[Keys], named: dict[Keys, frozenset[str]], paths: Iterable[Keys]) -> None:
        self._objects = sorted({(), *looked_into}, key=lambda keys: (len(keys), keys))
        self._named = {keys: named[keys] for keys in sorted(named) if keys and keys[:-1] in self._objects}
        self._paths = sorted({*paths, *self._objects} - {()})
        self.key: Callable[[Json], Any] = _key_function(self._objects)
        """A record to what its shape is guessed by: how many members it has, and each of its objects."""

    def shape(self, record: Json) -> Shape | None:
        """The shape of a record; None where no function is made for one.

        That is if something else stands where an object is expected, a text is too long, or an object is too odd.
        """
        members: dict[Keys, frozenset[str]] = {}
        for path in self._objects:
            held = _at(record, path)
            if isinstance(held, dict) and not _is_odd(held):
                members[path] = frozenset(held)
            elif held is not None:
                return None
        there = {
            path: _at(record, path) for path in self._paths if path[:-1] in members and path[-1] in members[path[:-1]]
        }
        sure = frozenset(path for path, value in there.items() if isinstance(value, str) and value)
        if any(len(there[path]) > SURE_LENGTH for path in sure):
            return None
        truths = frozenset(path for path, value in there.items() if isinstance(value, bool))
        others = frozenset(path for path, value in there.items() if isinstance(value, int | float | list | dict))
        others -= truths | members.keys()
        return Shape(
            frozenset(self._objects),
            members,
            {path: _one_of(texts, _at(record, path)) for path, texts in self._named.items()},
            self._named,
            sure,
            frozenset(path for path in sure if is_usual(there[path])),
            truths,
            {path: value for path, value in there.items() if value is None or value == ""},
            others,
        )


def _key_function(objects: list[Keys]) -> Callable[[Json], Any]:
    body: list[ast.stmt] = []
    parts: list[ast.expr] = [expression("len(record)")]
    for at, (member,) in enumerate(path for path in objects if len(path) == 1):
        size = name(f"n{at}")
        body += statements("SIZE = record.get(KEY)", SIZE=size, KEY=literal(member))
        body += statements("SIZE = len(SIZE) if SIZE.__class__ is dict else None", SIZE=size)
        parts.append(size)
    body.append(built(ast.Return, built(ast.Tuple, parts, ast.Load())))
    made: Callable[[Json], Any] = function("record", body, Globals())
    return made


class Specialized:
    """A function for all records of a kind, and shorter ones that are made for shapes that come up often."""

    def __init__(
        self,
        shapes: Shapes,
        general: Callable[[Json], Any],
        make: Callable[[Shape], Callable[[Json], Any] | None],
    ) -> None:
        self.general = general
        """The function for all records, which have to be valid."""
        self._shapes = shapes
        self._make = make
        self._key = shapes.key
        self._made: dict[Any, list[Callable[[Json], Any]]] = {}
        self._tried: dict[Any, list[Shape]] = {}
        self._missed: dict[Any, int] = {}
        self._late = 0
        """How many records were taken by a function that was not the first to be asked."""

    def by_shape(self, record: Json) -> Any:
        """What the function for the shape of a record makes of it; None if there is none, or it can't prove the record.

        A fault in it must not cost a record that the function for all records can take.
        """
        key = self._key(record)
        alike = self._made.get(key)
        for special in alike or ():
            try:
                events = special(record)
            except Exception:  # a member that isn't there, for one
                continue
            if events is not None:
                if alike is not None and special is not alike[0]:
                    self._sooner(alike, special)
                return events
        return None

    def _sooner(self, alike: list[Callable[[Json], Any]], special: Callable[[Json], Any]) -> None:
        """Has what comes up more often asked sooner; now and then, so that two don't change places all the time."""
        self._late += 1
        if self._late % NOW_AND_THEN == 0:
            at = alike.index(special)
            alike[at - 1 : at + 1] = special, alike[at - 1]

    def learn(self, record: Json) -> None:
        """Counts what no function has taken; a shape that has come up often gets one, for the records that follow."""
        key = self._key(record)
        times = self._missed[key] = self._missed.get(key, 0) + 1
        if times < SEEN_OFTEN:
            if len(self._missed) > MOST_COUNTED:
                self._missed.clear()
            return
        self._missed[key] = 0
        tried = self._tried.setdefault(key, [])
        if len(tried) >= MOST_ALIKE or sum(map(len, self._tried.values())) >= MOST_SHAPES:
            return
        # If a shorter function can't be made, that must not cost a record: the one for all serves.
        with suppress(Exception):
            shape = self._shapes.shape(record)
            # Its function has not taken this record, and another one would not either.
            if shape is None or shape in tried:
                return
            tried.append(shape)
            special = self._make(shape)
            if special is not None:
                self._made.setdefault(key, []).append(special)
