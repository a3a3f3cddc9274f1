"""The leaves of JSON values, by path, and records with one of them changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that says something and holds no others; null, "", {} and [] say nothing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, (*path, at))
    elif value is not None and value != "":
        yield path, value


def objects(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every object."""
    if isinstance(value, dict):
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects(inner, (*path, key))


def changed(record: Any, path: Path, value: Any) -> Any:
    """A copy of the record with another value at the path; what is beside the path is shared."""
    if not path:
        return value
    copy = dict(record) if isinstance(record, dict) else list(record)
    copy[path[0]] = changed(copy[path[0]] if isinstance(copy, list) else copy.get(path[0], {}), path[1:], value)
    return copy


def told(path: Path) -> str:
    """A path as text, for messages."""
    return ".".join(map(str, path))


DERIVED = {"related", "observables", "message"}
"""Parts of an event that repeat what stands elsewhere in it."""


def own(event: Json) -> Json:
    """An event without what only repeats."""
    return {key: value for key, value in event.items() if key not in DERIVED}


def values(event: Any) -> set[tuple[str, Any]]:
    """All leaves of an event, each with the name of its type, wherever they stand."""
    return {(type(value).__name__, value) for _, value in leaves(event)}


def members(event: Any) -> Iterator[tuple[str, Any]]:
    """All members of all objects in an event."""
    if isinstance(event, dict):
        yield from event.items()
    for inner in event.values() if isinstance(event, dict) else event if isinstance(event, list) else ():
        yield from members(inner)
