"""`doorlog check` on what a shell's pattern brings along: lists and tests beside the mappings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def check(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "doorlog", "check", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mapping with a list beside it, and a test that names what there is not."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "own.yaml").write_text(
        "mapping: own\nextends: ecs\nlists: {accounts: accounts.yaml}\n"
        "set: {labels.team: {from: account, table: accounts}}\n",
        "utf-8",
    )
    (tmp_path / "accounts.yaml").write_text('"111122223333": security\n', "utf-8")
    (tmp_path / "tests" / "own.yaml").write_text("tests:\n  - {name: x, record: check-mfa}\n", "utf-8")
    return tmp_path


def test_a_list_among_mappings_is_called_one_and_the_others_are_checked(folder: Path) -> None:
    done = check("accounts.yaml", "own.yaml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "own.yaml: fine\n")
    said = "doorlog: accounts.yaml: a list and no mapping; it is checked with the mapping that reads it\n"
    assert done.stderr == said
    done = check("--format", "json", "accounts.yaml", "own.yaml", cwd=folder)
    assert (done.returncode, done.stderr) == (0, said)
    json.loads(done.stdout)


def test_a_file_of_tests_stands_for_its_mapping(folder: Path) -> None:
    assert check("own.yaml", "tests/own.yaml", cwd=folder).stdout == "own.yaml: fine\n"
    (folder / "tests" / "own.yaml").write_text("tests:\n  - {name: x, record: chek-mfa}\n", "utf-8")
    done = check("tests/own.yaml", cwd=folder)
    assert done.returncode == 1
    assert "tests/own.yaml:2:23: warning: there is no record 'chek-mfa'; did you mean 'check-mfa'?" in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mapping: own\n",
        "mapping: [\n",
        "facts: {a: b}\n",
        "- x\nset:\n",
        '{"mapping": "own", "extends": "esc"}\n',
        "Mapping: own\n",
        "own\n",
        "a: [\n",
        "mapping: own\n".encode("utf-16"),
        bytes(range(256)),
    ],
)
def test_what_is_meant_as_a_mapping_or_can_not_be_read_is_checked_as_one(text: str | bytes, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    done = check("own.yaml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "own.yaml:1:" in done.stdout or "own.yaml:2:" in done.stdout


def test_a_character_of_another_encoding_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes("mapping: own\nextends: ecs\nset:\n  labels.a: café\n".encode("latin-1"))
    done = check("own.yaml", cwd=tmp_path)
    assert done.stdout.startswith("own.yaml:4:16: error: a mapping file is UTF-8 text [bad-yaml]\n")
