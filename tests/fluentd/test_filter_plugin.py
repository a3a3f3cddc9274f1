"""The filter plugin and its configuration, with the real Doorlog, in a real Fluentd."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pipeline import RECEIVED, Pipeline, times_by_id
from real_fluentd import Command

Signins = Callable[[int], list[dict[str, Any]]]

SHIPPED = "command doorlog fluentd filter --to ecs --event-time"
TO_ERROR = {"  reject_label @DOORLOG_REJECT\n": "", "<label @DOORLOG_REJECT>": "<label @ERROR>"}

POISONOUS = """
import os, sys, time
if "filter" in sys.argv:
    read = os.read
    def poisoned(fd, size):
        data = read(fd, size)
        if fd == 0 and b"poison" in data:
            {what}
        return data
    os.read = poisoned
"""


@pytest.fixture
def pipeline(root: Path, fluentd: Command, tmp_path: Path) -> Iterator[Pipeline]:
    with closing(Pipeline(root, fluentd, tmp_path, "filter.conf")) as pipeline:
        yield pipeline


def ids(events: list[Any]) -> list[str]:
    return [event.document["event"]["id"] for event in events]


def running(pid: int) -> bool:
    """Whether a process is there and no mere entry of one that has ended."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def poisoned(pipeline: Pipeline, folder: Path, what: str) -> None:
    """A Doorlog that does this when a record says "poison"."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(POISONOUS.format(what=what))
    pipeline.doorlog(python_path=str(folder))


def test_events_take_their_records_place_with_the_same_tag_and_the_exact_event_time(
    pipeline: Pipeline, signins: Signins
) -> None:
    records = signins(40)
    with pipeline.start() as fluentd:
        pipeline.send(records)
        fluentd.wait_for(lambda: len(fluentd.emitted("ecs")) >= 40)
        events = fluentd.emitted("ecs")
    assert {event.tag for event in events} == {"cloudtrail.s3"}
    assert [event.time for event in events] == [record["eventTime"] for record in records]
    assert ids(events) == [record["eventID"] for record in records]


def test_without_event_time_an_event_keeps_the_time_that_its_record_came_with(
    pipeline: Pipeline, signins: Signins
) -> None:
    with pipeline.start({SHIPPED: "command doorlog fluentd filter --to ecs --to ocsf"}) as fluentd:
        pipeline.send([*signins(2), {"Records": signins(4)[2:]}])
        fluentd.wait_for(lambda: len(fluentd.emitted("ecs")) >= 8)
        events = fluentd.emitted("ecs")
    # One record gives an event of each target, an envelope gives those of all its records.
    places = [0, 0, 1, 1, 2, 2, 2, 2]
    assert [event.time for event in events] == [f"2025-07-20T08:26:40.{RECEIVED % 10**9 + place}Z" for place in places]
    assert ["event" in event.document for event in events] == [True, False] * 4
    assert [event.document["metadata"]["uid"] for event in events[1::2]] == [f"event-{number}" for number in range(4)]


def test_batches_may_come_in_gzip(pipeline: Pipeline, signins: Signins) -> None:
    with pipeline.start() as fluentd:
        pipeline.send(signins(100), compress=True)
        fluentd.wait_for(lambda: len(fluentd.emitted("ecs")) >= 100)
        assert ids(fluentd.emitted("ecs")) == [f"event-{number}" for number in range(100)]


@pytest.mark.parametrize("to_error", [False, True])
def test_rejects_leave_the_route_for_their_label_or_for_error(
    pipeline: Pipeline, signins: Signins, to_error: bool
) -> None:
    bad = [{**record, "eventTime": "yesterday"} for record in signins(3)]
    with pipeline.start(TO_ERROR if to_error else {}) as fluentd:
        pipeline.send([*bad, *signins(2), {"no": "sign-in"}])
        fluentd.wait_for(lambda: len(fluentd.emitted("reject")) >= 3 and len(fluentd.emitted("ecs")) >= 2)
        rejects = fluentd.emitted("reject")
        assert len(fluentd.emitted("ecs")) == 2
        assert ("DoorlogFilter::Rejected" in fluentd.log.read_text()) is to_error
    assert [(reject.tag, reject.document["record"]) for reject in rejects] == [("cloudtrail.s3", one) for one in bad]
    assert [reject.time for reject in rejects] == [f"2025-07-20T08:26:40.{123456789 + place}Z" for place in range(3)]
    assert rejects[1].document["source"] == {"name": "cloudtrail.s3", "line": 2, "index": 0}


def test_children_killed_and_stopped_while_records_flow_cost_none_of_them(pipeline: Pipeline, signins: Signins) -> None:
    records = iter(signins(20_000))
    sent: list[dict[str, Any]] = []
    failures: list[BaseException] = []
    enough = threading.Event()

    def send() -> None:
        try:
            while not enough.is_set():
                batch = list(islice(records, 20))
                pipeline.send(batch)
                sent.extend(batch)
        except BaseException as failure:
            failures.append(failure)

    with pipeline.start({SHIPPED: f"{SHIPPED}\n  timeout 3s"}) as fluentd:
        sending = threading.Thread(target=send)
        sending.start()
        for number in signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL, signal.SIGSTOP, signal.SIGKILL:
            time.sleep(1.2)
            # One that is stopped hangs until the plugin kills it.
            pipeline.signal_child(number)
        time.sleep(1)
        enough.set()
        sending.join(60)
        assert failures == []
        assert fluentd.log.read_text().count("doorlog: the child was lost and is replaced") >= 4
        expected = {record["eventID"]: record["eventTime"] for record in sent}
        fluentd.wait_for(lambda: times_by_id(fluentd.emitted("ecs")) == expected)
        # A batch is done again only where its answer was lost, so nothing comes twice.
        assert len(fluentd.emitted("ecs")) == len(sent)


@pytest.mark.parametrize("what", ["os._exit(1)", "time.sleep(600)"])
def test_an_event_that_ends_every_child_goes_to_error_alone(
    pipeline: Pipeline, signins: Signins, tmp_path: Path, what: str
) -> None:
    poisoned(pipeline, tmp_path / "site", what)
    records = signins(7)
    records[3]["userAgent"] = "poison"
    with pipeline.start({**TO_ERROR, SHIPPED: f"{SHIPPED}\n  timeout 3s"}) as fluentd:
        pipeline.send(records, answer=60)
        fluentd.wait_for(lambda: len(fluentd.emitted("ecs")) >= 6 and fluentd.emitted("reject"))
        assert ids(fluentd.emitted("ecs")) == [f"event-{number}" for number in (0, 1, 2, 4, 5, 6)]
        [lost] = fluentd.emitted("reject")
    assert lost.document == records[3]
    assert (lost.tag, lost.time) == ("cloudtrail.s3", "2025-07-20T08:26:40.123456792Z")
    assert "DoorlogFilter::Lost" in fluentd.log.read_text()


def test_a_doorlog_that_can_not_start_stops_fluentd_from_starting_and_says_why(pipeline: Pipeline) -> None:
    with pytest.raises(AssertionError) as told:
        pipeline.start({"--to ecs": "--to esc"})
    assert "Fluentd has ended" in str(told.value)
    assert "'esc'" in str(told.value)
    assert "config error" in str(told.value)


def test_stopping_fluentd_ends_the_child_even_if_that_hangs(pipeline: Pipeline, signins: Signins) -> None:
    with pipeline.start() as fluentd:
        pipeline.send(signins(1))
        child = pipeline.child()
        os.kill(child, signal.SIGSTOP)
        began = time.monotonic()
        fluentd.stop()
        assert time.monotonic() - began < 15
    assert not running(child)


def test_each_worker_has_its_own_child(pipeline: Pipeline, signins: Signins) -> None:
    with pipeline.start(system="<system>\n  workers 2\n</system>\n") as fluentd:
        pids = pipeline.pids.read_text().split()
        assert len(set(pids)) == 2
        for number, record in enumerate(signins(20)):
            pipeline.send([{**record, "eventID": f"{number}"}])
        fluentd.wait_for(lambda: set(ids(fluentd.emitted("ecs"))) == {f"{number}" for number in range(20)})


def test_the_plugin_is_short_enough_to_read_in_a_minute(root: Path) -> None:
    text = (root / "plugin" / "fluentd" / "filter_doorlog.rb").read_text()
    code = [line for line in text.splitlines() if not re.match(r"\s*(#|$)", line)]
    assert len(code) <= 100
