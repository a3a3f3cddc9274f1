"""Whatever goes wrong, what was acknowledged arrives: a short run of what benchmarks/soak.py does at length."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from fault_ways import WAYS
from harness import round_of
from oracle import Oracle

FAULTS: Counter[str] = Counter()


@pytest.mark.parametrize("name", sorted(WAYS))
def test_a_way_keeps_its_promise_under_faults(name: str, oracle: Oracle, tmp_path: Path) -> None:
    report = round_of(name, oracle, tmp_path / "round", seed=1, faults=24, numbers=1500, poison=True)
    assert report.verdict.lost == []
    assert report.verdict.invented == []
    assert report.verdict.damaged == []
    assert report.leftovers == []
    assert report.verdict.acknowledged == 1500
    FAULTS.update(report.faults)


def test_that_was_under_sixty_faults_or_more() -> None:
    assert FAULTS.total() >= 60, FAULTS
