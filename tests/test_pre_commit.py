"""The hooks that pre-commit reads run what they say, on the files that they say."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from doorlog.cli.verbs import VERBS

ROOT = Path(__file__).resolve().parents[1]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
WRONG = {"doorlog-check": "user.nmae: red", "doorlog-test": "labels.team: blue"}
KEYS = {"id", "name", "description", "entry", "language", "types", "files"}


def run(hook: dict[str, Any], *files: Path) -> int:
    """The exit code of a hook's command for these files, as pre-commit appends them."""
    program, *arguments = shlex.split(hook["entry"])
    assert program == "doorlog"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments, *map(str, files)],
        capture_output=True, timeout=120, env=environment,
    )  # fmt: skip
    return done.returncode


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_passes_what_is_right_and_stops_what_is_not(hook: dict[str, Any], tmp_path: Path) -> None:
    assert set(hook) == KEYS
    assert hook["language"] == "python"
    assert shlex.split(hook["entry"])[1] in VERBS
    right, wrong = tmp_path / "right.yaml", tmp_path / "wrong.yaml"
    test = "tests: [{name: team, record: console-login, expect: {labels.team: red}}]\n"
    right.write_text(f"mapping: right\nextends: ecs\nset: {{labels.team: red}}\n{test}", "utf-8")
    wrong.write_text(f"mapping: wrong\nextends: right\nset: {{{WRONG[hook['id']]}}}\n{test}", "utf-8")
    assert run(hook, right) == 0
    assert run(hook, right, wrong) == 1


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_for_mappings(hook: dict[str, Any]) -> None:
    assert hook["types"] == ["yaml"]
    for path, wanted in (
        ("mappings/ours.yaml", True),
        ("siem/mappings/b.yml", True),
        ("mappings/tests/ours.yaml", hook["id"] == "doorlog-test"),
        ("docker-compose.yaml", False),
    ):
        assert bool(re.search(hook["files"], path)) is wanted


def test_the_documents_name_every_hook() -> None:
    text = (ROOT / "docs" / "mapping-language.md").read_text("utf-8")
    assert [hook["id"] for hook in HOOKS if f"`{hook['id']}`" not in text] == []
