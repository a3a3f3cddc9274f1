"""What is left of a plan for the records of one shape: what they lack is nothing, what is told of them is decided.

The plan for all records has been checked against the target, so nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.carry import carried
from doorlog.mapping.fold import Scope, fold
from doorlog.mapping.gives import Types
from doorlog.mapping.plan import Leaf, Plan, keepers
from doorlog.mapping.shapes import Shape
from doorlog.mapping.walk import paths_of

Reads: TypeAlias = "frozenset[tuple[str | int, ...]]"
"""The record's paths that a leaf reads, also through facts."""


def narrower(plan: Plan, types: Types) -> Callable[[Shape], Plan]:
    """The function from a shape to its plan; what leaves read is found out once for all shapes."""
    leaves = [(leaf, _reads(leaf, plan.scope)) for leaf in plan.leaves]

    def narrowed(shape: Shape) -> Plan:
        at = _Narrowing(plan, shape, types)
        kept, contested = keepers([left for leaf, reads in leaves if (left := at.leaf(leaf, reads)) is not None])
        written = {leaf.path for leaf in kept}
        gathered = [(field, tuple(path for path in paths if path in written)) for field, paths in plan.gathered]
        return replace(
            plan,
            scope=at.scope,
            leaves=kept,
            contested=contested,
            gathered=tuple((field, paths) for field, paths in gathered if paths),
            observables=tuple(observable for observable in plan.observables if observable[0] in written),
        )

    return narrowed


class _Narrowing:
    def __init__(self, plan: Plan, shape: Shape, types: Types) -> None:
        # Facts are folded for the kind already, as the leaves are.
        facts = {**plan.scope.facts, **plan.scope.folded}
        self.scope = replace(plan.scope, facts=facts, shape=shape, folded={})
        self._plain = replace(self.scope, use_told=False, folded={})
        self._all = plan.scope
        self._told = shape.told.keys()
        self._types = types

    def leaf(self, leaf: Leaf, reads: Reads) -> Leaf | None:
        """The leaf for records of the shape; None where it is decided to be nothing."""
        if not reads:
            return leaf
        value = fold(leaf.value, self.scope)
        if isinstance(value, m.Const) and value.value in (None, ""):
            return None
        if isinstance(value, m.Each):
            fields = [self.leaf(field, _reads(field, self._all)) for field in leaf.fields]
            return replace(leaf, value=value, fields=tuple(field for field in fields if field is not None))
        if not leaf.keeps:
            return replace(leaf, value=value)
        # What a rule keeps is the same whatever values a shape tells apart.
        untold = value if reads.isdisjoint(self._told) else fold(leaf.value, self._plain)
        return replace(leaf, value=value, carries=carried(untold, self._plain, self._types))


def _reads(leaf: Leaf, scope: Scope) -> Reads:
    return frozenset(path.keys for path in paths_of(leaf.value, scope))
