"""What a leaf's value needs before it may be written: those guards of the target's schema that can refuse it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from doorlog.mapping import model as m
from doorlog.mapping import values
from doorlog.mapping.body import Body
from doorlog.mapping.code import built, expression, literal
from doorlog.mapping.fold import Scope
from doorlog.mapping.functions import FUNCTIONS
from doorlog.mapping.gives import Gives
from doorlog.mapping.plan import Leaf, Plan
from doorlog.mapping.shapes import SURE_LENGTH
from doorlog.mapping.sure import is_short, is_sure
from doorlog.targets.guards import Guard, guard, only_length

# A cast that gives only what an attribute of this kind takes.
_GIVES_ONLY = {"ip": "ip", "date": "time"}

_IS = {
    "boolean": "HELD is True or HELD is False",
    "integer": "HELD.__class__ is int",
    "timestamp": "HELD.__class__ is int",
    "float": "HELD.__class__ is float or HELD.__class__ is int",
    "geo_point": "HELD.__class__ is dict",
}


def certain(body: Body, plan: Plan, leaf: Leaf) -> ast.Name | ast.Constant | None:
    """The value of a leaf that is always written, since all is known of it that the target asks for; else None."""
    attribute, shape = leaf.attribute, body.shape
    if attribute.array or isinstance(_own(leaf.value, plan.scope), m.Collect):
        return _certain_list(body, plan, leaf)
    if shape is not None and isinstance(leaf.value, m.Path) and leaf.value.keys in shape.truths:
        return body.places[leaf.value.keys] if attribute.kind in ("boolean", "any") else None
    if not is_sure(leaf.value, plan.scope) or any(carry.how != "whole" for carry in leaf.carries):
        return None
    if attribute.kind == "text":
        if not _only_length(leaf, plan.scope) or (attribute.max_length and not _is_short(leaf, plan.scope)):
            return None
    elif attribute.kind == "date":
        if not isinstance(leaf.value, m.Path) or shape is None or leaf.value.keys not in shape.instants:
            return None
    elif attribute.kind != "any":
        return None
    return body.text(leaf.value, plan.scope)


def _certain_list(body: Body, plan: Plan, leaf: Leaf) -> ast.Name | ast.Constant | None:
    """A list of texts that are all there, which the target can refuse for their lengths only."""
    own = _own(leaf.value, plan.scope)
    if leaf.carries or not isinstance(own, m.Collect) or not all(is_sure(item, plan.scope) for item in own.items):
        return None
    if leaf.attribute.kind != "any" and not (_only_length(leaf, plan.scope) and _is_short(leaf, plan.scope)):
        return None
    return body.hoist(body.value(leaf.value, plan.scope))


def _is_short(leaf: Leaf, scope: Scope) -> bool:
    """Whether no text can be too long for the attribute."""
    return (leaf.attribute.max_length or SURE_LENGTH) >= SURE_LENGTH and is_short(leaf.value, scope)


def fitting(body: Body, plan: Plan, leaf: Leaf) -> tuple[ast.expr, ast.expr]:
    """The value, made ready for the attribute, and the test that it fits: itself, where truth is enough."""
    attribute, scope = leaf.attribute, plan.scope
    given = body.gives(leaf.value, scope)
    check = None if _needs_no_guard(leaf, scope) else guard(attribute)
    if attribute.array:
        return _list(body, leaf, scope, check)
    if attribute.kind in ("any", "object", "flattened"):
        return _free(body, leaf, scope, given, check)
    if attribute.kind in _IS:
        held: ast.expr = body.hoist(body.value(leaf.value, scope))
        sure = given == ("boolean" if attribute.kind == "boolean" else "integer") and attribute.kind != "float"
        test: ast.expr = expression("HELD is not None" if sure else _IS[attribute.kind], HELD=held)
    elif check is not None and (remembered := _remembered(leaf, scope)) is not None:
        held = body.guarded(remembered, scope, f"{plan.target.name} {plan.target.version} {leaf.path}", check)
        return held, held
    else:
        test = held = body.text(leaf.value, scope)
    if check is None:
        return held, test
    if attribute.kind == "text" and _only_length(leaf, scope):
        if not attribute.max_length:
            return held, test
        fits = expression("len(HELD) <= MOST", HELD=held, MOST=literal(attribute.max_length))
    else:
        fits = expression("CHECK(HELD)", HELD=held, CHECK=body.globals.bind(check))
    return held, built(ast.BoolOp, ast.And(), [test, fits])


def _list(body: Body, leaf: Leaf, scope: Scope, check: Guard | None) -> tuple[ast.expr, ast.expr]:
    """A list, with those elements that the target takes."""
    held = body.hoist(body.value(leaf.value, scope))
    if body.gives(leaf.value, scope) != "list":
        held = body.hoist(expression("HELD if HELD.__class__ is list else None", HELD=held))
    if check is None and not _needs_no_guard(leaf, scope) and not isinstance(_own(leaf.value, scope), m.Collect):
        check = values.present
    if check is not None:
        pattern = "[one for one in HELD if one.__class__ is str and one and CHECK(one)] if HELD else None"
        held = body.hoist(expression(pattern, HELD=held, CHECK=body.globals.bind(check)))
    return held, held


def _free(body: Body, leaf: Leaf, scope: Scope, given: Gives, check: Guard | None) -> tuple[ast.expr, ast.expr]:
    """A value for a free-form attribute: scalars as they are, containers without what is empty in them."""
    kind = leaf.attribute.kind
    held = body.hoist(body.value(leaf.value, scope))
    if kind == "any" and (given == "text" or isinstance(_own(leaf.value, scope), m.Collect)):
        return held, held
    if kind == "any" and given in ("boolean", "integer"):
        return held, expression("HELD is not None", HELD=held)
    call = body.globals.bind(_cleaner(values.clean if kind == "any" else values.as_object, check))
    pattern = "CALL(HELD) if HELD is not None else None"
    if kind == "any":
        pattern = "(HELD or None) if HELD.__class__ is str else CALL(HELD) if HELD is not None else None"
    held = body.hoist(expression(pattern, HELD=held, CALL=call))
    return held, expression("HELD is not None", HELD=held)


def _cleaner(clean: Callable[[Any], Any], check: Guard | None) -> Callable[[Any], Any]:
    """A cleaned value, if the target takes it."""
    if check is None:
        return clean

    def cleaned(value: Any) -> Any:
        left = clean(value)
        return left if left is not None and check(left) else None

    return cleaned


def _own(value: m.Expr, scope: Scope) -> m.Expr:
    """The expression of the fact that an expression only names."""
    while isinstance(value, m.Name) and value.name != "item":
        value = scope.fact(value.name, value.mark)
    return value


def _remembered(leaf: Leaf, scope: Scope) -> m.Apply | None:
    """The function whose results are remembered, if that is all that an expression is."""
    own = _own(leaf.value, scope)
    return own if isinstance(own, m.Apply) and FUNCTIONS[own.function].memo and not leaf.carries else None


def _only_length(leaf: Leaf, scope: Scope) -> bool:
    """Whether the target can refuse a text for its length only."""
    own = _own(leaf.value, scope)
    suits = FUNCTIONS[own.function].suits if isinstance(own, m.Apply) else ""
    return only_length(leaf.attribute) or bool(suits and f".{leaf.path}".endswith(f".{suits}"))


def _needs_no_guard(leaf: Leaf, scope: Scope) -> bool:
    """Whether an expression can only give what the attribute takes."""
    value = _own(leaf.value, scope)
    if isinstance(value, m.Apply) and _GIVES_ONLY.get(leaf.attribute.kind) == value.function:
        return True
    if _only_length(leaf, scope) and _is_short(leaf, scope):
        return True
    return _constants_only(value, scope)


def _constants_only(value: m.Expr, scope: Scope) -> bool:
    """Whether all that an expression can give are constants of the mapping, which were checked when it was loaded."""
    match value:
        case m.Const():
            return True
        case m.First(options, _):
            return all(_constants_only(option, scope) for option in options)
        case m.When(_, then, otherwise, _):
            return _constants_only(then, scope) and _constants_only(otherwise, scope)
        case m.Lookup(_, _, default, other, _):
            return not other and (default is None or _constants_only(default, scope))
        case m.Name(fact, mark) if fact != "item":
            return _constants_only(scope.fact(fact, mark), scope)
        case _:
            return False
