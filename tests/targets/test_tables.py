"""The tables come from the official schemas and from nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from doorlog.targets import EcsTarget, OcsfTarget, load, versions

NAMES = ["ecs_flat-8.11.0.yml", "ecs_flat-9.4.0.yml", "ocsf-1.1.0.json", "ocsf-1.8.0.json"]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_what_the_official_schema_gives(
    generator: ModuleType, official: Path, root: Path, name: str
) -> None:
    table, text = generator.table_of(name, (official / name).read_bytes())
    assert (root / "schemas" / "targets" / table).read_bytes() == text.encode()


def test_the_digests_are_those_of_the_official_files(generator: ModuleType, official: Path) -> None:
    listed = (line.split() for line in (official / "SHA256SUMS").read_text("utf-8").splitlines())
    assert {name: digest for digest, name in listed} == generator.OFFICIAL
    assert {name: hashlib.sha256((official / name).read_bytes()).hexdigest() for name in NAMES} == generator.OFFICIAL


@pytest.mark.parametrize("name", NAMES)
def test_an_official_file_that_was_changed_is_refused(generator: ModuleType, name: str) -> None:
    with pytest.raises(generator.WrongFileError, match=name):
        generator.table_of(name, b'{"version": "1.8.0"}')


def test_all_tables_are_written_into_the_folder_that_is_asked_for(
    generator: ModuleType, official: Path, root: Path, tmp_path: Path
) -> None:
    generator.main(official, tmp_path)
    shipped = {file.name: file.read_bytes() for file in (root / "schemas" / "targets").glob("*-*.json")}
    shipped = {name: text for name, text in shipped.items() if name.startswith(("ecs-", "ocsf-"))}
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == shipped


def texts(value: Any, key: str) -> set[str]:
    """What stands under the key, at any depth."""
    if isinstance(value, list):
        return set().union(*(texts(inner, key) for inner in value))
    if not isinstance(value, dict):
        return set()
    own = {value[key]} if isinstance(value.get(key), str) else set()
    return own.union(*(texts(inner, key) for inner in value.values()))


def test_the_tables_hold_no_prose(official: Path, root: Path) -> None:
    prose = texts(json.loads((official / "ocsf-1.8.0.json").read_bytes()), "description")
    table = (root / "schemas" / "targets" / "ocsf-1.8.0.json").read_text(encoding="utf-8")
    assert len(prose) > 1000
    assert not [text for text in prose if len(text) > 40 and text in table]


@pytest.mark.parametrize("version", versions("ecs"))
def test_every_field_of_ecs_is_known_as_it_is(ecs_check: ModuleType, version: str) -> None:
    target = load("ecs", version)
    for path, known in ecs_check.load(version).f.items():
        found = target.attribute(path)
        assert found is not None, path
        assert found.type_name == known["type"]
        assert found.array == ("array" in known["normalize"])
        assert found.max_length == known.get("ignore_above")
        assert found.pattern == known.get("pattern")
        assert found.required == bool(known.get("required"))
    assert_only_official_events(target, ecs_check.load(version))


def assert_only_official_events(target: EcsTarget, official: Any) -> None:
    allowed = official.allowed["event.category"]
    assert target.expected_event_types == {
        name: frozenset(entry.get("expected_event_types", ())) for name, entry in allowed.items()
    }


@pytest.mark.parametrize("class_name", ["authentication", "account_change"])
@pytest.mark.parametrize("version", versions("ocsf"))
@pytest.mark.parametrize("profiles", [(), ("cloud", "datetime"), ("container", "host", "linux/linux_users")])
def test_every_attribute_of_ocsf_is_known_as_it_is(
    ocsf_check: ModuleType, official: Path, version: str, class_name: str, profiles: tuple[str, ...]
) -> None:
    schema = ocsf_check.Schema(str(official / f"ocsf-{version}.json"))
    on = frozenset(profiles)
    target = load("ocsf", version, class_name, on)
    assert compare(target, ocsf_check.Checker(schema), "", schema.s["classes"][class_name], on, depth=4) > 500


def compare(target: OcsfTarget, checker: Any, path: str, item: Any, profiles: frozenset[str], depth: int) -> int:
    """How many attributes were found in common, down to a depth."""
    official = checker.S.attrs(item, profiles)
    assert set(target.members(path)) == set(official)
    assert target.constraints_in(path) == {rule: tuple(names) for rule, names in item.get("constraints", {}).items()}
    assert set(target.required_in(path)) == {n for n, entry in official.items() if entry["requirement"] == "required"}
    count = len(official)
    for name, entry in official.items():
        inner = f"{path}.{name}" if path else name
        found = target.attribute(inner)
        assert found is not None, inner
        assert found.type_name == entry.get("object_type", entry["type"])
        assert found.array == bool(entry.get("is_array"))
        assert found.observable == checker.obs_type(entry, name), inner
        assert bool(found.deprecated) == bool("@deprecated" in entry or deprecated_object(checker, entry))
        assert found.sibling == (found.sibling and inner[: -len(name)] + entry["sibling"])
        assert {str(value): caption for value, caption in target.captions(inner).items()} == {
            value: known["caption"] for value, known in entry.get("enum", {}).items()
        }
        if entry["type"] == "object_t" and depth > 1:
            count += compare(target, checker, inner, checker.S.objects[entry["object_type"]], profiles, depth - 1)
    return count


def deprecated_object(checker: Any, entry: Any) -> bool:
    return entry["type"] == "object_t" and "@deprecated" in checker.S.objects[entry["object_type"]]
