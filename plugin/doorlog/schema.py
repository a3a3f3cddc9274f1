"""The JSON Schema check of a record: a fast verdict, and then the exact problems.

`jsonschema` is the authority and alone says what is wrong. `jsonschema-rs`, some sixty times faster, only ever says
"proved valid"; what it can't prove is asked again. The schema avoids what the two libraries read differently (`$`
before a newline, Unicode digits, leap seconds in `format`), and a test holds that they agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import jsonschema_rs

from doorlog.record import Json, Problem
from doorlog.resources import folder

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

MOST_PROBLEMS = 20
"""A report holds no more problems than this: nobody reads on, and each goes out with the reject."""

TYPE_WORDS: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "text",
}


class RecordSchema:
    """The schema of a sign-in record, ready to check records; nothing is fetched, from the network or elsewhere."""

    def __init__(self, file: Path | None = None) -> None:
        self.document: Json = json.loads((file or folder("schemas") / "signin-record.schema.json").read_bytes())
        self._fast = jsonschema_rs.Draft202012Validator(self.document, pattern_options=jsonschema_rs.RegexOptions())

    def proves(self, record: Json) -> bool:
        """True if the record is valid."""
        try:
            return self._fast.is_valid(record)
        except ValueError:  # a value that jsonschema-rs can't take in, such as nesting beyond its own limit
            return not self.problems(record)

    def problems(self, record: Json) -> tuple[Problem, ...]:
        """What is wrong with the record, outermost first and one for each place; empty if it is valid."""
        by_path: dict[str, Problem] = {}
        depths: dict[str, int] = {}
        for error in self._exact.iter_errors(record):
            for parts, expected in _places(error):
                path = written(parts)
                by_path.setdefault(path, Problem(path, str(error.validator), expected))
                depths.setdefault(path, len(parts))
        return tuple(sorted(by_path.values(), key=lambda problem: depths[problem.path])[:MOST_PROBLEMS])

    def types(self) -> Mapping[str, frozenset[str]]:
        """The JSON types that each path of a valid record can have: `$.userIdentity.arn` -> {"string", "null"}.

        A path that isn't listed can hold anything. Any path but the required ones may be absent, too, and a path
        below an object that may be null or absent exists only where that object does.
        """
        return dict(_types(self.document, "$"))

    def meant(self, keys: Sequence[str | int]) -> str | None:
        """None for a path that records are known to have, or of which nothing is known; else the path meant, or "".

        Nothing is known of what is below a list, or below an object whose members the schema doesn't name. An object
        without a type is another one for each event: there only a name close to a known one is taken for that.
        """
        schema = self.document
        for at, key in enumerate(keys):
            known = schema.get("properties")
            if not known or not isinstance(key, str):
                return None
            if key not in known:
                near = get_close_matches(key, known, 1, 0.6 if "type" in schema else 0.85)
                if near:
                    return written([*keys[:at], near[0], *keys[at + 1 :]])
                return "" if "type" in schema else None
            schema = known[key]
        return None

    @cached_property
    def _exact(self) -> Validator:
        # Importing jsonschema takes longer than all else at start-up, and most streams never have a reject.
        from jsonschema import Draft202012Validator
        from referencing import Registry

        return Draft202012Validator(self.document, registry=Registry())


def written(parts: Iterable[str | int]) -> str:
    """A place in a record as text: `$.userIdentity.arn`, `$.resources.0.ARN`, and `$.a['b.c']` for an odd key."""
    return "$" + "".join(f".{part}" if _plain(part) else f"[{_quoted(str(part))}]" for part in parts)


def _plain(part: str | int) -> bool:
    return isinstance(part, int) or (part.isascii() and part.replace("-", "_").replace("_", "a").isalnum())


def _quoted(key: str) -> str:
    return "'" + json.dumps(key)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _places(error: ValidationError) -> list[tuple[list[str | int], str]]:
    """Where an error is, and what was expected there in the schema's words; the record's own are never shown."""
    parts = list(error.absolute_path)
    schema = cast(Json, error.schema)
    if error.validator == "required":
        missing = [name for name in schema["required"] if name not in cast(Json, error.instance)]
        return [([*parts, name], _type_words(schema["properties"][name]["type"])) for name in missing]
    return [(parts, _expected(str(error.validator), schema))]


def _expected(rule: str, schema: Json) -> str:
    match rule:
        case "type":
            return _type_words(schema["type"])
        case "minLength":
            return f"at least {schema['minLength']} character(s)"
        case "maxLength":
            return f"at most {schema['maxLength']} character(s)"
    return f"{_type_words(schema['type'])} like {schema['examples'][0]}"


def _type_words(types: str | list[str]) -> str:
    return " or ".join(TYPE_WORDS[name] for name in ([types] if isinstance(types, str) else types))


def _types(schema: Json, path: str) -> Iterable[tuple[str, frozenset[str]]]:
    if "type" in schema:
        types = schema["type"]
        yield path, frozenset([types] if isinstance(types, str) else types)
    for name, below in schema.get("properties", {}).items():
        yield from _types(below, f"{path}.{name}")
