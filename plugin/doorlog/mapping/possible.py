"""Which values an expression can give, as far as the mapping alone tells, and whether a condition can hold at all."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from math import prod
from typing import TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope, decide, fold
from doorlog.mapping.functions import FUNCTIONS
from doorlog.mapping.holds import holds

MOST = 256
"""More values than this count as any."""

Possible: TypeAlias = "frozenset[m.Value] | None"
"""Every constant that can come out, None among them for nothing; None itself if the record decides."""

_TRUTHS: frozenset[m.Value] = frozenset({True, False, None})


def possible(expr: m.Expr, scope: Scope) -> Possible:
    """The values that an expression, folded or not, can give in this scope."""
    match fold(expr, scope):
        case m.Const(value, _):
            return frozenset({None if value == "" else value})
        case m.Name(name, mark) if name not in ("item", "kind"):
            return possible(scope.fact(name, mark), scope)
        case m.First(options, _):
            each = [possible(option, scope) for option in options]
            several = _any_of(each)
            # Nothing comes of it only where nothing comes of each.
            return several if several is None or all(None in (one or ()) for one in each) else several - {None}
        case m.When(_, then, otherwise, _):
            return _any_of((possible(then, scope), possible(otherwise, scope)))
        case m.Drop(source, _, _):
            return _any_of((possible(source, scope), frozenset({None})))
        case m.Lookup(_, m.Table(rows, _), default, False, _):
            given = frozenset({None}) if default is None else possible(default, scope)
            return _any_of((frozenset(const.value for _, const in rows), given))
        case m.Apply(function, _, _, _) if FUNCTIONS[function].gives == "boolean":
            return _TRUTHS
        case m.Collect(items, _):
            return _lists([possible(item, scope) for item in items])
        case _:
            return None


def _any_of(several: Iterable[Possible]) -> Possible:
    found: set[m.Value] = set()
    for values in several:
        if values is None:
            return None
        found |= values
    return frozenset(found) if len(found) <= MOST else None


def _lists(items: list[Possible]) -> Possible:
    """The lists that come of one value of each item, joined as `collect` joins them."""
    known = [values for values in items if values is not None]
    if len(known) < len(items) or prod(map(len, known)) > MOST:
        return None
    return frozenset(_joined(one) or None for one in product(*known))


def _joined(values: Iterable[m.Value]) -> tuple[m.Value, ...]:
    flat = (part for value in values for part in (value if isinstance(value, tuple) else (value,)))
    return tuple(dict.fromkeys(part for part in flat if part is not None))


def verdict(condition: m.Condition, scope: Scope) -> bool | None:
    """Whether a condition always holds, or never; None if that depends."""
    match decide(condition, scope):
        case m.Always(decided):
            return decided
        case m.Not(inner):
            found = verdict(inner, scope)
            return None if found is None else not found
        case m.All(inner) | m.Any(inner) as several:
            absorbing = isinstance(several, m.Any)
            found_all = [verdict(one, scope) for one in inner]
            return absorbing if absorbing in found_all else None if None in found_all else not absorbing
        case m.Test(subject, modifiers, values, _):
            given = possible(subject, scope)
            outcomes = {holds(value, modifiers, values) for value in given or ()}
            return outcomes.pop() if len(outcomes) == 1 else None
        case _:
            return None
