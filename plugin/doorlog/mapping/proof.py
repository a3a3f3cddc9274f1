"""The JSON Schema check of a record whose shape is known, as code in the function for that shape.

It only ever says "proved valid", and only where it knows every keyword of the schema that counts for the shape; what it
can't prove goes the long way, where `jsonschema` has the last word. A test holds that what is proved here is valid.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from doorlog.mapping.body import Body
from doorlog.mapping.code import expression, literal, statements
from doorlog.mapping.reading import place
from doorlog.mapping.shapes import SURE_LENGTH, Keys, Shape

_SAID_ONLY = {"$schema", "$id", "$comment", "title", "description", "examples", "default"}
_OF_OBJECTS = {"type", "required", "properties"}
_CLASSES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "null": (type(None),),
    "boolean": (bool,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def prove(body: Body, schema: Mapping[str, Any], shape: Shape) -> bool:
    """Adds statements that return None for a record that isn't proved; False if records of this shape can't be."""
    tests: list[ast.expr] = []
    by_classes: dict[frozenset[type], list[ast.expr]] = {}

    def walk(keys: Keys, part: Mapping[str, Any]) -> bool:
        members = shape.members[keys]
        if set(part) - _SAID_ONLY - _OF_OBJECTS or not members >= set(part.get("required", ())):
            return False
        for name, inner in part.get("properties", {}).items():
            path = (*keys, name)
            if name not in members or _is_free(inner):
                continue
            if "properties" in inner:
                if path not in shape.looked_into:
                    return False
                # What stands there is an object or null by the shape.
                if shape.has(path) and not walk(path, inner):
                    return False
                if not shape.has(path) and "null" not in _types(inner):
                    return False
                continue
            if path in shape.sure and "string" in _types(inner) and not set(inner) - _SAID_ONLY - {"type", "minLength"}:
                if inner.get("minLength", 1) > 1:
                    return False
                continue
            if path in shape.truths and "boolean" in _types(inner) and not set(inner) - _SAID_ONLY - {"type"}:
                continue
            held = place(body, path)
            if set(inner) - _SAID_ONLY == {"type"} and all(name in _CLASSES for name in _types(inner)):
                allowed = frozenset(one for name in _types(inner) for one in _CLASSES[name])
                by_classes.setdefault(allowed, []).append(held)
            else:
                tests.append(expression("VALID(PLACE)", VALID=body.globals.bind(_validity(inner)), PLACE=held))
        return True

    if not walk((), schema):
        return False
    for allowed, places in by_classes.items():
        classes = body.globals.bind(allowed)
        listed = ast.Tuple(places, ast.Load())
        tests.insert(0, expression("ALLOWED >= {*map(type, PLACES)}", ALLOWED=classes, PLACES=listed))
    if shape.truths:
        truths = ast.Tuple([place(body, keys) for keys in sorted(shape.truths)], ast.Load())
        boolean = body.globals.bind({bool})
        tests.insert(0, expression("{*map(type, TRUTHS)} == BOOL", TRUTHS=truths, BOOL=boolean))
    if shape.sure:
        texts = ast.Tuple([place(body, keys) for keys in sorted(shape.sure)], ast.Load())
        together = body.hoist(texts)
        sure = "{*map(type, TEXTS)} == STR and all(TEXTS) and max(map(len, TEXTS)) <= MOST"
        text = body.globals.bind({str})
        tests.insert(0, expression(sure, TEXTS=together, STR=text, MOST=literal(SURE_LENGTH)))
    if tests:
        body.block += statements("if not ALL: return None", ALL=ast.BoolOp(ast.And(), [*tests, literal(True)]))
    return True


def _is_free(part: Mapping[str, Any]) -> bool:
    """Whether anything goes here, so that there is nothing to prove."""
    return set(part) <= _SAID_ONLY | {"properties"} and all(map(_is_free, part.get("properties", {}).values()))


def _types(part: Mapping[str, Any]) -> list[str]:
    said = part.get("type", list(_CLASSES))
    return [said] if isinstance(said, str) else list(said)


def _validity(part: Mapping[str, Any]) -> Callable[[Any], bool]:
    """The check of one value; a text of which only some length is demanded needs no validator."""
    own = {key: value for key, value in part.items() if key not in _SAID_ONLY}
    if own == {"type": "string", "minLength": 1}:
        return _is_some_text
    return jsonschema_rs.Draft202012Validator(own, pattern_options=jsonschema_rs.RegexOptions()).is_valid


def _is_some_text(value: Any) -> bool:
    return value.__class__ is str and value != ""
