"""What `doorlog new` writes passes `check` and `test` as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from doorlog.cli.new import targets
from doorlog.mapping import load
from doorlog.mapping.examine import examine
from doorlog.targets import names
from doorlog.testing.trying import Trial

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(load.names())


def new(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "doorlog", "new", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment)


def passes(file: Path, folders: tuple[Path, ...] = ()) -> None:
    assert [str(finding) for finding in examine(str(file), folders) if finding.severity != "note"] == []
    trial = Trial(str(file), folders)
    results = [trial.run(suite, case) for suite in trial.suites() for case in suite.cases]
    assert results
    assert [result.differences for result in results if result.differences] == []


@pytest.mark.parametrize("base", SHIPPED)
def test_what_is_added_to_a_shipped_mapping_passes_as_it_is(base: str, tmp_path: Path) -> None:
    done = new("--extends", base, "ours", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "ours.yaml: written; doorlog test ours.yaml runs its tests\n"
    passes(tmp_path / "ours.yaml")


@pytest.mark.parametrize("target", targets())
def test_a_mapping_of_its_own_passes_as_it_is(target: str, tmp_path: Path) -> None:
    assert new("--target", target, "ours.yaml", cwd=tmp_path).returncode == 0
    passes(tmp_path / "ours.yaml")


def test_there_is_one_for_every_target() -> None:
    assert targets() == sorted(names())


def test_an_own_mapping_can_be_added_to_and_a_shipped_name_taken(tmp_path: Path) -> None:
    done = new("ours/first.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "doorlog: there is no folder ours; make it first\n")
    (tmp_path / "ours").mkdir()
    assert new("ours/first.yaml", cwd=tmp_path).returncode == 0
    assert new("--mapping-dir", "ours", "--extends", "first", "ours/second.yaml", cwd=tmp_path).returncode == 0
    passes(tmp_path / "ours" / "second.yaml")
    assert new("ours/ecs.yaml", cwd=tmp_path).returncode == 0
    passes(tmp_path / "ours" / "ecs.yaml")


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("mine", "utf-8")
    done = new("ours", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "doorlog: ours.yaml is there already; name another file\n")
    assert (tmp_path / "ours.yaml").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a b"], "a mapping's name is made of"),
        (["--extends", "esc", "ours"], "did you mean 'ecs'?"),
        (["--extends", "x.yaml", "ours"], "--extends takes the name of a mapping"),
        (["--extends", "../x", "ours"], "--extends takes the name of a mapping"),
        (["--extends", "ecs", "--target", "cim", "ours"], "name one of the two"),
    ],
)
def test_what_can_not_be_written_says_why(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = new(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []
