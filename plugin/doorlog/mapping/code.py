"""Python code as `ast` trees, filled from fixed patterns: what a mapping says only ever becomes a constant in them.

A pattern is a text of ours such as `HOLDER[KEY] = VALUE`; its capital names are replaced by given nodes.
"""

from __future__ import annotations

import ast
from typing import Any


class _Fill(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        given = self.parts.get(node.id)
        if given is None:
            return node
        return ast.Name(given.id, node.ctx) if isinstance(given, ast.Name) else given


def expression(pattern: str, **parts: ast.expr) -> ast.expr:
    """The expression of a pattern, its capital names replaced."""
    filled: ast.Expression = _Fill(parts).visit(ast.parse(pattern, mode="eval"))
    return filled.body


def statements(pattern: str, **parts: ast.expr) -> list[ast.stmt]:
    """The statements of a pattern, its capital names replaced."""
    filled: ast.Module = _Fill(parts).visit(ast.parse(pattern))
    return filled.body


def branch(test: ast.expr, then: list[ast.stmt], otherwise: list[ast.stmt]) -> ast.stmt:
    """`if test: then else: otherwise`."""
    return ast.If(test, then or [ast.Pass()], otherwise)


def name(text: str) -> ast.Name:
    """A variable of ours, to be read."""
    return ast.Name(text, ast.Load())


def literal(value: Any) -> ast.Constant:
    """A constant that code can hold: None, a text, a truth value, an integer or a tuple of these."""
    return ast.Constant(value)


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
    arguments = ast.arguments([], [ast.arg(parameter)], None, [], [], None, [])
    definition = ast.FunctionDef("mapped", arguments, body, [], None)
    if "type_params" in ast.FunctionDef._fields:
        setattr(definition, "type_params", [])  # noqa: B010 - an attribute since Python 3.12
    tree = ast.fix_missing_locations(ast.Module([definition], []))
    exec(compile(tree, "<mapping>", "exec"), scope.names)
    return scope.names.pop("mapped")
