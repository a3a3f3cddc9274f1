"""The measurements run, and say what they found in tables."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def printed(root: Path, *command: str) -> list[str]:
    done = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def rows(lines: list[str]) -> dict[str, list[str]]:
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {row[0]: row[1:] for row in cells}


def test_a_quick_measurement_gives_a_ratio_to_both_floors_for_every_way_to_run(root: Path) -> None:
    table = rows(printed(root, "benchmarks/measure.py", "--quick"))
    header = table.pop("what")
    assert header[0] == "x hand-written"
    assert header[2] == "x round trip"
    ways = ["`doorlog run --to ecs`", "`doorlog run --to ocsf`", "`doorlog run --to ecs --to ocsf`"]
    for way in ["`orjson` loads + dumps", "hand-written, ECS", *ways]:
        assert re.fullmatch(r"-?\d+\.\d\d", table[way][0]), table[way]
        assert re.fullmatch(r"-?\d+\.\d\d", table[way][2]), table[way]
    assert table["`orjson` loads + dumps"][2] == "1.00"
    assert table["stage, CPU µs/event"] == ["read", "check and map", "write", "together", "the check by itself"]
    for targets in ("ecs", "ocsf", "ecs and ocsf"):
        assert len([float(cell) for cell in table[targets]]) == 5


def test_an_overlay_is_measured_with_the_fields_that_it_adds(root: Path) -> None:
    table = rows(printed(root, "benchmarks/overlay.py", "--quick"))
    header = table.pop("on top of `ecs`")
    assert header == ["fields more", "x `ecs` alone", "lowest to highest", "µs an event more", "µs a field"]
    ways = {"ten fields", "the ten fields in two overlays", "the ten fields, written into `ecs` itself"}
    assert {"no field", "`pseudonymous`"} | ways <= table.keys()
    assert table["no field"][0] == "0.0"
    assert 9 < float(table["ten fields"][0]) <= 10
    assert len({table[way][0] for way in ways}) == 1
    for row in table.values():
        if not row[0].startswith("---"):
            assert 0.3 < float(row[1]) < 3


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="this system doesn't tell a process's peak memory")
def test_the_peak_of_memory_is_told_for_a_short_and_a_long_stream(root: Path) -> None:
    table = rows(printed(root, "benchmarks/memory.py", "--records", "2000"))
    assert table["peak memory, MB"] == ["200 records", "2,000 records"]
    for targets in ("ecs", "ecs and ocsf", "ecs, log files of 200"):
        short, long = map(int, table[targets])
        assert 5 < short < 500
        assert 5 < long < 500


IMPORTED = ("plugin", "benchmarks", "tests", "tests/cli", "tests/faults", "tests/fluentd")


def test_the_benchmarks_are_typed_strictly(root: Path) -> None:
    scripts = sorted(str(path) for path in (root / "benchmarks").glob("*.py"))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *scripts],
        cwd=root,
        env=os.environ | {"MYPYPATH": os.pathsep.join(str(root / folder) for folder in IMPORTED)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
