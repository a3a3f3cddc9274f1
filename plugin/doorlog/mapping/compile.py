"""From plans to functions: one per kind of event, which reads a record once and builds all its documents."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TypeAlias

from doorlog.mapping.body import Body, paths_in
from doorlog.mapping.code import Globals, function
from doorlog.mapping.document import Document
from doorlog.mapping.gives import Types
from doorlog.mapping.plan import Plan
from doorlog.record import Json

Mapped: TypeAlias = Callable[[Json], "tuple[Json, ...] | str"]
"""A valid record to its documents, one for each plan; or the path of a required attribute that it can't be given."""


def compile_kind(plans: Sequence[Plan], types: Types) -> Mapped:
    """The function for one kind of event. The record must be valid by the schema that `types` come from."""
    body = Body(types, Globals())
    paths = []
    for plan in plans:
        expressions = [leaf.value for leaf in plan.leaves]
        expressions += [carry.path for leaf in plan.leaves for carry in leaf.carries]
        paths += paths_in(expressions, plan.scope)
    body.read(paths)
    documents: list[ast.expr] = [Document(body, plan).emit() for plan in plans]
    body.block.append(ast.Return(ast.Tuple(documents, ast.Load())))
    compiled: Mapped = function("record", body.block, body.globals)
    return compiled
