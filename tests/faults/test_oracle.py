"""The oracle sees what is missing, changed, or made up; a way that only claims to deliver doesn't pass."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import ClassVar

import msgpack  # type: ignore[import-untyped]
import pytest
from fault_ways import WAYS, Way
from harness import round_of
from oracle import Arrived, Oracle, number_of, record

from doorlog.forward.protocol import entry_time


@pytest.fixture
def arrived(oracle: Oracle) -> list[Arrived]:
    """The events of five numbers, as they should arrive."""
    events = [oracle.event(number) for number in range(5)]
    return [("out", time_ns, document) for document, time_ns in events]


def test_records_differ_by_number_and_are_the_same_each_time() -> None:
    records = [record(number) for number in range(100)]
    assert len({one["userIdentity"]["userName"] for one in records}) == 100
    assert records == [record(number) for number in range(100)]


def test_what_arrived_as_it_should_is_good(oracle: Oracle, arrived: list[Arrived]) -> None:
    verdict = oracle.judge(arrived, 5, range(5))
    assert (verdict.good, verdict.arrived, verdict.duplicates) == (True, 5, 0)


def test_a_missing_number_is_lost_if_it_was_acknowledged(oracle: Oracle, arrived: list[Arrived]) -> None:
    assert oracle.judge(arrived[1:], 5, range(5)).lost == [0]
    assert oracle.judge(arrived[1:], 5, range(1, 5)).good


def test_a_changed_event_is_damaged(oracle: Oracle, arrived: list[Arrived]) -> None:
    tag, time_ns, document = arrived[3]
    for changed in ((tag, time_ns + 1, document), (tag, time_ns, {**document, "message": "another"})):
        assert oracle.judge([*arrived[:3], changed, arrived[4]], 5, ()).damaged == [3]


def test_a_number_that_was_not_sent_is_invented(oracle: Oracle, arrived: list[Arrived]) -> None:
    assert len(oracle.judge(arrived, 4, ()).invented) == 1
    assert len(oracle.judge([("out", 0, {"event": {"id": "other"}})], 4, ()).invented) == 1


def test_duplicates_are_counted_and_do_no_harm(oracle: Oracle, arrived: list[Arrived]) -> None:
    verdict = oracle.judge([*arrived, *arrived[:2]], 5, range(5))
    assert (verdict.good, verdict.duplicates) == (True, 2)


def test_a_refused_event_has_arrived_if_its_reject_holds_it(oracle: Oracle, arrived: list[Arrived]) -> None:
    _, time_ns, document = arrived[2]
    entry = entry_time(time_ns) + msgpack.packb(document)
    reject = {"reason": "refused", "bytes": base64.b64encode(entry).decode()}
    assert number_of(reject) == 2
    verdict = oracle.judge([*arrived[:2], ("out.reject", 0, reject), *arrived[3:]], 5, range(5))
    assert (verdict.good, verdict.refused) == (True, 1)


class Liar(Way):
    """Acknowledges everything and sends nothing."""

    name = "liar"
    promise = "None that it keeps."
    strikes: ClassVar[tuple[str, ...]] = ("kill",)

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return None

    def send(self, numbers: range) -> None:
        self.acknowledged.update(numbers)

    def busy(self) -> bool:
        return False

    def revive(self) -> None:
        pass

    def finish(self) -> None:
        pass


def test_a_way_that_acknowledges_what_it_does_not_deliver_is_found_out(
    oracle: Oracle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WAYS, "liar", Liar)
    report = round_of("liar", oracle, tmp_path / "round", 1, faults=1, numbers=10)
    assert report.verdict.lost == list(range(10))
    assert not report.good


class Forgetful(Liar):
    """Promises at most once, and had half of what it lost in something that was killed."""

    name = "forgetful"
    at_least_once = False

    def send(self, numbers: range) -> None:
        super().send(numbers)
        self.held = {"in the pipe": {0, 1, 2}, "in the child": {2, 3, 4}}


def test_what_is_lost_at_most_once_must_have_been_in_something_that_was_killed(
    oracle: Oracle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WAYS, "forgetful", Forgetful)
    report = round_of("forgetful", oracle, tmp_path / "round", 1, faults=1, numbers=10)
    assert report.causes == {"in the pipe": 3, "in the child": 2, "unexplained": 5}
    assert report.unexplained == [5, 6, 7, 8, 9]
    assert not report.good
