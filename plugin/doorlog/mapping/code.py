"""Python code as `ast` trees, filled from fixed patterns: what a mapping says only ever becomes a constant in them.

A pattern is a text of ours such as `HOLDER[KEY] = VALUE`; its capital names are replaced by given nodes.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import Any


def expression(pattern: str, **parts: ast.expr) -> ast.expr:
    """The expression of a pattern, its capital names replaced."""
    filled: ast.expr = _filled(_parsed(pattern, "eval").body, parts)
    return filled


def statements(pattern: str, **parts: ast.expr) -> list[ast.stmt]:
    """The statements of a pattern, its capital names replaced."""
    return [_filled(statement, parts) for statement in _parsed(pattern, "exec").body]


@cache
def _parsed(pattern: str, mode: str) -> Any:
    return ast.parse(pattern, mode=mode)


def _filled(node: Any, parts: dict[str, ast.expr]) -> Any:
    """A copy of a pattern's node with the given parts in it; a pattern's own nodes are shared, and stay as they are."""
    if node.__class__ is ast.Name:
        given = parts.get(node.id)
        if given is None:
            return node
        return ast.Name(given.id, node.ctx) if isinstance(given, ast.Name) else given
    if not node._fields or node.__class__ is ast.Constant:
        return node
    return node.__class__(*[_filled_field(getattr(node, field), parts) for field in node._fields])


def _filled_field(value: Any, parts: dict[str, ast.expr]) -> Any:
    if isinstance(value, list):
        return [_filled(one, parts) if isinstance(one, ast.AST) else one for one in value]
    return _filled(value, parts) if isinstance(value, ast.AST) else value


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


def _placed(tree: ast.Module) -> ast.Module:
    """The tree, all of it in line 1: what `ast.fix_missing_locations` does, at half its cost."""
    nodes: list[Any] = [tree]
    while nodes:
        node = nodes.pop()
        if node._attributes:
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, ast.AST):
                nodes.append(value)
            elif isinstance(value, list):
                nodes += [one for one in value if isinstance(one, ast.AST)]
    return tree


def function(parameter: str, body: list[ast.stmt], scope: Globals) -> Any:
    """The function of one parameter with this body. Code is compiled nowhere else, and it is a tree."""
    arguments = ast.arguments([], [ast.arg(parameter)], None, [], [], None, [])
    definition = ast.FunctionDef("mapped", arguments, body, [], None)
    if "type_params" in ast.FunctionDef._fields:
        setattr(definition, "type_params", [])  # noqa: B010 - an attribute since Python 3.12
    tree = _placed(ast.Module([definition], []))
    exec(compile(tree, "<mapping>", "exec"), scope.names)
    return scope.names.pop("mapped")
