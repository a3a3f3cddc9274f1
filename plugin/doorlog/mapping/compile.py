"""From plans to functions: for each kind of event one for all records, and shorter ones for frequent shapes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.body import Body, paths_in
from doorlog.mapping.code import Globals, built, function
from doorlog.mapping.document import Document
from doorlog.mapping.gives import Types
from doorlog.mapping.narrow import Narrower
from doorlog.mapping.plan import Plan, plan
from doorlog.mapping.proof import prove, recognize
from doorlog.mapping.reading import read
from doorlog.mapping.shapes import Keys, Shape, Shapes, Specialized
from doorlog.mapping.walk import named_values
from doorlog.record import Json

Mapped: TypeAlias = Callable[[Json], "tuple[Json, ...] | str | None"]
"""A record to its documents, one for each plan; or the path of a required attribute that it can't be given.

The function for all records takes valid ones only; one for a shape gives None for a record that it can't prove valid.
"""


def compile_kind(mappings: Sequence[m.Mapping], kind: m.Kind, types: Types, schema: Mapping[str, Any]) -> Specialized:
    """The functions for one kind of event; `types` are those that the schema guarantees."""
    plans = [plan(mapping, kind, types) for mapping in mappings]
    narrowers = [Narrower(one, types) for one in plans]
    paths = _paths(plans)
    looked_into = {keys[:end] for keys in paths for end in range(1, len(keys))}
    named: dict[Keys, set[str]] = {}
    for one in plans:
        for value in _expressions(one):
            for keys, texts in named_values(value, one.scope):
                named.setdefault(keys, set()).update(texts)

    def make(shape: Shape) -> Mapped | None:
        return _function([narrowed(shape) for narrowed in narrowers], types, schema, shape)

    # What no rule reads is left as it is, if it is known to say something; so the shape tells that, too.
    typed = {tuple(path.split(".")[1:]) for path in types}
    paths |= {keys for keys in typed if keys[:-1] in looked_into or len(keys) == 1}
    shapes = Shapes(looked_into, {keys: frozenset(texts) for keys, texts in named.items()}, paths)
    general = _function(plans, types, schema, None)
    assert general is not None
    return Specialized(shapes, general, make)


def _function(plans: Sequence[Plan], types: Types, schema: Mapping[str, Any], shape: Shape | None) -> Mapped | None:
    body = Body(types, Globals(), shape)
    if shape is not None:
        recognize(body, shape)
    read(body, (path for one in plans for path in paths_in(_expressions(one), one.scope)))
    if shape is not None and not prove(body, schema, shape):
        return None
    documents: list[ast.expr] = [Document(body, one).emit() for one in plans]
    body.block.append(built(ast.Return, built(ast.Tuple, documents, ast.Load())))
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
