"""From plans to functions: one per kind of event, which reads a record once and builds all its documents."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.body import Body, paths_in
from doorlog.mapping.code import Globals, function
from doorlog.mapping.document import Document
from doorlog.mapping.gives import Types
from doorlog.mapping.plan import Plan, plan
from doorlog.mapping.shapes import Keys, Shape, Shapes, Specialized
from doorlog.mapping.walk import named_values
from doorlog.record import Json

Mapped: TypeAlias = Callable[[Json], "tuple[Json, ...] | str"]
"""A valid record to its documents, one for each plan; or the path of a required attribute that it can't be given."""


def compile_kind(mappings: Sequence[m.Mapping], kind: m.Kind, types: Types) -> Mapped:
    """The function for one kind of event. The record must be valid by the schema that `types` come from."""
    plans = [plan(mapping, kind, types) for mapping in mappings]
    looked_into = {keys[:end] for keys in _paths(plans) for end in range(1, len(keys))}

    def make(shape: Shape) -> Mapped:
        return _function([plan(mapping, kind, types, shape) for mapping in mappings], types, shape)

    named: dict[Keys, set[str]] = {}
    for one in plans:
        for value in _expressions(one):
            for keys, texts in named_values(value, one.scope):
                named.setdefault(keys, set()).update(texts)
    shapes = Shapes(looked_into, {keys: frozenset(texts) for keys, texts in named.items()})
    return Specialized(shapes, _function(plans, types, None), make)


def _function(plans: Sequence[Plan], types: Types, shape: Shape | None) -> Mapped:
    body = Body(types, Globals(), shape)
    body.read(path for one in plans for path in paths_in(_expressions(one), one.scope))
    documents: list[ast.expr] = [Document(body, one).emit() for one in plans]
    body.block.append(ast.Return(ast.Tuple(documents, ast.Load())))
    compiled: Mapped = function("record", body.block, body.globals)
    return compiled


def _expressions(one: Plan) -> list[m.Expr]:
    return [leaf.value for leaf in one.leaves] + [carry.path for leaf in one.leaves for carry in leaf.carries]


def _paths(plans: Sequence[Plan]) -> set[Keys]:
    """The record paths that the plans read; one with a place in a list counts as far as the list."""
    found = set()
    for one in plans:
        for path in paths_in(_expressions(one), one.scope):
            texts = takewhile(lambda key: isinstance(key, str), path.keys)
            found.add(tuple(map(str, texts)))
    return found
