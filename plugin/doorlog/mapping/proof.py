"""The JSON Schema check of a record whose shape is known, as code in the function for that shape.

It only ever says "proved valid", and only where it knows every keyword of the schema that counts for the shape; what it
can't prove goes the long way, where `jsonschema` has the last word. A test holds that what is proved here is valid.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import jsonschema_rs

from doorlog.mapping.body import Body
from doorlog.mapping.code import built, expression, literal, statements
from doorlog.mapping.instants import USUAL
from doorlog.mapping.reading import place
from doorlog.mapping.shapes import SURE_LENGTH, Keys, Shape

TAKES_INSTANTS = "x-takes-usual-instants"
"""The schema's word for a text that may be any instant as `is_usual` takes it; a test holds it to that."""
_SAID_ONLY = {TAKES_INSTANTS, "$schema", "$id", "$comment", "title", "description", "examples", "default"}
_FREE = _SAID_ONLY | {"properties"}
_OF_OBJECTS = {"type", "required", "properties"}
_CLASSES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "null": (type(None),),
    "boolean": (bool,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_OTHERS = frozenset({int, float, list, dict})


def recognize(body: Body, shape: Shape) -> None:
    """Adds statements that return None for a record in which other values stand than those that the shape tells."""
    tests: list[ast.expr] = []
    for keys, told in sorted(shape.told.items()):
        if shape.lacks(keys):
            continue
        held = place(body, keys)
        if told is not None:
            tests.append(expression("HELD == TOLD", HELD=held, TOLD=literal(told)))
        else:
            named = body.globals.bind(shape.named[keys])
            tests.append(expression("HELD.__class__ is not str or HELD not in NAMED", HELD=held, NAMED=named))
    if tests:
        body.block += statements("if not ALL: return None", ALL=built(ast.BoolOp, ast.And(), [*tests, literal(True)]))


def prove(body: Body, schema: Mapping[str, Any], shape: Shape) -> bool:
    """Adds statements that return None for a record that isn't of the shape, or isn't proved to be valid.

    They may also raise KeyError or TypeError for one that isn't of the shape. False if records of it can't be proved.
    """
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
            if path in shape.blanks:
                # That it is just this is tested below.
                if not _validity(inner)(shape.blanks[path]):
                    return False
                continue
            if path in shape.instants and inner.get(TAKES_INSTANTS):
                continue
            own = set(inner) - _SAID_ONLY
            if path in shape.sure and "string" in _types(inner) and own <= {"type", "minLength"}:
                if inner.get("minLength", 1) > 1:
                    return False
                continue
            if path in shape.truths and "boolean" in _types(inner) and own == {"type"}:
                continue
            held = place(body, path)
            if own == {"type"} and all(name in _CLASSES for name in _types(inner)):
                allowed = frozenset(one for name in _types(inner) for one in _CLASSES[name])
                if path in shape.others and not allowed & _OTHERS:
                    return False
                by_classes.setdefault(allowed, []).append(held)
            else:
                tests.append(expression("VALID(PLACE)", VALID=body.globals.bind(_validity(inner)), PLACE=held))
        return True

    if not walk((), schema):
        return False
    for allowed, places in by_classes.items():
        for held in places:
            if len(allowed) == 1:
                (only,) = allowed
                tests.append(expression("PLACE.__class__ is ONLY", PLACE=held, ONLY=body.globals.bind(only)))
            else:
                classes = body.globals.bind(allowed)
                tests.append(expression("PLACE.__class__ in ALLOWED", PLACE=held, ALLOWED=classes))
    tests += _of_the_shape(body, shape)
    body.block += statements("if not ALL: return None", ALL=built(ast.BoolOp, ast.And(), [*tests, literal(True)]))
    return True


def _of_the_shape(body: Body, shape: Shape) -> list[ast.expr]:
    """That a record with the shape's key has just its members, and the sorts of values that are known of them."""
    tests: list[ast.expr] = []
    # What the mapping names has been recognized.
    sure = sorted(keys for keys in shape.sure if shape.value(keys) is None)
    if sure:
        # A text that isn't one raises in the joining; one that is short enough is short by itself.
        together = body.hoist(built(ast.Tuple, [place(body, keys) for keys in sure], ast.Load()))
        pattern = "all(TEXTS) and (len(''.join(TEXTS)) <= MOST or max(map(len, TEXTS)) <= MOST)"
        tests.append(expression(pattern, TEXTS=together, MOST=literal(SURE_LENGTH)))
    for keys in sorted(shape.instants):
        tests.append(expression(USUAL, ISO=body.globals.bind(datetime.fromisoformat), HELD=place(body, keys)))
    for keys in sorted(shape.truths):
        tests.append(expression("HELD is True or HELD is False", HELD=place(body, keys)))
    for keys, blank in sorted(shape.blanks.items()):
        pattern = "HOLDER[KEY] is None" if blank is None else "HOLDER[KEY] == ''"
        tests.append(expression(pattern, HOLDER=place(body, keys[:-1]), KEY=literal(keys[-1])))
    for keys in sorted(shape.others):
        others = body.globals.bind(_OTHERS)
        tests.append(expression("HELD.__class__ in OTHERS", OTHERS=others, HELD=place(body, keys)))
    for path, members in shape.members.items():
        holder = place(body, path)
        if len(path) > 1:
            size = literal(len(members))
            tests.append(expression("HOLDER.__class__ is dict and len(HOLDER) == SIZE", HOLDER=holder, SIZE=size))
        for member in sorted(members):
            # All others have been read, and there is no reading what isn't there.
            if (*path, member) not in shape.blanks and (*path, member) not in body.places:
                tests.append(expression("MEMBER in HOLDER", MEMBER=literal(member), HOLDER=holder))
    return tests


def _is_free(part: Mapping[str, Any]) -> bool:
    """Whether anything goes here, so that there is nothing to prove."""
    return part.keys() <= _FREE and all(map(_is_free, part.get("properties", {}).values()))


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
