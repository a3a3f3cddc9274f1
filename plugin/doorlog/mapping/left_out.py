"""What the target requires of every event and a mapping gives only some: those records would be rejected."""

from __future__ import annotations

from collections.abc import Iterator

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope, fold
from doorlog.mapping.gives import Types
from doorlog.mapping.plan import plan, section_of
from doorlog.mapping.possible import possible, verdict


def left_out(mapping: m.Mapping, types: Types) -> Iterator[Finding]:
    """The rules in the files asked for that a condition of the mapping's keeps from writing what is required.

    Whether a record has a value is its own matter, and nothing is said of that. The mapping has no errors.
    """
    for kind in (kind for kind in mapping.kinds if not kind.skip):
        made = plan(mapping, kind, types)
        rules = section_of(mapping, kind).rules
        leaves = {leaf.path: leaf for leaf in made.leaves}
        for path in made.target.required():
            rule = rules.get(path)
            if rule is None or rule.mark.file not in mapping.asked:
                continue
            if path not in leaves or _may_give_nothing(leaves[path].value, made.scope):
                what = f"{made.target.name.upper()} {made.target.version}"
                said = f"{what} requires {path}, and for some records this gives nothing: they are rejected"
                yield rule.mark.finding("required-left-out", said)


def _may_give_nothing(expr: m.Expr, scope: Scope) -> bool:
    values = possible(expr, scope)
    if values is not None:
        return None in values
    match fold(expr, scope):
        case m.Name(name, mark) if name not in ("item", "kind"):
            return _may_give_nothing(scope.fact(name, mark), scope)
        case m.First(options, _):
            return all(_may_give_nothing(option, scope) for option in options)
        case m.When(condition, then, otherwise, _):
            holds = verdict(condition, scope)
            sides = [side for side, reached in ((then, holds is not False), (otherwise, holds is not True)) if reached]
            return any(_may_give_nothing(side, scope) for side in sides)
        case _:
            return False
