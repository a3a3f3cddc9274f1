"""What is left of a plan for the records of one shape: what they lack is nothing, what is told of them is decided.

The plan for all records has been checked against the target, so nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.carry import carried
from doorlog.mapping.fold import Scope, fold
from doorlog.mapping.gives import Types
from doorlog.mapping.plan import Leaf, Plan, keepers
from doorlog.mapping.shapes import Shape
from doorlog.mapping.walk import paths_of

Keys: TypeAlias = tuple[str | int, ...]


class Narrower:
    """Makes of a shape its plan.

    Shapes differ in little, so facts and leaves are narrowed once for all shapes that tell the same of what they read.
    """

    def __init__(self, plan: Plan, types: Types) -> None:
        self._plan = plan
        self._types = types
        self._facts = [(name, own, self._reads(own)) for name, own in plan.scope.folded.items()]
        self._leaves = [(leaf, self._reads(leaf.value)) for leaf in plan.leaves]
        self._paths = {keys for _, _, reads in self._facts for keys in reads}
        self._paths |= {keys for _, reads in self._leaves for keys in reads}
        self._folded: dict[object, m.Expr] = {}
        self._narrowed: dict[object, Leaf | None] = {}

    def __call__(self, shape: Shape) -> Plan:
        """The plan for records of a shape."""
        plan = self._plan
        # Facts are folded for the kind already, as the leaves are.
        scope = replace(plan.scope, facts={**plan.scope.facts, **plan.scope.folded}, shape=shape, folded={})
        about = {keys: shape.about(keys) for keys in self._paths}
        for name, own, reads in self._facts:
            key = (name, *[about[keys] for keys in reads])
            if key not in self._folded:
                self._folded[key] = fold(own, scope)
            scope.folded[name] = self._folded[key]
        found = []
        for leaf, reads in self._leaves:
            key = (leaf.path, *[about[keys] for keys in reads])
            if key not in self._narrowed:
                self._narrowed[key] = self._leaf(leaf, reads, scope)
            found.append(self._narrowed[key])
        kept, contested = keepers([leaf for leaf in found if leaf is not None])
        written = {leaf.path for leaf in kept}
        gathered = [(field, tuple(path for path in paths if path in written)) for field, paths in plan.gathered]
        return replace(
            plan,
            scope=scope,
            leaves=kept,
            contested=contested,
            gathered=tuple((field, paths) for field, paths in gathered if paths),
            observables=tuple(observable for observable in plan.observables if observable[0] in written),
        )

    def _leaf(self, leaf: Leaf, reads: Sequence[Keys], scope: Scope) -> Leaf | None:
        """The leaf for records of a shape; None where it is decided to be nothing."""
        if not reads:
            return leaf
        value = fold(leaf.value, scope)
        if isinstance(value, m.Const) and value.value in (None, ""):
            return None
        if isinstance(value, m.Each):
            fields = [self._leaf(field, self._reads(field.value), scope) for field in leaf.fields]
            return replace(leaf, value=value, fields=tuple(field for field in fields if field is not None))
        if not leaf.keeps:
            return replace(leaf, value=value)
        # What a rule keeps is the same whatever values a shape tells apart.
        plain = replace(scope, use_told=False, folded={})
        assert scope.shape is not None
        untold = value if scope.shape.told.keys().isdisjoint(reads) else fold(leaf.value, plain)
        return replace(leaf, value=value, carries=carried(untold, plain, self._types))

    def _reads(self, value: m.Expr) -> Sequence[Keys]:
        """The record's paths that an expression reads, also through facts."""
        return list({path.keys: None for path in paths_of(value, self._plan.scope)})
