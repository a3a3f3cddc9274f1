"""The JSON Schema of mappings agrees with the parser, and says something about every word."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from doorlog.mapping.parse import KEYS
from doorlog.mapping.parse_expr import KEYWORDS
from doorlog.resources import folder

TESTS = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((folder("schemas") / "mapping.schema.json").read_bytes())
# What tests state in a form that it can't have stops no stream, but has no place in an editor either.
MISSTATED = [
    TESTS / "mapping" / "doubtful" / f"given-{what}.yaml"
    for what in ("a-part-that-there-is-not", "no-map", "no-names", "what-nobody-knows")
]
GOOD = [
    *sorted(folder("mappings").glob("*.yaml")),
    *sorted({*(TESTS / "mapping" / "doubtful").glob("*.yaml")} - {*MISSTATED}),
    *sorted((TESTS.parent / "examples").glob("*.yaml")),
]
STRUCTURAL = {
    "missing-name", "bad-name", "unknown-key", "unknown-operator", "unknown-cast", "unknown-modifier", "misplaced-key",
    "bad-condition",
}  # fmt: skip
"""What the form alone tells; the rest needs the target, other files, or what the words mean."""


class Core(yaml.SafeLoader):
    """YAML as editors read it, by version 1.2's core schema; `!remove` is nothing, as they are told."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)", "-+.0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), list(first))
Core.add_constructor("!remove", lambda loader, node: None)


def codes(golden: Path) -> set[str]:
    return set(re.findall(r"\[([a-z-]+)\]$", golden.read_text("utf-8"), re.M))


def structural() -> Iterator[Path]:
    for file in sorted((TESTS / "mapping" / "broken").glob("*.yaml")):
        if codes(file.with_suffix(".txt")) <= STRUCTURAL:
            yield file


BROKEN = [*structural(), *MISSTATED]


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    return Draft7Validator(SCHEMA)


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_a_mapping_that_works_is_of_the_schema(validator: Draft7Validator, file: Path) -> None:
    document = yaml.load(file.read_text("utf-8"), Core)
    if not isinstance(document, dict) or "mapping" not in document:
        pytest.skip(f"{file.name} is no mapping")
    assert [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_mapping_of_another_form_is_not(validator: Draft7Validator, file: Path) -> None:
    assert not validator.is_valid(yaml.load(file.read_text("utf-8"), Core))


def test_many_broken_forms_are_tried() -> None:
    assert len(BROKEN) >= 20


@pytest.mark.parametrize(
    "file",
    [
        file
        for file in (TESTS / "mapping" / "broken").glob("*.yaml")
        if codes(file.with_suffix(".txt")) <= {"unknown-field", "wrong-value", "unknown-fact", "missing-required"}
    ],
    ids=lambda file: file.stem,
)
def test_what_only_the_check_can_tell_is_of_the_schema(validator: Draft7Validator, file: Path) -> None:
    assert list(validator.iter_errors(yaml.load(file.read_text("utf-8"), Core))) == []


def test_the_schema_is_the_one_that_the_code_makes(root: Path, update: bool) -> None:
    spec = importlib.util.spec_from_file_location("mapping_schema", root / "schemas" / "generate" / "mapping.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    if update:
        generate.FILE.write_text(generate.text(), "utf-8")
    assert generate.FILE.read_text("utf-8") == generate.text(), (
        "`pytest tests/schema --update-golden` writes schemas/mapping.schema.json anew"
    )


def test_every_word_of_the_language_is_there() -> None:
    assert set(SCHEMA["properties"]) == set(KEYS)
    assert set(SCHEMA["definitions"]["operators"]["properties"]) == set(KEYWORDS)


def _properties(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items() if isinstance(schema.get("properties"), dict) else ()
        for name, inner in schema.items():
            if name not in ("if", "then") and not name.endswith("-rules"):
                yield from _properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner)


def test_every_word_is_described_and_has_examples_that_are_of_the_schema(validator: Draft7Validator) -> None:
    found = list(_properties(SCHEMA))
    assert len(found) > 80
    for name, schema in found:
        assert schema.get("description", "").endswith((".", "`")), name
        assert schema.get("examples"), name
        inner = {**schema, "definitions": SCHEMA["definitions"]}
        inner = {"allOf": [{"$ref": schema["$ref"]}], **inner, "$ref": schema["$ref"]} if "$ref" in schema else inner
        for example in schema["examples"]:
            assert validator.evolve(schema=inner).is_valid(example), (name, example)


def test_every_field_of_a_target_says_what_it_takes() -> None:
    for name, definition in SCHEMA["definitions"].items():
        if name.endswith("-rules"):
            assert len(definition["properties"]) > 10
            assert [path for path, field in definition["properties"].items() if ", " not in field["description"]] == []
