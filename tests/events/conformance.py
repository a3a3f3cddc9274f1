"""What is wrong with an event, by schemas that can be had anywhere.

OCSF: the JSON Schema that the PyPI package `ocsf-json-schema` makes of the official schema, and what that leaves out:
the caption beside each id, the type of an activity, observables that name what is there. ECS: the tables in
`schemas/targets/`, read here without the code that the mapping is compiled by.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from strict_checks import Json, written

TABLES = Path(__file__).resolve().parents[2] / "schemas" / "targets"


def findings(event: Json) -> list[str]:
    """Everything that is wrong with an event of either target, by the version that it names."""
    name, version = written(event)
    return list(_ecs(event, version) if name == "ecs" else _ocsf(event, version))


@cache
def _table(name: str, version: str) -> Json:
    table: Json = json.loads((TABLES / f"{name}-{version}.json").read_text("utf-8"))
    return table


# -- OCSF --------------------------------------------------------------------------------------------------------------


@cache
def _schema(version: str, class_name: str, profiles: tuple[str, ...]) -> Any:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version)).get_class_schema(class_name, list(profiles))
    return jsonschema_rs.validator_for(schema)


def _ocsf(event: Json, version: str) -> Iterator[str]:
    table = _table("ocsf", version)
    class_name = next(name for name, one in table["classes"].items() if one["uid"] == event["class_uid"])
    validator = _schema(version, class_name, tuple(event["metadata"]["profiles"]))
    yield from (f"{list(error.instance_path)}: {error.message[:200]}" for error in validator.iter_errors(event))
    yield from _captions(event, table["classes"][class_name], table, "")
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        yield "type_uid: not that of the activity"
    for one in event.get("observables", ()):
        value: Any = event
        for key in one["name"].split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value != one["value"]:
            yield f"observables: {one['name']} is not there"


def _captions(value: Json, item: Json, table: Json, path: str) -> Iterator[str]:
    """Ids whose captions are missing, wrong, or none of their own, at any depth."""
    for name, entry in item["attributes"].items():
        inner = value.get(name)
        if inner is None:
            continue
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict) and "object" in entry:
                yield from _captions(one, table["objects"][entry["object"]], table, f"{path}{name}.")
        if "enum" in entry and "sibling" in entry:
            caption, said = entry["enum"].get(str(inner)), value.get(entry["sibling"])
            if (said in (None, caption)) if inner == 99 else said != caption:
                yield f"{path}{name}: {inner} beside {said!r}"


# -- ECS ---------------------------------------------------------------------------------------------------------------


@cache
def _fields(version: str) -> dict[str, Json]:
    return {name: group for group in _table("ecs", version)["groups"] for name in group["fields"]}


def _ecs(event: Json, version: str) -> Iterator[str]:
    fields = _fields(version)
    found = dict(_leaves(event, "", fields))
    for path, value in found.items():
        top = path.split(".")[0]
        if path in fields:
            yield from _field(path, value, fields[path])
        elif path.startswith("aws.cloudtrail.flattened."):
            if not isinstance(value, dict) or not value:
                yield f"{path}: no object"
        elif top != "aws" and path.rpartition(".")[0] not in ("labels",):
            yield f"{path}: no field of ECS {version}"
    yield from (f"{name}: missing" for name, known in fields.items() if known.get("required") and name not in found)
    expected = fields["event.category"]["allowed_values"]
    fitting = {kind for category in found.get("event.category", ()) for kind in expected.get(category, ())}
    yield from (f"event.type: {kind}" for kind in found.get("event.type", ()) if kind not in fitting)
    ips = {
        value
        for path, value in found.items()
        if path in fields and fields[path]["type"] == "ip" and path != "related.ip"
    }
    if set(found.get("related.ip", ())) != ips:
        yield "related.ip: not all addresses, or others"


def _leaves(value: Any, path: str, fields: dict[str, Json]) -> Iterator[tuple[str, Any]]:
    """Every value by its path, down to declared fields and to those that hold anything."""
    whole = path in fields or path.rpartition(".")[0] == "aws.cloudtrail.flattened"
    if not isinstance(value, dict) or whole:
        yield path, value
        return
    for key, inner in value.items():
        yield from _leaves(inner, f"{path}.{key}" if path else key, fields)


def _field(path: str, value: Any, known: Json) -> Iterator[str]:
    if bool(known.get("array")) != isinstance(value, list):
        yield f"{path}: a list, or none"
        return
    for one in value if isinstance(value, list) else [value]:
        if not _TYPES[known["type"]](one):
            yield f"{path}: no {known['type']}"
        elif isinstance(one, str) and len(one) > known.get("ignore_above", len(one)):
            yield f"{path}: longer than {known['ignore_above']}"
        elif "pattern" in known and not re.search(known["pattern"], one):
            yield f"{path}: not of the pattern"
        elif known.get("allowed_values") and one not in known["allowed_values"]:
            yield f"{path}: {one!r} is not allowed"
    if isinstance(value, list) and (not value or len(set(map(str, value))) != len(value)):
        yield f"{path}: empty, or something twice"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_ip(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def _is_date(value: Any) -> bool:
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)"
    return isinstance(value, str) and re.fullmatch(form, value, re.ASCII) is not None


_TYPES: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("keyword", "constant_keyword", "wildcard", "match_only_text"), _is_text),
    "ip": _is_ip,
    "date": _is_date,
    "boolean": lambda value: isinstance(value, bool),
    "long": lambda value: type(value) is int and -(2**63) <= value < 2**63,
}
