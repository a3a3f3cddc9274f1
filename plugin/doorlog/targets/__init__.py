"""What targets demand, by version, from the tables in `schemas/targets/` and from field lists beside a mapping.

`load("ecs")` and `load("ocsf", "1.8.0", "authentication", frozenset({"cloud"}))` give a target; its `attribute(path)`
says what stands there. `doorlog.targets.guards` tells whether a value may go into an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Literal, TypeAlias, overload

from doorlog.targets import ecs, field_list, ocsf, tables
from doorlog.targets.attribute import Attribute, Kind
from doorlog.targets.ecs import FIELD_TYPES, EcsTarget, Own
from doorlog.targets.field_list import FieldListTarget
from doorlog.targets.ocsf import OcsfTarget
from doorlog.targets.tables import WrongTableError, look_into

__all__ = [
    "FIELD_TYPES", "Attribute", "EcsTarget", "FieldListTarget", "Kind", "OcsfTarget", "Target", "UnknownTargetError",
    "WrongTableError", "load", "look_into", "names", "version_of", "versions",
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
    try:
        table = tables.table(name, version_of(name, version))
    except WrongTableError as error:
        raise UnknownTargetError(str(error)) from None
    if "classes" not in table:
        if class_name is not None or profiles:
            raise UnknownTargetError(f"{name} has neither classes nor profiles")
        return field_list.read(table) if "fields" in table else ecs.read(table, own)
    if class_name is None:
        raise UnknownTargetError(f"{name} needs a class: one of {', '.join(table['classes'])}")
    applicable = table["classes"][_one_of(f"class of {name}", class_name, table["classes"])]["profiles"]
    for profile in sorted(profiles):
        _one_of(f"profile of {class_name} in {name} {table['version']}", profile, applicable)
    return ocsf.read(table, class_name, profiles)


def names() -> tuple[str, ...]:
    """The names of the targets."""
    return tuple(sorted({name for name, _ in tables.files()}))


def versions(name: str) -> tuple[str, ...]:
    """The versions of a target that there are tables for, the newest last."""
    mine = (version for other, version in tables.files() if other == name)
    return tuple(sorted(mine, key=lambda version: tuple(map(int, version.split(".")))))


def version_of(name: str, said: str | None) -> str:
    """The version that is meant: the newest one without any, `8.11.0` for `8.11`."""
    known = versions(_one_of("target", name, names()))
    if said is None:
        return known[-1]
    patches = [version for version in known if version.rpartition(".")[0] == said]
    return patches[-1] if patches else _one_of(f"version of {name}", said, known)


def _one_of(what: str, given: str, known: Iterable[str]) -> str:
    if given in known:
        return given
    close = get_close_matches(given, known, 1, 0.5)
    meant = f"; did you mean {close[0]!r}?" if close else f"; one of {', '.join(sorted(known))}"
    raise UnknownTargetError(f"{given!r} is no {what}{meant}")
