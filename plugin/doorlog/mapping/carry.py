"""Which values of the record an expression keeps, so that the rest need not hold them as well.

Kept means verbatim, or so that it can be got back. One written value keeps one value of the record: of several
alternatives, the first that equals what was written. What goes through a table or a template isn't kept by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope
from doorlog.mapping.functions import FUNCTIONS
from doorlog.mapping.gives import Types, gives

How = Literal["whole", "given", "equal", "canonical"]


@dataclass(frozen=True, slots=True)
class Carry:
    """A path that a rule can keep, and when it does.

    `whole`: whenever the rule's value is written. `given`: the same, for a value that can be got back from the result.
    `equal`: if the result equals it. `canonical`: if it is one of the values that the result brings back.
    """

    path: m.Path
    how: How
    canonical: frozenset[str | bool] = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        """The path's keys; a path with a place in a list is never kept."""
        return tuple(str(key) for key in self.path.keys)


def carried(value: m.Expr, scope: Scope, types: Types) -> tuple[Carry, ...]:
    """What a folded expression can keep, each path once."""
    found: dict[tuple[str | int, ...], Carry] = {}
    for carry in _carried(value, scope, types):
        found.setdefault(carry.path.keys, carry)
    return tuple(found.values())


def _carried(value: m.Expr, scope: Scope, types: Types) -> list[Carry]:
    match value:
        case m.Path(keys, _):
            return [Carry(value, "whole")] if keys and all(isinstance(key, str) for key in keys) else []
        case m.Name("item", _):
            return []
        case m.Name(name, mark):
            return _carried(scope.fact(name, mark), scope, types)
        case m.First(options, _):
            # If the first option is there it is what is written; if it isn't, nothing of it needs keeping.
            # A value that is none of the alternative's type counts as absent, too, but does need it.
            own = _carried(options[0], scope, types)
            if gives(options[0], scope, types) != "text":
                own = _if_equal(own)
            return own + _if_equal([carry for option in options[1:] for carry in _carried(option, scope, types)])
        case m.Drop(source, _, _):
            return _if_equal(_carried(source, scope, types))
        case m.When(_, then, otherwise, _):
            return _if_equal([*_carried(then, scope, types), *_carried(otherwise, scope, types)])
        case m.Apply(function, source, _, _):
            return _applied(function, _carried(source, scope, types))
        case _:
            return []


def _if_equal(carries: list[Carry]) -> list[Carry]:
    return [Carry(carry.path, "equal") for carry in carries if carry.how in ("whole", "equal")]


def _applied(name: str, carries: list[Carry]) -> list[Carry]:
    function = FUNCTIONS[name]
    if function.keeps == "if equal":
        return _if_equal(carries)
    if len(carries) != 1 or carries[0].how != "whole":
        return []
    if function.canonical:
        return [Carry(carries[0].path, "canonical", function.canonical)]
    return [Carry(carries[0].path, "given")] if function.keeps == "if given" else []
