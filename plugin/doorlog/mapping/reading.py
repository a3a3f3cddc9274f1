"""How a compiled function reads the record: every value once, and what a shape lacks not at all."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from doorlog.mapping import model as m
from doorlog.mapping.code import branch, built, expression, literal

if TYPE_CHECKING:
    from doorlog.mapping.body import Body


def read(body: Body, paths: Iterable[m.Path]) -> None:
    """Binds every one of these paths, and the objects on the way to them."""
    tree: dict[str | int, Any] = {}
    for path in paths:
        node = tree
        for key in path.keys:
            node = node.setdefault(key, {})
    _children(body, (), tree)


def _children(body: Body, above: tuple[str | int, ...], tree: dict[str | int, Any]) -> None:
    holder = body.places[above]
    if body.shape is not None and body.shape.has(above):  # type: ignore[arg-type]
        _members(body, above, tree)
        return
    getter = body.new("g")
    if any(isinstance(key, str) for key in tree):
        body.add("GET = HOLDER.get", GET=getter, HOLDER=holder)
    for key, below in tree.items():
        place = body.places[(*above, key)] = body.new("v")
        if isinstance(key, str):
            body.add("PLACE = GET(KEY)", PLACE=place, GET=getter, KEY=literal(key))
        else:
            item = "PLACE = HOLDER[KEY] if HOLDER.__class__ is list and len(HOLDER) > KEY else None"
            body.add(item, PLACE=place, HOLDER=holder, KEY=literal(key))
        if below:
            _below(body, (*above, key), place, below)


def place(body: Body, keys: tuple[str | int, ...]) -> ast.Name | ast.Constant:
    """The value of a member of an object that the shape has, read now if nothing has read it yet."""
    if keys not in body.places:
        holder = place(body, keys[:-1])
        body.places[keys] = held = body.new("v")
        body.add("HELD = HOLDER[KEY]", HELD=held, HOLDER=holder, KEY=literal(keys[-1]))
    return body.places[keys]


def _members(body: Body, above: tuple[str | int, ...], tree: dict[str | int, Any]) -> None:
    """Binds members of an object of which it is known which ones it has."""
    for key, below in tree.items():
        path = (*above, key)
        assert body.shape is not None
        if body.shape.lacks(path):
            for lacking in _paths(path, below):
                body.places[lacking] = literal(None)
            continue
        held = place(body, path)
        if below and body.shape.has(path):  # type: ignore[arg-type]
            _members(body, path, below)
        elif below and path in body.shape.looked_into:
            for lacking in _paths(path, below):
                if lacking != path:
                    body.places[lacking] = literal(None)
        elif below:
            _below(body, path, held, below)


def _below(body: Body, path: tuple[str | int, ...], place: ast.expr, tree: dict[str | int, Any]) -> None:
    outer, body.block = body.block, []
    _children(body, path, tree)
    inner = body.block
    bound = [held for keys, held in body.places.items() if keys[: len(path)] == path and len(keys) > len(path)]
    nothing = built(
        ast.Assign,
        [built(ast.Name, held.id, ast.Store()) for held in bound if isinstance(held, ast.Name)],
        literal(None),
    )
    body.block = outer
    by_index = any(isinstance(key, int) for key in tree)
    sure = body.types.get(".".join(["$", *map(str, path)]), frozenset()) <= {"object", "null"}
    known = sure and ".".join(["$", *map(str, path)]) in body.types
    pattern = "PLACE" if known else "PLACE.__class__ is list" if by_index else "PLACE.__class__ is dict"
    body.block.append(branch(expression(pattern, PLACE=place), inner, [nothing]))


def _paths(path: tuple[str | int, ...], tree: dict[str | int, Any]) -> Iterator[tuple[str | int, ...]]:
    yield path
    for key, below in tree.items():
        yield from _paths((*path, key), below)
