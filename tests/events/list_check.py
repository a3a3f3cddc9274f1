"""Holds an event to a field list in `schemas/targets/`, without any of the code that the mappings are held to it by."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path
from typing import Any

Json = dict[str, Any]

LISTS = Path(__file__).resolve().parents[2] / "schemas" / "targets"
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "float": (int, float),
    "boolean": (bool,),
    "ip": (str,),
    "date": (str,),
    "object": (dict,),
    "flattened": (dict,),
}
KEYS = {"type", "array", "required", "values", "max_length", "pattern", "bounds", "deprecated", "about"}


def field_list(name: str) -> Json:
    """The list of a target."""
    (file,) = LISTS.glob(f"{name}-*.json")
    found: Json = json.loads(file.read_text("utf-8"))
    return found


def findings(event: Json, listed: Json) -> list[str]:
    """What the list says against an event; nothing if it conforms."""
    fields = listed["fields"]
    found = list(_object(event, "", fields))
    found += [f"{path}: not {value!r}" for path, value in listed["fixed"].items() if event.get(path) != value]
    return found


def _object(value: Json, path: str, fields: Json) -> list[str]:
    below = f"{path}." if path else ""
    found = []
    for name, known in fields.items():
        above, _, last = name.rpartition(".")
        if above == path and known.get("required") and last not in value:
            found.append(f"{name}: missing")
    for key, inner in value.items():
        name = f"{below}{key}"
        if name in fields:
            found += _field(inner, name, fields)
        elif any(other.startswith(f"{name}.") for other in fields):
            found += _object(inner, name, fields) if isinstance(inner, dict) else [f"{name}: no object"]
        else:
            found.append(f"{name}: no field")
    return found + ([f"{path}: empty"] if path and not value else [])


def _field(value: Any, name: str, fields: Json) -> list[str]:
    known = fields[name]
    if known.get("array"):
        if not isinstance(value, list) or not value:
            return [f"{name}: no list, or an empty one"]
        return [one for inner in value for one in _one(inner, name, known, fields)]
    return _one(value, name, known, fields)


def _one(value: Any, name: str, known: Json, fields: Json) -> list[str]:
    if not isinstance(value, TYPES[known["type"]]) or (isinstance(value, bool) and known["type"] != "boolean"):
        return [f"{name}: {type(value).__name__}"]
    if value in ("", {}, []):
        return [f"{name}: empty"]
    if known["type"] == "object":
        return _object(value, name, fields)
    found = []
    if "values" in known and value not in known["values"]:
        found.append(f"{name}: {value!r} is none of its values")
    if "max_length" in known and len(value) > known["max_length"]:
        found.append(f"{name}: too long")
    if "bounds" in known and not known["bounds"][0] <= value <= known["bounds"][1]:
        found.append(f"{name}: out of bounds")
    if known["type"] == "date" and not re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", value
    ):
        found.append(f"{name}: no date")
    if known["type"] == "ip":
        ipaddress.ip_address(value)
    return found
