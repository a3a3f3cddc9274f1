"""What targets demand, by version, from the tables in `schemas/targets/`: ECS, OCSF, and what a list of fields says.

`load("ecs")` and `load("ocsf", "1.8.0", "authentication", frozenset({"cloud"}))` give a target; its `attribute(path)`
says what stands there. `doorlog.targets.guards` tells whether a value may go into an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal, TypeAlias, overload

import orjson

from doorlog import resources
from doorlog.targets import ecs, field_list, ocsf
from doorlog.targets.attribute import Attribute, Kind
from doorlog.targets.ecs import FIELD_TYPES, EcsTarget, Own
from doorlog.targets.field_list import FieldListTarget
from doorlog.targets.ocsf import OcsfTarget

__all__ = [
    "FIELD_TYPES", "Attribute", "EcsTarget", "FieldListTarget", "Kind", "OcsfTarget", "Target", "UnknownTargetError",
    "load", "names", "version_of", "versions",
]  # fmt: skip

Target: TypeAlias = "EcsTarget | OcsfTarget | FieldListTarget"


class UnknownTargetError(LookupError):
    """A target, version, class or profile that there is no table for; the message says which there are."""


@overload
def load(name: Literal["ecs"], version: str | None = None) -> EcsTarget: ...
@overload
def load(
    name: Literal["ocsf"],
    version: str | None = None,
    class_name: str | None = None,
    profiles: frozenset[str] = frozenset(),
) -> OcsfTarget: ...
@overload
def load(
    name: str,
    version: str | None = None,
    class_name: str | None = None,
    profiles: frozenset[str] = frozenset(),
    own: tuple[Own, ...] = (),
) -> Target: ...
@cache
def load(
    name: str,
    version: str | None = None,
    class_name: str | None = None,
    profiles: frozenset[str] = frozenset(),
    own: tuple[Own, ...] = (),
) -> Target:
    """The target of that name; without a version the newest one.

    OCSF needs a class and may have profiles; the others have neither, but ECS may have fields of one's own.
    """
    table = _table(name, version_of(name, version))
    if "classes" not in table:
        if class_name is not None or profiles:
            raise UnknownTargetError(f"{name} has neither classes nor profiles")
        return ecs.read(table, own) if name == "ecs" else field_list.read(table)
    if class_name is None:
        raise UnknownTargetError(f"{name} needs a class: one of {', '.join(table['classes'])}")
    applicable = table["classes"][_one_of(f"class of {name}", class_name, table["classes"])]["profiles"]
    for profile in sorted(profiles):
        _one_of(f"profile of {class_name} in {name} {table['version']}", profile, applicable)
    return ocsf.read(table, class_name, profiles)


@cache
def names() -> tuple[str, ...]:
    """The names of the targets."""
    return tuple(sorted({name for name, _ in _files()}))


def versions(name: str) -> tuple[str, ...]:
    """The versions of a target that there are tables for, the newest last."""
    mine = (version for other, version in _files() if other == name)
    return tuple(sorted(mine, key=lambda version: tuple(map(int, version.split(".")))))


def version_of(name: str, said: str | None) -> str:
    """The version that is meant: the newest one without any, `8.11.0` for `8.11`."""
    known = versions(_one_of("target", name, names()))
    if said is None:
        return known[-1]
    patches = [version for version in known if version.rpartition(".")[0] == said]
    return patches[-1] if patches else _one_of(f"version of {name}", said, known)


@cache
def _files() -> tuple[tuple[str, str], ...]:
    files = sorted((resources.folder("schemas") / "targets").glob("*-*.json"))
    return tuple((name, version) for name, _, version in (file.stem.partition("-") for file in files))


@cache
def _table(name: str, version: str) -> dict[str, Any]:
    file = resources.folder("schemas") / "targets" / f"{name}-{version}.json"
    table: dict[str, Any] = orjson.loads(file.read_bytes())
    return table


def _one_of(what: str, given: str, known: Iterable[str]) -> str:
    if given in known:
        return given
    close = get_close_matches(given, known, 1, 0.5)
    meant = f"; did you mean {close[0]!r}?" if close else f"; one of {', '.join(sorted(known))}"
    raise UnknownTargetError(f"{given!r} is no {what}{meant}")
