"""The code of conditions, each in the cheapest form that what it tests allows."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from doorlog.mapping import model as m
from doorlog.mapping import values
from doorlog.mapping.code import built, expression, literal
from doorlog.mapping.fold import Scope
from doorlog.mapping.holds import NUMBER, holds
from doorlog.mapping.sure import is_sure

if TYPE_CHECKING:
    from doorlog.mapping.body import Body


def code_of(body: Body, condition: m.Condition, scope: Scope) -> ast.expr:
    """The code of a condition, to be used where truth counts."""
    match condition:
        case m.Always(verdict):
            return literal(verdict)
        case m.Not(inner):
            return built(ast.UnaryOp, ast.Not(), code_of(body, inner, scope))
        case m.All(inner):
            return built(ast.BoolOp, ast.And(), [code_of(body, one, scope) for one in inner])
        case m.Any(inner):
            return built(ast.BoolOp, ast.Or(), [code_of(body, one, scope) for one in inner])
        case m.Test():
            return _test(body, condition, scope)


def _test(body: Body, test: m.Test, scope: Scope) -> ast.expr:
    given = body.gives(test.subject, scope)
    texts = all(isinstance(value, str) for value in test.values)
    if given == "any" and texts and set(test.modifiers) <= {"startswith", "endswith", "contains"}:
        held, given = body.text(test.subject, scope), "text"
    else:
        held = body.hoist(body.value(test.subject, scope))
    if "exists" in test.modifiers:
        present = body.globals.bind(values.present)
        pattern = "HELD" if given == "text" else "HELD if HELD.__class__ is str else PRESENT(HELD)"
        if is_sure(test.subject, scope):
            return literal(test.values[0])
        there = expression(pattern, PRESENT=present, HELD=held)
        return there if test.values[0] else built(ast.UnaryOp, ast.Not(), there)
    numbers = given == "any" and any(isinstance(value, str) and NUMBER.match(value) for value in test.values)
    if not test.modifiers and texts and not numbers:
        if len(test.values) == 1:
            return expression("HELD == VALUE", HELD=held, VALUE=literal(test.values[0]))
        return expression("HELD in VALUES", HELD=held, VALUES=literal(test.values))
    if not test.modifiers and len(test.values) == 1 and isinstance(test.values[0], bool):
        return expression("HELD is VALUE", HELD=held, VALUE=literal(test.values[0]))
    if given == "text" and texts and test.modifiers in (("startswith",), ("endswith",)):
        method = built(ast.Attribute, held, test.modifiers[0], ast.Load())
        pattern = "METHOD(VALUES)" if is_sure(test.subject, scope) else "HELD and METHOD(VALUES)"
        affixes = test.values[0] if len(test.values) == 1 else test.values
        return expression(pattern, HELD=held, METHOD=method, VALUES=literal(affixes))
    if given == "text" and texts and test.modifiers == ("contains",) and len(test.values) == 1:
        return expression("HELD and VALUE in HELD", HELD=held, VALUE=literal(test.values[0]))
    check = body.globals.bind(partial(holds, modifiers=test.modifiers, values=test.values))
    return expression("CHECK(HELD)", CHECK=check, HELD=held)
