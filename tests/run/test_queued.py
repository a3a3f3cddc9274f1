"""The books of a run whose output has a queue: what a server has confirmed is delivered, and nothing before."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stand_ins import Doubling, Kept, WordStream

from doorlog.counts import Counts
from doorlog.outputs import DeliveryFailed, ForwardOutput, ForwardSettings, Patience, open_forward
from doorlog.record import Found, Json
from doorlog.run import Source, Way, run
from doorlog.stopping import Stopping

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "outputs"))

from faulty_server import FaultyServer


class Single(Doubling):
    targets = ("ecs",)  # type: ignore[assignment]

    def __call__(self, record: Json) -> tuple[Json]:
        return (record,)


class OneWord(WordStream):
    """A stream that finds a word in whatever it reads."""

    def read(self, data: bytes) -> list[Found]:
        return super().read(b"good\n")


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with FaultyServer() as server:
        yield server


def output_to(server: FaultyServer, *targets: str, answer: float = 0.4, give_up: float = 20.0) -> ForwardOutput:
    settings = ForwardSettings(Patience(answer=answer, give_up=give_up), linger=0)
    return open_forward(
        f"fluentd://127.0.0.1:{server.port}/x", targets, settings=settings, refused=lambda refused: True
    )


def a_run(words: list[str], normalize: Doubling, output: ForwardOutput, counts: Counts, folder: Path) -> None:
    source = folder / "words"
    source.write_text("".join(f"{word}\n" for word in words))
    with Stopping(grace=1) as stopping:
        stopping.checks.append(output.check)
        try:
            run([Source("words", source)], WordStream, Way(normalize, output, Kept(), counts), stopping)
        finally:
            output.close()


def test_everything_is_delivered_at_the_end(server: FaultyServer, tmp_path: Path) -> None:
    counts = Counts()
    server.faults += ["silent", "hang_up", "wrong"]
    a_run(["good"] * 12_000 + ["skip"] * 3, Doubling(), output_to(server, "ecs", "ocsf"), counts, tmp_path)
    assert (counts.read, counts.delivered, counts.in_flight, counts.balanced) == (12_003, 12_000, 0, True)


def test_what_was_confirmed_before_a_failure_is_delivered_and_the_rest_is_not(
    server: FaultyServer, tmp_path: Path
) -> None:
    counts = Counts()
    server.faults += ["ack"] * 3 + ["silent"] * 100
    # A busy machine must not make the acks late.
    output = output_to(server, "ecs", answer=3.0, give_up=4.0)
    with pytest.raises(DeliveryFailed):
        a_run(["good"] * 12_000, Single(), output, counts, tmp_path)
    assert counts.balanced
    assert counts.delivered == sum(option["size"] for option in server.options[:3])
    assert counts.delivered + counts.in_flight == counts.read


def test_a_record_of_which_a_server_refuses_both_events_is_rejected_once(server: FaultyServer, tmp_path: Path) -> None:
    counts = Counts()
    server._poison = lambda record: "odd" in record.values()
    a_run(["good", "odd", "good"], Doubling(), output_to(server, "ecs", "ocsf"), counts, tmp_path)
    assert (counts.delivered, counts.rejected, counts.in_flight) == (2, {"refused": 1}, 0)


def test_a_sender_that_gives_up_ends_the_reading_of_an_input_that_has_nothing_new(server: FaultyServer) -> None:
    counts, (reading, writing) = Counts(), os.pipe()
    server.faults += ["silent"] * 100
    os.write(writing, b"good\n")
    with Stopping(grace=1) as stopping:
        settings = ForwardSettings(Patience(answer=0.2, give_up=0.5), linger=0)
        output = open_forward(f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=settings, failed=stopping.wake)
        stopping.checks.append(output.check)
        way = Way(Single(), output, Kept(), counts)
        began = time.monotonic()
        with pytest.raises(DeliveryFailed, match="1 events not confirmed: no ack in time"):
            while data := stopping.read(reading):
                way.settle(WordStream().read(data), "pipe")
        assert time.monotonic() - began < 5
        way.tell()
        output.close()
    os.close(reading)
    os.close(writing)
    assert (counts.delivered, counts.in_flight) == (0, 1)


def test_what_was_left_unread_is_told_also_where_events_are_not_confirmed(server: FaultyServer) -> None:
    server.faults += ["silent"] * 100
    with Stopping(grace=0.2) as stopping:
        settings = ForwardSettings(Patience(answer=0.2, give_up=20), linger=0)
        output = open_forward(f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=settings, stop=stopping.latest)
        os.kill(os.getpid(), signal.SIGTERM)
        told = r"^zeros was not read to its end within the grace after SIGTERM; fluentd://.*events not confirmed"
        with pytest.raises(DeliveryFailed, match=told):
            run([Source("zeros", Path("/dev/zero"))], OneWord, Way(Single(), output, Kept(), Counts()), stopping)
        output.close()
