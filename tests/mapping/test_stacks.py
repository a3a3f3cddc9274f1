"""Overlays count in a stated order, append, declare fields of their own, and come from folders or packs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_extends import events
from tiny import Tiny

from doorlog.errors import MappingError, UsageError
from doorlog.mapping import find
from doorlog.mapping.find import stack
from doorlog.mapping.load import load
from doorlog.normalize import normalizer

OWN = """\
mapping: own
extends: ecs
fields:
  acme.team: keyword
  acme.teams: [keyword]
  acme.risk: long
  acme.free: object
"""


def own(tiny: Tiny, rules: str) -> dict[str, Any]:
    tiny.write("own", OWN + f"set: {{{rules}}}\n")
    found: dict[str, Any] = events(tiny, "own")[0]
    return found


def test_what_is_appended_comes_behind_what_was_there_each_once(tiny: Tiny) -> None:
    before = events(tiny, "ecs")[0]["event"]["category"]
    tiny.write("mine", "mapping: mine\nextends: ecs\nset: {event.category: {append: [network, session]}}\n")
    assert events(tiny, "mine")[0]["event"]["category"] == [*before, "network"]


def test_overlays_append_to_the_same_list_in_their_order(tiny: Tiny) -> None:
    tiny.write("a", "mapping: a\nset: {tags: {append: [a, both]}}\n")
    tiny.write("b", "mapping: b\nset: {tags: {append: {collect: [{value: both}, outcome]}}}\n")
    tiny.write("c", "mapping: c\nextends: [ecs, a, b]\nset: {tags: {append: c}}\n")
    assert events(tiny, "c")[0]["tags"] == ["a", "both", "success", "c"]


def test_a_fact_that_is_a_list_is_appended_to(tiny: Tiny) -> None:
    text = (
        "mapping: mine\nextends: ecs\nfacts: {factors: {append: BADGE}}\nset: {labels.x: a, tags: {collect: [factors]}}"
    )
    tiny.write("mine", text + "\n")
    assert events(tiny, "mine")[0]["tags"][-1] == "BADGE"


def test_a_class_takes_one_more_kind(tiny: Tiny) -> None:
    text = """\
        mapping: mine
        extends: ocsf
        kinds:
          renamed: {when: {$.eventName: AliasUpdated}, facts: {step: account, change: email, title: Alias}}
        classes: {account_change: {kinds: {append: [renamed]}}}
        """
    tiny.write("mine", text)
    assert events(tiny, "mine", eventName="AliasUpdated")[0]["class_uid"] == 3001
    assert events(tiny, "mine", eventName="EmailUpdated")[0]["class_uid"] == 3001


def test_an_own_field_has_the_type_that_it_is_declared_with(tiny: Tiny) -> None:
    found = own(tiny, 'acme.team: red, acme.teams: [red], acme.risk: "7", acme.free.a.b: $.eventName')
    assert found["acme"] == {"team": "red", "teams": ["red"], "risk": 7, "free": {"a": {"b": "ConsoleLogin"}}}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("acme.taem: red", "no field of ECS 9.4.0; did you mean 'acme.team'"),
        ("acme.team: [red]", "is no list"),
        ("acme.teams: red", "is a list"),
        ("acme.risk: much", "'much' is no value of acme.risk, which takes long"),
        ("acne.team: red", "no field of ECS"),
    ],
)
def test_an_own_field_is_checked_as_the_target_s_own_are(tiny: Tiny, rule: str, said: str) -> None:
    with pytest.raises(MappingError, match=said):
        own(tiny, rule)


def test_a_value_that_an_own_field_can_t_take_is_kept_in_the_rest(tiny: Tiny) -> None:
    found = own(tiny, "acme.team: $.additionalEventData.five, acme.risk: $.additionalEventData.five")
    assert found["acme"] == {"risk": 5}
    found = own(tiny, "acme.risk: $.additionalEventData.text")
    assert "acme" not in found
    assert found["aws"]["cloudtrail"]["flattened"]["additional_eventdata"]["text"] == "x"


def test_overlays_asked_for_together_count_as_if_each_extended_those_before(tiny: Tiny) -> None:
    a = tiny.write("a", "mapping: a\nextends: ecs\nset: {labels.x: a, labels.y: a}\n")
    b = tiny.write("b", "mapping: b\nset: {labels.x: b}\n")
    found = [load(wanted) for wanted in (f"ecs+{a}+{b}", f"{a}+{b}", f"ecs+{b}+{a}")]
    values = [mapping.sections[0].rules["labels.x"].value.value for mapping in found]  # type: ignore[union-attr]
    assert (values, [mapping.name for mapping in found]) == (["b", "b", "a"], ["ecs", "a", "ecs"])


def test_a_file_with_a_plus_in_its_name_is_that_file(tiny: Tiny) -> None:
    file = tiny.write("a+b", "mapping: a\nextends: ecs\nset: {labels.x: a}\n")
    assert [one.name for one in stack(file).files][-1] == "a"


def test_one_that_there_is_not_among_several_is_named(tiny: Tiny) -> None:
    with pytest.raises(UsageError, match=r"there is no mapping 'esc'; did you mean 'ecs'\?"):
        load("ocsf+esc")


def test_a_file_that_is_named_without_its_ending_is_pointed_at(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.write("ours", "mapping: ours\nextends: ecs\n")
    monkeypatch.chdir(tiny.folder)
    with pytest.raises(UsageError, match=r"there is no mapping 'ours'; the file that is here is 'ours.yaml'"):
        load("ours")


PACK = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n',
    "setup.cfg": """\
[metadata]
name = acme-signin
version = 1.0
[options]
packages = acme_signin
[options.package_data]
acme_signin = *.yaml
[options.entry_points]
doorlog.mappings =
    acme = acme_signin
""",
    "acme_signin/__init__.py": "raise SystemExit('the code of a pack was run')\n",
    "acme_signin/acme.yaml": "mapping: acme\nextends: ecs\nset: {labels.team: acme}\n",
    "acme_signin/ecs.yaml": "mapping: ecs\nextends: aws-signin\ntarget: ecs\nset: {message: taken over}\n",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a pack is installed by pip."""
    source, site = tmp_path_factory.mktemp("pack"), tmp_path_factory.mktemp("site")
    for name, text in PACK.items():
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text, "utf-8")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*pip, "--target", site, source], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def doorlog(root: Path, site: Path, *arguments: str) -> str:
    places = os.pathsep.join([str(root / "plugin"), str(site)])
    done = subprocess.run(
        [sys.executable, "-m", "doorlog", *arguments],
        capture_output=True, text=True, timeout=60, env={"PYTHONPATH": places, "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_mapping_is_found_in_an_installed_pack_and_none_of_its_code_is_run(root: Path, installed: Path) -> None:
    signins = str(root / "examples" / "signins.ndjson")
    assert '"labels":{"team":"acme"}' in doorlog(root, installed, "--quiet", "--to", "acme", signins)
    assert "acme " in doorlog(root, installed, "list", "mappings")


def test_a_pack_does_not_take_the_name_of_a_shipped_mapping(root: Path, installed: Path) -> None:
    shown = doorlog(root, installed, "explain", "--mapping", "ecs")
    assert str(root / "mappings" / "ecs.yaml") in shown
    assert "acme_signin" not in shown


def test_a_folder_given_comes_before_shipped_mappings_and_packs(
    root: Path, installed: Path, tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "packs", lambda: {"acme": installed / "acme_signin"})
    tiny.write("acme", "mapping: acme\nextends: acme\nset: {labels.mine: mine}\n")
    files = [file.mark.file for file in stack("acme", [tiny.folder]).files]
    assert files == [
        str(root / "mappings" / "aws-signin.yaml"), str(root / "mappings" / "ecs.yaml"),
        str(installed / "acme_signin" / "acme.yaml"), str(tiny.folder / "acme.yaml"),
    ]  # fmt: skip
    assert normalizer(["acme"], [tiny.folder]).targets == ("acme",)
