"""Python code as `ast` trees, filled from fixed patterns: what a mapping says only ever becomes a constant in them.

A pattern is a text of ours such as `HOLDER[KEY] = VALUE`; its capital names are replaced by given nodes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias, TypeVar

Node = TypeVar("Node", bound=ast.AST)
Parts: TypeAlias = "dict[str, ast.expr]"
_IN_LINE_1 = {"lineno": 1, "end_lineno": 1, "col_offset": 0, "end_col_offset": 0}


def expression(pattern: str, **parts: ast.expr) -> ast.expr:
    """The expression of a pattern, its capital names replaced."""
    filled: ast.expr = _filler(pattern, "eval")(parts)
    return filled


def statements(pattern: str, **parts: ast.expr) -> list[ast.stmt]:
    """The statements of a pattern, its capital names replaced."""
    return list(_filler(pattern, "exec")(parts))


@cache
def _filler(pattern: str, mode: str) -> Callable[[Parts], Any]:
    parsed: Any = ast.parse(pattern, mode=mode)
    return _filling(parsed.body)


def _filling(said: Any) -> Callable[[Parts], Any]:
    """The function from parts to a pattern's node with these in it; what has no part in it is one node for all."""
    if isinstance(said, ast.Name) and said.id.isupper():
        key, context = said.id, said.ctx

        def part(parts: Parts) -> ast.expr:
            given = parts[key]
            return built(ast.Name, given.id, context) if isinstance(given, ast.Name) else given

        return part
    if not _has_parts(said):
        return lambda _: said
    if isinstance(said, list):
        each = [_filling(one) for one in said]
        return lambda parts: [one(parts) for one in each]
    made, at = said.__class__, _IN_LINE_1 if said._attributes else {}
    fields = [_filling(getattr(said, field)) for field in said._fields]
    return lambda parts: made(*[field(parts) for field in fields], **at)


def _has_parts(said: Any) -> bool:
    nodes = said if isinstance(said, list) else [said] if isinstance(said, ast.AST) else []
    return any(isinstance(one, ast.Name) and one.id.isupper() for top in nodes for one in ast.walk(top))


def built(made: type[Node], *fields: Any) -> Node:
    """A node that stands somewhere, as all code has to: in line 1."""
    return made(*fields, **_IN_LINE_1)


def branch(test: ast.expr, then: list[ast.stmt], otherwise: list[ast.stmt]) -> ast.stmt:
    """`if test: then else: otherwise`."""
    return built(ast.If, test, then or [built(ast.Pass)], otherwise)


def name(text: str) -> ast.Name:
    """A variable of ours, to be read."""
    return built(ast.Name, text, ast.Load())


def literal(value: Any) -> ast.Constant:
    """A constant that code can hold: None, a text, a truth value, an integer or a tuple of these."""
    return built(ast.Constant, value)


class Globals:
    """The objects that generated code needs beside constants, each under a name of ours."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self._bound: dict[int, ast.Name] = {}

    def bind(self, value: Any) -> ast.Name:
        """A name for an object; the same object has the same name."""
        if id(value) not in self._bound:
            bound = f"k{len(self.names)}"
            self.names[bound] = value
            self._bound[id(value)] = name(bound)
        return self._bound[id(value)]


def function(parameter: str, body: list[ast.stmt], scope: Globals) -> Any:
    """The function of one parameter with this body. Code is compiled nowhere else, and it is a tree."""
    arguments = ast.arguments([], [built(ast.arg, parameter)], None, [], [], None, [])
    definition = built(ast.FunctionDef, "mapped", arguments, body, [], None)
    if "type_params" in ast.FunctionDef._fields:
        setattr(definition, "type_params", [])  # noqa: B010 - an attribute since Python 3.12
    tree = ast.Module([definition], [])
    exec(compile(tree, "<mapping>", "exec"), scope.names)
    return scope.names.pop("mapped")
