"""The shipped mappings have tests beside them and pass them, whatever there is on a machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tried import ROOT, results, said

from doorlog.mapping import find, load
from doorlog.normalize import normalizer
from doorlog.testing.cases import shipped_records

SHIPPED = sorted(load.names())
BARE = """\
import sys

for package in ("maxminddb", "re2", "ua_parser"):
    sys.modules[package] = None
from doorlog.cli import main

sys.exit(main())
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_mapping_passes_its_tests(name: str) -> None:
    found = results(name)
    assert said(found) == []
    assert len(found) >= (25 if name == "aws-signin" or is_whole(name) else 3)


def test_all_pass_on_a_machine_with_no_database_no_key_and_no_package_that_is_optional() -> None:
    code, environment = [sys.executable, "-c", BARE], {"PYTHONPATH": str(ROOT / "plugin")}
    done = subprocess.run([*code, "test", *SHIPPED], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.endswith(", all passed") for line in done.stdout.splitlines()] == [True] * len(SHIPPED)
    done = subprocess.run([*code, "check", *SHIPPED], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines() if ": fine" in line] == [f"{n}:" for n in SHIPPED]


def is_whole(name: str) -> bool:
    """Whether a mapping is one of its own for its target, and not some words more to another."""
    return len([file for file in find.stack(name).files if file.target is not None]) == 1 and (
        find.stack(name).files[-1].target is not None
    )


def test_every_shipped_record_is_used_and_is_a_sign_in() -> None:
    used = "".join((ROOT / "mappings" / "tests" / f"{name}.yaml").read_text("utf-8") for name in SHIPPED)
    normalize = normalizer(["ecs"])
    for name, file in shipped_records().items():
        assert f"record: {name}\n" in used
        assert isinstance(normalize(json.loads(file.read_bytes())), tuple), name


def test_a_stream_reads_no_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    read = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda self, *a, **k: (opened.append(str(self)), read(self, *a, **k))[1])
    normalizer(["ecs", "ocsf"])
    assert any(name.endswith("ecs.yaml") for name in opened)
    assert not any(f"{os.sep}tests{os.sep}" in name or f"{os.sep}records{os.sep}" in name for name in opened)
