"""What an expression gives, as far as can be told beforehand; checks that this makes needless are left out."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from contextlib import suppress
from typing import Literal, TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope, scope_of
from doorlog.mapping.functions import FUNCTIONS
from doorlog.mapping.strict_yaml import Mark, Refused

Gives: TypeAlias = Literal["nothing", "text", "boolean", "integer", "list", "object", "any"]
Types: TypeAlias = Mapped[str, frozenset[str]]
"""The JSON types that the record's schema guarantees of a path, by its text; another path can be anything."""

_BY_JSON: dict[str, Gives] = {"string": "text", "boolean": "boolean", "object": "object", "array": "list"}


def gives(expr: m.Expr, scope: Scope, types: Types) -> Gives:
    """The one type of all values that a folded expression can give (beside nothing), or `any`."""
    match expr:
        case m.Const(value, _):
            return _constant(value)
        case m.Path(keys, _):
            if scope.shape is not None and keys in scope.shape.sure:
                return "text"
            if scope.shape is not None and keys in scope.shape.truths:
                return "boolean"
            possible = types.get(str(expr), frozenset({"any"})) - {"null"}
            return _BY_JSON.get(next(iter(possible)), "any") if len(possible) == 1 else "any"
        case m.Name("item", _) | m.Member():
            return "any"
        case m.Name(name, mark):
            return gives(scope.fact(name, mark), scope, types)
        case m.First(options, _):
            return _one({gives(option, scope, types) for option in options})
        case m.Apply(function, _, _, _):
            return FUNCTIONS[function].gives
        case m.Drop(source, _, _):
            return gives(source, scope, types)
        case m.Lookup(_, table, default, _, _):
            rows = set() if isinstance(table, str) else {_constant(const.value) for _, const in table.rows}
            return _one(rows | ({gives(default, scope, types)} if default is not None else set()))
        case m.When(_, then, otherwise, _):
            return _one({gives(then, scope, types), gives(otherwise, scope, types)})
        case m.Template():
            return "text"
        case m.Collect() | m.Each():
            return "list"
        case m.Rest():
            return "object"
        case _:
            return "any"


def _constant(value: m.Value) -> Gives:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "any"
    return "text" if isinstance(value, str) else "list"


def _one(found: set[Gives]) -> Gives:
    found = found - {"nothing"}
    return found.pop() if len(found) == 1 else "any" if found else "nothing"


def known_facts(mapping: m.Mapping, types: Types) -> dict[str, tuple[Mark, Gives]]:
    """The facts of a mapping, those of its kinds included, each with its place and the type of all that it gives."""
    places = {name: expr.mark for name, expr in mapping.facts.items()}
    for kind in mapping.kinds:
        places = {**{name: expr.mark for name, expr in kind.facts}, **places}
    found: dict[str, set[Gives]] = {name: set() for name in places}
    for scope in [scope_of(mapping, kind) for kind in mapping.kinds] or [scope_of(mapping, None)]:
        for name in scope.facts:
            # What a kind of no sign-in lacks, or a mapping that others extend, is told by `check`.
            with suppress(Refused):
                found[name].add(gives(scope.fact(name, places[name]), scope, types))
    return {name: (place, _one(found[name])) for name, place in places.items()}
