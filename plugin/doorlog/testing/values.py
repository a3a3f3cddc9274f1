"""Values as tests write them: of records, where JSON's types count, and of what is expected."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

from doorlog.mapping.strict_yaml import Map, Node, Refused, Remove, Scalar, Seq
from doorlog.record import Json
from doorlog.schema import RecordSchema

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,15})?\Z")


def as_record(node: Node) -> Json:
    """A record that stands in the YAML itself, as it is or as JSON."""
    if not isinstance(node, Map):
        raise Refused(node.mark, "wrong-form", "a record is a map")
    value: Json = plain_value(node, ())
    return value


def plain_value(node: Node, keys: tuple[str | int, ...]) -> Any:
    """A value of a record, which stands at `keys`.

    A number without quotes is a number, unless the schema says that a text stands there, as of account ids.
    """
    match node:
        case Map():
            return {key: plain_value(value, (*keys, key)) for key, value in node}
        case Seq(items, _):
            return [plain_value(item, (*keys, at)) for at, item in enumerate(items)]
        case Remove(mark):
            raise Refused(mark, "misplaced-remove", "!remove stands for a whole value of `patch`")
        case Scalar(str(text), _, _, True) if _NUMBER.match(text) and not _is_text(keys):
            return float(text) if "." in text else int(text)
        case Scalar(value, _, _, _):
            return value
    raise TypeError(type(node).__name__)


@cache
def _is_text(keys: tuple[str | int, ...]) -> bool:
    return "string" in RecordSchema().types().get(".".join(["$", *map(str, keys)]), frozenset())


def matches(want: Node, value: Any) -> bool:
    """Whether a value is what a test wants: null is nothing, and a number without quotes is also the number."""
    match want:
        case Map():
            return (
                isinstance(value, dict)
                and want.entries.keys() == value.keys()
                and all(matches(inner, value[key]) for key, inner in want)
            )
        case Seq(items, _):
            return (
                isinstance(value, list)
                and len(items) == len(value)
                and all(matches(one, item) for one, item in zip(items, value, strict=True))
            )
        case Scalar(bool(truth), _, _, _):
            return value is truth
        case Scalar(None, _, _, _):
            return value is None
        case Scalar(str(text), _, _, plain):
            if isinstance(value, int | float) and not isinstance(value, bool):
                return plain and bool(_NUMBER.match(text)) and value == (float(text) if "." in text else int(text))
            return bool(value == text)
    return False


def wanted(node: Node) -> Any:
    """What a test wants, to be shown."""
    match node:
        case Map():
            return {key: wanted(value) for key, value in node}
        case Seq(items, _):
            return [wanted(item) for item in items]
        case Scalar(str(text), _, _, True) if _NUMBER.match(text):
            return float(text) if "." in text else int(text)
        case Scalar(value, _, _, _):
            return value
    return None


def written(value: Any) -> str:
    """A value as it is written into a test, on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=float("inf"), sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")
