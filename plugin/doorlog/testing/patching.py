"""What tests change of a record."""

from __future__ import annotations

import copy
from typing import Any

from doorlog.mapping import model as m
from doorlog.mapping.parse_expr import path
from doorlog.mapping.strict_yaml import Map, Mark, Node, Refused, Remove
from doorlog.record import Json
from doorlog.testing.given import CODE
from doorlog.testing.values import plain_value


def patched(record: Json, node: Node) -> tuple[Json, tuple[m.Path, ...]]:
    """The record with other values at some of its paths, and these; `!remove` takes one away."""
    if not isinstance(node, Map):
        raise Refused(node.mark, CODE, "`patch` holds record paths, each with its value or `!remove`")
    record = copy.deepcopy(record)
    paths = []
    for said, value in node:
        paths.append(path(said, node.keys[said]))
        keys = paths[-1].keys
        if not keys:
            raise Refused(node.keys[said], CODE, "a patch changes a part of the record")
        holder: Any = record
        for key in keys[:-1]:
            holder = _inside(holder, key, node.keys[said])
        _put(holder, keys[-1], value, keys, node.keys[said])
    return record, tuple(paths)


def _inside(holder: Any, key: str | int, mark: Mark) -> Any:
    if isinstance(holder, dict) and isinstance(key, str):
        if not isinstance(holder.get(key), dict | list):
            holder[key] = {}
        return holder[key]
    if isinstance(holder, list) and isinstance(key, int) and key < len(holder):
        return holder[key]
    raise Refused(mark, CODE, f"the record has no place for this: there is nothing at {key}")


def _put(holder: Any, key: str | int, node: Node, keys: tuple[str | int, ...], mark: Mark) -> None:
    if isinstance(holder, list):
        if not (isinstance(key, int) and key <= len(holder)):
            raise Refused(mark, CODE, f"the list in the record has no place {key}")
        if isinstance(node, Remove):
            del holder[key : key + 1]
        else:
            holder[key : key + 1] = [plain_value(node, keys)]
    elif isinstance(node, Remove):
        holder.pop(str(key), None)
    else:
        holder[str(key)] = plain_value(node, keys)
