"""Writes the tables in `schemas/targets/` from the official schemas of ECS and OCSF.

    python schemas/generate/targets.py FOLDER_WITH_THE_OFFICIAL_FILES

The tables hold what a mapping can be checked against (names, types, enumerations, requirements), and no prose.
The official files are told by their SHA-256, so the tables can't come from anything else:

- `ecs_flat-VERSION.yml` is `generated/ecs/ecs_flat.yml` of the tag in github.com/elastic/ecs;
- `ocsf-VERSION.json` is what ocsf-schema-compiler makes of the tag in github.com/ocsf/ocsf-schema.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, TypeAlias

import yaml

Json: TypeAlias = dict[str, Any]

OFFICIAL = {
    "ecs_flat-8.11.0.yml": "da8237f794a519c69ee2c94d9bdbfdfd7983951da936a0c2113f27a4654e0d23",
    "ecs_flat-9.4.0.yml": "f2c78b7c68503d42f5713ebea63fbfafbbeb7056f0d3ec7208c9cc2202ba7d8f",
    "ocsf-1.1.0.json": "0555c5de3b47a4dcb4f47db7b52117f13ddb712dc1d26be357ccdbaeb9e14f69",
    "ocsf-1.8.0.json": "1df1c2e9c023cc8767717844ab9b60f1071defa7d8994b89fc2c102b92f6fada",
}
OCSF_CLASSES = ("account_change", "authentication")

# Namespaces that ECS leaves to others: Elastic's own for AWS, and the part of it that is mapped as `flattened`.
CUSTOM = {"aws": "any", "aws.cloudtrail.flattened": "flattened"}


class WrongFileError(Exception):
    """An official file whose content isn't the one that the tables are made from."""


def main(source: Path, target: Path) -> None:
    """Write one table for each official file."""
    for name in OFFICIAL:
        table, text = table_of(name, (source / name).read_bytes())
        (target / table).write_text(text, encoding="utf-8", newline="\n")


def table_of(name: str, content: bytes) -> tuple[str, str]:
    """The name and the text of the table that one official file gives."""
    if hashlib.sha256(content).hexdigest() != OFFICIAL[name]:
        raise WrongFileError(f"{name} isn't the official file: its SHA-256 differs")
    kind, version = name.rsplit(".", 1)[0].split("-")
    if kind == "ocsf":
        table = ocsf_table(json.loads(content))
    else:
        table = ecs_table(version, yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    return f"{kind.removesuffix('_flat')}-{version}.json", written(table)


def written(table: Json) -> str:
    """JSON that is small, sorted, and has one line for each class, object, type or group of fields."""
    sections = []
    for key, value in sorted(table.items()):
        if isinstance(value, dict):
            lines = ",\n".join(f"{compact(name)}:{compact(part)}" for name, part in sorted(value.items()))
            text = f"{{\n{lines}\n}}"
        elif isinstance(value, list):
            text = "[\n" + ",\n".join(map(compact, value)) + "\n]"
        else:
            text = compact(value)
        sections.append(f"{compact(key)}:{text}")
    return "{" + ",\n".join(sections) + "}\n"


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def ecs_table(version: str, flat: Json) -> Json:
    """Fields that share every property stand together in one group."""
    groups: dict[str, list[str]] = {}
    for name, field in flat.items():
        groups.setdefault(compact(ecs_properties(field)), []).append(name)
    listed = [{**json.loads(properties), "fields": sorted(names)} for properties, names in groups.items()]
    return {"version": version, "custom": CUSTOM, "groups": sorted(listed, key=compact)}


def ecs_properties(field: Json) -> Json:
    found: Json = {"type": field["type"]}
    if "array" in field["normalize"]:
        found["array"] = True
    for key in ("ignore_above", "pattern", "required", "object_type", "expected_values"):
        if field.get(key):
            found[key] = field[key]
    if field.get("allowed_values"):
        expected = {value["name"]: value.get("expected_event_types", []) for value in field["allowed_values"]}
        found["allowed_values"] = expected
    return found


def ocsf_table(schema: Json) -> Json:
    """The classes about signing in, and the objects and types that they reach."""
    observables = {name: a["observable"] for name, a in schema["dictionary"]["attributes"].items() if "observable" in a}
    classes = {name: ocsf_item(schema["classes"][name], observables) for name in OCSF_CLASSES}
    objects: Json = {}
    open_items = list(classes.values())
    while open_items:
        for attribute in open_items.pop()["attributes"].values():
            name = attribute.get("object")
            if name and name not in objects:
                objects[name] = ocsf_item(schema["objects"][name], observables)
                open_items.append(objects[name])
    for name, item in classes.items():
        official = schema["classes"][name]
        item.update({key: official[key] for key in ("caption", "uid", "category_name", "category_uid", "profiles")})
    types = {name: ocsf_type(entry) for name, entry in schema["dictionary"]["types"]["attributes"].items()}
    attributes = [a for item in (*classes.values(), *objects.values()) for a in item["attributes"].values()]
    used = {a["type"] for a in attributes if "type" in a}
    used |= {types[name]["base"] for name in used if "base" in types[name]}
    return {
        "version": schema["version"],
        "classes": classes,
        "objects": objects,
        "types": {name: types[name] for name in used},
    }


def ocsf_item(item: Json, observables: dict[str, int]) -> Json:
    """A class or an object."""
    attributes = {name: ocsf_attribute(entry, observables.get(name)) for name, entry in item["attributes"].items()}
    found: Json = {"attributes": attributes}
    for key in ("constraints", "observable"):
        if key in item:
            found[key] = item[key]
    if "@deprecated" in item:
        found["deprecated"] = item["@deprecated"]["since"]
    return found


def ocsf_attribute(attribute: Json, observable: int | None) -> Json:
    """An attribute; `observable` is what the dictionary says of its name, and holds unless it has its own."""
    found: Json = {"type": attribute["type"]}
    if attribute["type"] == "object_t":
        found = {"object": attribute["object_type"]}
    if attribute.get("is_array"):
        found["array"] = True
    if attribute["requirement"] != "optional":
        found["requirement"] = attribute["requirement"]
    if attribute.get("sibling"):
        found["sibling"] = attribute["sibling"]
    if attribute.get("profiles") is not None:
        found["profiles"] = attribute["profiles"]
    if attribute.get("observable", observable) is not None:
        found["observable"] = attribute.get("observable", observable)
    if "@deprecated" in attribute:
        found["deprecated"] = attribute["@deprecated"]["since"]
    if "enum" in attribute:
        enum = attribute["enum"].items()
        found["enum"] = {value: entry["caption"] for value, entry in enum}
        deprecated = {value: entry["@deprecated"]["since"] for value, entry in enum if "@deprecated" in entry}
        if deprecated:
            found["deprecated_values"] = deprecated
    return found


def ocsf_type(entry: Json) -> Json:
    found = {ours: entry[theirs] for ours, theirs in (("base", "type"), ("pattern", "regex")) if theirs in entry}
    return found | {key: entry[key] for key in ("max_len", "range", "observable") if key in entry}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).resolve().parents[1] / "targets")
