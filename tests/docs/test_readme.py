"""What the README promises to somebody new."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pages import fences, only, shell

from doorlog.normalize import normalizer

CLAIM = re.compile(r"(?P<no>no )?`(?P<path>[a-z_.]+)(?:: (?P<value>[^`]+))?`")
PROOF = re.compile(r"\(\[event\]\((tests/golden/[a-z0-9/.-]+)\)")


@pytest.fixture(scope="module")
def readme(root: Path) -> Path:
    return root / "README.md"


@pytest.fixture(scope="module")
def commands(readme: Path) -> list[str]:
    return [fence.text.strip() for fence in fences(readme, "sh")]


def holds(part: Any, whole: Any) -> bool:
    """Whether everything that is in the part is in the whole."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and holds(value, whole[key]) for key, value in part.items())
    return bool(part == whole)


def at(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def test_the_first_command_turns_the_examples_into_events(commands: list[str], root: Path, user_path: str) -> None:
    environment, install, doorlog = commands[0].split(" && ")
    assert (environment, install) == ("python3 -m venv .venv", ".venv/bin/pip install .")
    printed = shell(doorlog.removeprefix(".venv/bin/"), root, user_path).splitlines()
    assert printed.pop() == "doorlog: read 16, delivered 16, rejected 0, skipped 0"
    assert [json.loads(line)["event"]["module"] for line in printed] == ["aws"] * 16


def test_the_second_command_is_the_one_that_the_checks_run(commands: list[str], root: Path) -> None:
    assert commands[1] in (root / ".ci" / "run").read_text("utf-8").splitlines()
    assert len(commands) == 2


@pytest.mark.parametrize("target", ["ecs", "ocsf"])
def test_the_record_that_is_shown_gives_the_event_that_is_shown(readme: Path, root: Path, target: str) -> None:
    shown = json.loads(only(readme, "json record"))
    records = [json.loads(line) for line in (root / "examples" / "signins.ndjson").read_bytes().splitlines()]
    (record,) = [record for record in records if holds(shown, record)]
    (event,) = normalizer([target])(record)
    assert holds(json.loads(only(readme, f"json {target}")), event)


def test_each_claim_is_what_its_event_says(readme: Path, root: Path) -> None:
    rows = [row for row in readme.read_text("utf-8").splitlines() if PROOF.search(row)]
    assert len(rows) >= 8
    for row in rows:
        claims, proof = row.split(" | ")[2], PROOF.search(row)
        assert proof is not None
        event = json.loads((root / proof[1]).read_text("utf-8"))
        found = list(CLAIM.finditer(claims))
        assert found, row
        for claim in found:
            value = at(event, claim["path"])
            if claim["no"]:
                assert value is None, claim[0]
            else:
                shown = value if isinstance(value, str) else json.dumps(value)
                assert claim["value"] == shown, claim[0]


def test_the_mapping_that_is_shown_is_the_example(readme: Path, root: Path) -> None:
    assert only(readme, "yaml") == (root / "examples" / "own-field.yaml").read_text("utf-8")
    assert len(only(readme, "yaml").splitlines()) == 5


def test_the_configuration_that_is_shown_is_the_shipped_one(readme: Path, root: Path) -> None:
    """Line after line, with comments left out between them."""
    shipped = iter((root / "plugin" / "fluentd" / "forward.conf").read_text("utf-8").splitlines())
    *shown, rest = only(readme, "conf").splitlines()
    assert [line for line in shown if line not in shipped] == []
    assert (len(shown), rest.strip()) == (10, "…")


def test_what_fluentd_is_said_to_start_is_what_the_configuration_starts(readme: Path, root: Path) -> None:
    command = "doorlog run --fluentd --to ecs --to ocsf"
    assert f"  command exec {command} " in (root / "plugin" / "fluentd" / "exec_filter.conf").read_text("utf-8")
    assert f"`{command}`" in " ".join(readme.read_text("utf-8").split())


def test_the_exit_codes_that_are_named_exist(readme: Path) -> None:
    from doorlog.cli.exits import Exit

    named = readme.read_text("utf-8").partition("Exit codes: ")[2].partition(". [")[0]
    assert [int(code) for code in re.findall("[0-9]+", named)] == [code for code in Exit if code != Exit.BUG]


def test_the_time_after_which_it_gives_up_is_told(readme: Path) -> None:
    from doorlog.forward.settings import DEFAULT_PATIENCE

    assert f"After {DEFAULT_PATIENCE.give_up:g} seconds without an ack" in readme.read_text("utf-8")


def test_a_kept_rest_is_where_it_is_said_to_be(root: Path) -> None:
    record = json.loads((root / "examples" / "signins.ndjson").read_bytes().splitlines()[0]) | {"newOfAws": {"a": [1]}}
    ecs, ocsf = normalizer(["ecs", "ocsf"])(record)
    assert ecs is not None and ocsf is not None
    assert ecs["aws"]["cloudtrail"]["flattened"]["unmapped"] == {"newOfAws": {"a": [1]}}
    assert ocsf["unmapped"]["newOfAws"] == {"a": [1]}


def test_help_names_what_the_readme_says_it_does(root: Path, user_path: str) -> None:
    for verb in ("list skips", "list kinds", "run --help", "replay --help"):
        assert len(shell(f"doorlog {verb}", root, user_path).splitlines()) > 5


def test_it_runs_on_the_python_that_it_names(readme: Path, root: Path) -> None:
    (needed,) = re.findall(r"python_requires = >=([0-9.]+)", (root / "setup.cfg").read_text("utf-8"))
    assert f"Python {needed} or later" in readme.read_text("utf-8")
    done = subprocess.run([sys.executable, "--version"], capture_output=True, text=True, check=True)
    assert tuple(map(int, done.stdout.split()[1].split(".")[:2])) >= tuple(map(int, needed.split(".")))
