"""Finds the tables that describe targets: the shipped ones, and field lists in `targets/` beside a mapping."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from doorlog import resources

MAX_BYTES = 4 * 1024 * 1024
_NAME = re.compile(r"(?P<name>[a-z][a-z0-9_]*)-(?P<version>[0-9]+(?:\.[0-9]+)*)\Z")
_CLASSES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "ip": (str,),
    "date": (str,),
    "integer": (int,),
    "timestamp": (int,),
    "float": (int, float),
    "boolean": (bool,),
}
_found: dict[tuple[str, str], Path] = {}


class WrongTableError(ValueError):
    """A field list that can't be read, or says something that none can; the message names the file."""


def files() -> dict[tuple[str, str], Path]:
    """The table of each target and version."""
    if not _found:
        shipped = resources.folder("schemas") / "targets"
        for file in sorted(shipped.glob("*-*.json")):
            name, _, version = file.stem.partition("-")
            _found[name, version] = file
    return _found


def look_into(folder: Path) -> None:
    """From now on, the field lists in a folder describe targets, too; a shipped one stays what it is.

    Raises WrongTableError where another folder already has a list of the same target and version.
    """
    for file in sorted(folder.glob("*.json")):
        said = _NAME.match(file.stem)
        if said is None or not file.resolve().is_relative_to(folder.resolve()):
            continue
        known = files().setdefault((said["name"], said["version"]), file)
        if known != file and known.parent != resources.folder("schemas") / "targets" and not known.samefile(file):
            raise WrongTableError(f"{file} describes the same target as {known}")


@cache
def table(name: str, version: str) -> dict[str, Any]:
    """A table; raises WrongTableError for a list of somebody's own with something wrong in it."""
    file = files()[name, version]
    if file.parent == resources.folder("schemas") / "targets":
        shipped: dict[str, Any] = orjson.loads(file.read_bytes())
        return shipped
    return _checked(file, name, version)


def _checked(file: Path, name: str, version: str) -> dict[str, Any]:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    try:
        if file.stat().st_size > MAX_BYTES:
            raise WrongTableError(f"{file} is longer than {MAX_BYTES} bytes")
        found = orjson.loads(file.read_bytes())
    except OSError as error:
        raise WrongTableError(f"can't read {file}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise WrongTableError(f"{file}:{error.lineno}:{error.colno}: this is no JSON: {error.msg}") from None
    schema = orjson.loads((resources.folder("schemas") / "field-list.schema.json").read_bytes())
    wrong = best_match(Draft202012Validator(schema).iter_errors(found))
    if wrong is not None:
        raise WrongTableError(f"{file}: {wrong.json_path}: {wrong.message}")
    if (found["target"], found["version"]) != (name, version):
        raise WrongTableError(f"{file} says that it is {found['target']} {found['version']}, and is named otherwise")
    for path, value in found.get("fixed", {}).items():
        field = found["fields"].get(path)
        if field is None or field.get("array") or type(value) not in _CLASSES.get(field["type"], ()):
            raise WrongTableError(f"{file}: `fixed` has a value for {path}, and that is no field that takes it")
    for path, known in found["fields"].items():
        above = [path[:at] for at, sign in enumerate(path) if sign == "."]
        inside = next((one for one in above if found["fields"].get(one, {}).get("type", "object") != "object"), None)
        if inside is not None:
            raise WrongTableError(f"{file}: {path} is inside of {inside}, which is no object")
        if "pattern" in known:
            try:
                re.compile(known["pattern"])
            except re.error as error:
                raise WrongTableError(f"{file}: {path}: this is no pattern: {error}") from None
    return dict(found)
