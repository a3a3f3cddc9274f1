"""Whatever goes wrong, what was acknowledged arrives: a short run of what benchmarks/soak.py does at length."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fault_ways import WAYS
from fluent_bit_way import COMMAND, FluentBitWay
from fluent_bit_way import VARIABLE as FLUENT_BIT
from harness import round_of
from oracle import Oracle
from real_fluentd import VARIABLE, find_fluentds

FAULTS: Counter[str] = Counter()


@pytest.mark.parametrize("name", sorted(WAYS))
def test_a_way_keeps_its_promise_under_faults(name: str, oracle: Oracle, tmp_path: Path) -> None:
    report = round_of(name, oracle, tmp_path / "round", seed=1, faults=24, numbers=1500, poison=True, key=True)
    assert report.unexplained == []
    assert report.verdict.invented == []
    assert report.verdict.damaged == []
    assert report.leftovers == []
    assert report.good
    assert report.verdict.acknowledged == 1500
    FAULTS.update(report.faults)


def test_the_ways_through_fluentd_are_among_them() -> None:
    if not find_fluentds():
        pytest.skip(f"NOT TESTED in a real Fluentd: none on PATH, and {VARIABLE} names no executable or checkout of it")
    assert sum(name.startswith(("filter plugin", "exec_filter")) for name in WAYS) == 3 * len(find_fluentds())


def test_the_way_behind_fluent_bit_is_among_them() -> None:
    if COMMAND is None:
        pytest.skip(f"NOT TESTED behind a real Fluent Bit: none on PATH, and {FLUENT_BIT} names none")
    assert FluentBitWay.name in WAYS


def test_that_was_under_sixty_faults_or_more() -> None:
    assert FAULTS.total() >= 60, FAULTS
