"""The loop: everything read is settled in order, burst by burst, and the books agree whatever happens."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import Doubling, Kept, WordStream

from doorlog.counts import Counts
from doorlog.errors import InputFailed, OutputFailed
from doorlog.outputs import DeliveryFailed, Event
from doorlog.record import Carried, Found, Json
from doorlog.run import SLICE, Source, Way, run
from doorlog.stopping import Stopping


def words(*given: str) -> list[Found]:
    return WordStream().read(("\n".join(given) + "\n").encode())


@given(st.lists(st.sampled_from(["good", "bad", "skip", "noise"])))
def test_the_counts_add_up_for_every_mixture(mixture: list[str]) -> None:
    counts, output, rejects = Counts(), Kept(), Kept()
    Way(Doubling(), output, rejects, counts).settle(words(*mixture) if mixture else [], "words")
    assert counts.balanced
    assert counts.in_flight == 0
    assert counts.delivered == mixture.count("good")
    assert counts.rejected.total() == len(rejects.rejects) == mixture.count("bad") + mixture.count("noise")
    assert counts.skipped.total() == mixture.count("skip")
    assert len(output.events) == 2 * mixture.count("good")


def test_the_events_of_a_record_follow_each_other_in_the_order_asked_for() -> None:
    output = Kept()
    way = Way(Doubling(), output, Kept(), Counts(), timed=True)
    way.settle(words("one", "three"), "w")
    assert output.bursts == [
        [
            Event({"ecs": "one"}, "ecs", 3, None),
            Event({"ocsf": "one"}, "ocsf", 3, None),
            Event({"ecs": "three"}, "ecs", 5, None),
            Event({"ocsf": "three"}, "ocsf", 5, None),
        ]
    ]


def test_what_a_record_carried_is_on_each_of_its_events_and_on_its_reject() -> None:
    output, rejects = Kept(), Kept()
    carried = Carried("cloudtrail", 1.5)
    Way(Doubling(), output, rejects, Counts()).settle(
        [({"word": "good"}, 1, 0, carried), ({"word": "bad"}, 2, 4, carried)], "w"
    )
    assert {event.carried for event in output.events} == {carried}
    [reject] = rejects.rejects
    assert (reject.source, reject.line, reject.index, reject.carried) == ("w", 2, 4, carried)


def test_a_huge_burst_is_written_in_slices() -> None:
    counts, output = Counts(), Kept()
    Way(Doubling(), output, Kept(), counts).settle(words(*["good"] * (2 * SLICE + 1)), "w")
    assert [len(burst) for burst in output.bursts] == [2 * SLICE, 2 * SLICE, 2]
    assert counts.delivered == 2 * SLICE + 1


def test_a_burst_that_is_not_written_is_not_delivered() -> None:
    counts = Counts()
    with pytest.raises(OutputFailed):
        Way(Doubling(), Kept(most=1), Kept(), counts).settle(words(*["good"] * SLICE, "skip", "good", "bad"), "w")
    assert counts.balanced
    assert (counts.delivered, counts.skipped.total(), counts.rejected.total(), counts.in_flight) == (SLICE, 1, 1, 1)


def test_a_reject_that_is_not_kept_is_not_rejected() -> None:
    class Full(Kept):
        def take(self, rejects: object) -> None:
            raise OutputFailed("full")

    counts = Counts()
    with pytest.raises(OutputFailed):
        Way(Doubling(), Kept(), Full(), counts).settle(words("good", "bad"), "w")
    assert counts.balanced
    assert (counts.delivered, counts.rejected.total(), counts.in_flight) == (1, 0, 1)


def test_rejects_are_kept_also_where_the_events_of_their_burst_are_not() -> None:
    counts, rejects = Counts(), Kept()
    with pytest.raises(OutputFailed):
        Way(Doubling(), Kept(most=0), rejects, counts).settle(words("good", "bad", "noise"), "w")
    assert [rejected.reject.reason for rejected in rejects.rejects] == ["invalid_record", "not_json"]
    assert counts.balanced
    assert (counts.delivered, counts.rejected.total(), counts.in_flight) == (0, 2, 1)


class Half:
    """An output whose server confirms half of each burst."""

    def write(self, events: Iterable[Event]) -> None:
        raise DeliveryFailed("gone", len(list(events)) // 2)

    def close(self) -> None:
        pass


class Single(Doubling):
    targets = ("ecs",)  # type: ignore[assignment]

    def __call__(self, record: Json) -> tuple[Json]:
        return (record,)


def test_what_a_server_confirmed_before_it_failed_is_delivered() -> None:
    counts = Counts()
    with pytest.raises(DeliveryFailed):
        Way(Single(), Half(), Kept(), counts).settle(words("a", "b", "c", "d"), "w")
    assert (counts.delivered, counts.in_flight, counts.balanced) == (2, 2, True)


def test_sources_are_read_in_order_each_from_a_fresh_start(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\nto")
    (tmp_path / "b").write_text("two\n")
    counts, output, rejects = Counts(), Kept(), Kept()
    way = Way(Doubling(), output, rejects, counts)
    with Stopping(grace=1) as stopping:
        left = run([Source(name, tmp_path / name) for name in "ab"], WordStream, way, stopping)
    assert left == []
    assert [event.document for event in output.events if event.target == "ecs"] == [{"ecs": "one"}, {"ecs": "two"}]
    assert [(reject.source, reject.line, reject.reject.reason) for reject in rejects.rejects] == [("a", 2, "torn_text")]


class Broken(WordStream):
    """A stream that can't be read on after its first bytes."""

    broken = True


def test_a_stream_that_cannot_be_read_on_is_told_and_the_next_source_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\n" * (1 << 20))
    counts = Counts()
    with Stopping(grace=1) as stopping:
        left = run(
            [Source(name, tmp_path / "a") for name in "ab"], Broken, Way(Doubling(), Kept(), Kept(), counts), stopping
        )
    assert left == [f"{name} can't be read further; its last reject says why" for name in "ab"]
    assert 0 < counts.delivered < 1 << 20


def test_what_the_grace_leaves_unread_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\n")
    with Stopping(grace=0) as stopping:
        os.kill(os.getpid(), signal.SIGTERM)
        sources = [Source("zeros", Path("/dev/zero")), Source("a", tmp_path / "a")]
        left = run(sources, WordStream, Way(Doubling(), Kept(), Kept(), Counts()), stopping)
    assert left == [f"{name} was not read to its end within the grace after SIGTERM" for name in ("zeros", "a")]


def test_an_input_that_fails_is_named(tmp_path: Path) -> None:
    way = Way(Doubling(), Kept(), Kept(), Counts())
    with Stopping(grace=1) as stopping:
        with pytest.raises(InputFailed, match=r"can't read gone: No such file or directory"):
            run([Source("gone", tmp_path / "gone")], WordStream, way, stopping)
        with pytest.raises(InputFailed, match=r"can't read folder: Is a directory"):
            run([Source("folder", tmp_path)], WordStream, way, stopping)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\n")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with Stopping(grace=1) as stopping:
            run([Source("a", tmp_path / "a")], WordStream, Way(Doubling(), Kept(), Kept(), Counts()), stopping)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
