"""The shape of a record: which members its objects have. Records come in few shapes, and a function for one is shorter.

What a shape lacks is known to be nothing, so its rules, facts and conditions are decided beforehand, and what no rule
keeps is known by name. The function for all shapes and the one for a single shape give the same bytes, by test.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from doorlog.mapping.code import Globals, expression, function, literal, name, statements
from doorlog.record import Json

Keys: TypeAlias = tuple[str, ...]

SEEN_OFTEN = 64
"""A shape gets a function of its own when it has come up so often; making one costs as much as some 1,000 records."""
MOST_SHAPES = 32
"""No kind of event has more functions than this; further shapes are served by the one for all."""
MOST_COUNTED = 4096


@dataclass(frozen=True, slots=True)
class Shape:
    """The members of each object of a record that a mapping looks into; an object that isn't there has none here."""

    looked_into: frozenset[Keys]
    members: dict[Keys, frozenset[str]]

    def lacks(self, keys: tuple[str | int, ...]) -> bool:
        """Whether a record of this shape has nothing at a path."""
        for end, key in enumerate(keys):
            above = keys[:end]
            if above in self.looked_into and key not in self.members.get(above, ()):  # type: ignore[arg-type]
                return True
        return False

    def has(self, path: Keys) -> bool:
        """Whether there is an object at a path that is looked into."""
        return path in self.members


class Shapes:
    """Tells the shape of a record by a key that is cheap to make."""

    def __init__(self, looked_into: Iterable[Keys]) -> None:
        self._paths = sorted({(), *looked_into}, key=lambda keys: (len(keys), keys))
        self.key = _key_function(self._paths)

    def shape(self, key: Any) -> Shape | None:
        """The shape that a key stands for; None if something else stands where an object is expected."""
        members: dict[Keys, frozenset[str]] = {}
        for path, part in zip(self._paths, key, strict=True):
            if isinstance(part, tuple):
                members[path] = frozenset(part)
            elif part is not type(None):
                return None
        return Shape(frozenset(self._paths), members)


def _key_function(paths: list[Keys]) -> Callable[[Json], Any]:
    """The members of the objects at these paths, or the class of what stands there instead."""
    body: list[ast.stmt] = []
    places: dict[Keys, ast.Name] = {(): name("record")}
    parts: list[ast.expr] = []
    for path in paths:
        if path:
            place = places[path] = name(f"v{len(places)}")
            pattern = "PLACE = ABOVE.get(KEY) if ABOVE.__class__ is dict else None"
            body += statements(pattern, PLACE=place, ABOVE=places[path[:-1]], KEY=literal(path[-1]))
        part = "(*PLACE,) if PLACE.__class__ is dict else PLACE.__class__"
        parts.append(expression(part, PLACE=places[path]))
    body.append(ast.Return(ast.Tuple(parts, ast.Load())))
    made: Callable[[Json], Any] = function("record", body, Globals())
    return made


class Specialized:
    """A function of records that has a shorter one made for every shape that comes up often."""

    def __init__(
        self, looked_into: Iterable[Keys], general: Callable[[Json], Any], make: Callable[[Shape], Any]
    ) -> None:
        self._shapes = Shapes(looked_into)
        self._key = self._shapes.key
        self._general = general
        self._make = make
        self._made: dict[Any, Callable[[Json], Any]] = {}
        self._seen: dict[Any, int] = {}

    def __call__(self, record: Json) -> Any:
        key = self._key(record)
        made = self._made.get(key)
        return self._other(key, record) if made is None else made(record)

    def _other(self, key: Any, record: Json) -> Any:
        if len(self._made) < MOST_SHAPES:
            times = self._seen[key] = self._seen.get(key, 0) + 1
            if times >= SEEN_OFTEN:
                shape = self._shapes.shape(key)
                self._made[key] = self._general if shape is None else self._make(shape)
            elif len(self._seen) > MOST_COUNTED:
                self._seen.clear()
        return self._general(record)
