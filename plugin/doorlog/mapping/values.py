"""What compiled mappings call at run time: small, pure, and never raising on what JSON can hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

MEMO_ENTRIES = 16384
MEMO_TEXT = 512


class Memo(dict[str, Any]):
    """The results of a function of one text, remembered; bounded, and without very long texts."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[str], Any]) -> None:
        super().__init__()
        self.call = call

    def __missing__(self, text: str) -> Any:
        result = self.call(text)
        if len(text) <= MEMO_TEXT:
            if len(self) >= MEMO_ENTRIES:
                self.clear()
            self[text] = result
        return result


def present(value: Any) -> bool:
    """Whether a value says anything: null, an empty text and empty containers don't."""
    return value is not None and value != "" and value != {} and value != []


def first(*values: Any) -> Any:
    """The first value that says anything."""
    return next((value for value in values if present(value)), None)


def unique(values: Iterable[Any]) -> list[Any] | None:
    """All texts among the values and in lists among them, once each in their order; None if there are none."""
    found: list[Any] = []
    for value in values:
        if value.__class__ is list:
            for one in value:
                if present(one) and one not in found:
                    found.append(one)
        elif value is not None and value != "" and value not in found:
            found.append(value)
    return found or None


def clean(value: Any) -> Any:
    """A value without what says nothing at any depth; itself if there is nothing to take out, None if all is."""
    if isinstance(value, dict):
        for inner in value.values():
            if inner.__class__ is str and inner:
                continue
            if inner is None or inner == "" or isinstance(inner, dict | list):
                kept = {key: left for key, inner in value.items() if (left := clean(inner)) is not None}
                return kept or None
        return value or None
    if isinstance(value, list):
        return [left for inner in value if (left := clean(inner)) is not None] or None
    return None if value == "" else value


def left_of(holder: dict[str, Any], kept: Collection[str]) -> dict[str, Any] | None:
    """The members of an object that aren't kept elsewhere, cleaned; None if there are none."""
    return {
        key: left for key, value in holder.items() if key not in kept and (left := clean(value)) is not None
    } or None


def as_object(value: Any) -> dict[str, Any] | None:
    """A cleaned value as an object, since a free-form field takes nothing else: a bare value is wrapped."""
    left = clean(value)
    return left if left is None or isinstance(left, dict) else {"value": left}


def in_order(rest: dict[str, Any], holder: Any) -> dict[str, Any]:
    """The rest with its members in the order in which the object that it is left of has them."""
    if holder.__class__ is not dict:
        return rest
    if len(rest) == 1:
        ((key, left),) = rest.items()
        value = holder.get(key)
        return {key: in_order(left, value)} if left.__class__ is dict and left is not value else rest
    found = {}
    for key, value in holder.items():
        left = rest.get(key)
        if left is not None:
            found[key] = in_order(left, value) if left.__class__ is dict and left is not value else left
    return found


def put(rest: dict[str, Any] | None, left: list[tuple[int, tuple[str, ...], Any]], owner: int) -> dict[str, Any] | None:
    """The rest with what its rules could not write, each at its place."""
    for whose, keys, value in left:
        if whose == owner and (kept := clean(value)) is not None:
            rest = {} if rest is None else rest
            holder = rest
            for key in keys[:-1]:
                holder = holder.setdefault(key, {})
            holder[keys[-1]] = kept
    return rest
