"""What is sure of an expression's value, whatever the record: that there is a text, and that it is no long one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doorlog.mapping import model as m
from doorlog.mapping.functions import FUNCTIONS
from doorlog.mapping.shapes import SURE_LENGTH

if TYPE_CHECKING:
    from doorlog.mapping.fold import Scope


def is_sure(expr: m.Expr, scope: Scope) -> bool:
    """Whether an expression gives a text that isn't empty, whatever the record."""
    match expr:
        case m.Path(keys, _):
            return scope.shape is not None and keys in scope.shape.sure
        case m.Const(value, _):
            return isinstance(value, str) and value != ""
        case m.Name(name, mark) if name != "item":
            return is_sure(scope.fact(name, mark), scope)
        case m.Template(parts, _):
            return all(isinstance(part, str) or is_sure(part, scope) for part in parts)
        case m.First(options, _):
            return any(is_sure(option, scope) for option in options)
        case m.When(_, then, otherwise, _):
            return is_sure(then, scope) and is_sure(otherwise, scope)
        case _:
            return False


def is_short(expr: m.Expr, scope: Scope) -> bool:
    """Whether no text that an expression gives has more than `SURE_LENGTH` characters, whatever the record."""
    match expr:
        case m.Path(keys, _):
            return scope.shape is not None and keys in scope.shape.sure
        case m.Const(value, _):
            return not isinstance(value, str) or len(value) <= SURE_LENGTH
        case m.Name(name, mark) if name != "item":
            return is_short(scope.fact(name, mark), scope)
        case m.First(inner, _) | m.Collect(inner, _):
            return all(is_short(one, scope) for one in inner)
        case m.When(_, then, otherwise, _):
            return is_short(then, scope) and is_short(otherwise, scope)
        case m.Drop(source, _, _):
            return is_short(source, scope)
        case m.Apply(function, source, _, _):
            return FUNCTIONS[function].shortens and is_short(source, scope)
        case _:
            return False
