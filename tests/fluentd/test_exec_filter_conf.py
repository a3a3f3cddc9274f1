"""The shipped exec_filter configuration with the real Doorlog, in a real Fluentd."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pipeline import Pipeline, times_by_id
from real_fluentd import Command, Fluentd

STRAY_PRINTS = """
import os, threading, time
def chatter():
    while os.fstat(1) != os.fstat(2):  # Until stdout is claimed, it is nobody's but the interpreter's.
        time.sleep(0.01)
    while True:
        print("\\\\xc1 a library's stray print", flush=True)
        os.write(1, b"\\\\xc1\\\\xdb\\\\xff\\\\xff\\\\xff\\\\xff and a stray write")
        time.sleep(0.01)
threading.Thread(target=chatter, daemon=True).start()
"""

TORN = """
import os
from pathlib import Path
read, once = os.read, Path({once!r})
def torn(fd, size):
    data = read(fd, size)
    if fd == 0 and data and not once.exists():
        once.touch()
        return data[:1000] + bytes([0xc1]) + data[1000:]
    return data
os.read = torn
"""


@pytest.fixture
def pipeline(root: Path, fluentd: Command, tmp_path: Path) -> Iterator[Pipeline]:
    with closing(Pipeline(root, fluentd, tmp_path, "exec_filter.conf")) as pipeline:
        yield pipeline


def both_have(fluentd: Fluentd, count: int) -> bool:
    return len(fluentd.emitted("ecs")) >= count and len(fluentd.emitted("ocsf")) >= count


def test_records_come_back_as_ecs_and_ocsf_events_under_their_tags_at_the_exact_event_time(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    records = signins(40)
    with pipeline.start() as fluentd:
        pipeline.send(records)
        fluentd.wait_for(lambda: both_have(fluentd, 40))
        ecs, ocsf = fluentd.emitted("ecs"), fluentd.emitted("ocsf")
    assert [event.tag for event in ecs] == ["doorlog.ecs"] * 40
    assert [event.tag for event in ocsf] == ["doorlog.ocsf"] * 40
    assert [event.time for event in ecs] == [record["eventTime"] for record in records]
    assert [event.time for event in ocsf] == [record["eventTime"] for record in records]
    assert [event.document["event"]["id"] for event in ecs] == [record["eventID"] for record in records]
    assert [event.document["metadata"]["uid"] for event in ocsf] == [record["eventID"] for record in records]
    # OCSF's own `time`, in milliseconds, is neither taken for Fluentd's nor lost.
    assert [event.document["time"] % 1000 for event in ocsf] == [
        (number * 300_007 + 1) // 10**6 for number in range(40)
    ]
    assert not any(key in event.document for event in ecs + ocsf for key in ("__tag", "__time"))


def test_a_single_record_comes_out_without_waiting_for_others(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    with pipeline.start() as fluentd:
        pipeline.send(signins(1))
        fluentd.wait_for(lambda: both_have(fluentd, 1))


def test_a_file_of_cloudtrails_in_one_record_goes_through(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    records = signins(12_000)
    with pipeline.start({" --to ocsf": ""}) as fluentd:
        pipeline.send_as_it_is([{"Records": records}])
        fluentd.wait_for(lambda: len(fluentd.emitted("ecs")) >= len(records), pause=1)
        assert set(times_by_id(fluentd.emitted("ecs"))) == {record["eventID"] for record in records}


def test_json_from_the_child_comes_out_without_waiting_for_others(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    json_out = {
        "--to ocsf 2>>": "--to ocsf --output-format json 2>>",
        "<parse>\n    @type msgpack": "<parse>\n    @type json",
    }
    with pipeline.start(json_out) as fluentd:
        # Twice, since a parser that waits for a full block would let the first burst go when the second comes.
        for count in (1, 2):
            pipeline.send(signins(1))
            fluentd.wait_for(partial(both_have, fluentd, count))
        assert [event.document["time"] for event in fluentd.emitted("ocsf")] == [1718006472000] * 2


def test_json_both_ways_carries_tags_and_exact_times_too(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    json_both_ways = {
        "--to ocsf 2>>": "--to ocsf --input-format json --output-format json 2>>",
        "<format>\n    @type msgpack\n  </format>\n  <parse>\n    @type msgpack": (
            "<format>\n    @type json\n  </format>\n  <parse>\n    @type json"
        ),
    }
    records = signins(40)
    with pipeline.start(json_both_ways) as fluentd:
        pipeline.send([*records, {**records[0], "eventTime": "yesterday"}])
        fluentd.wait_for(lambda: both_have(fluentd, 40) and fluentd.emitted("reject"))
        ecs, ocsf, [reject] = (fluentd.emitted(name) for name in ("ecs", "ocsf", "reject"))
    assert [event.time for event in ecs] == [record["eventTime"] for record in records]
    assert [(event.time, event.tag) for event in ocsf] == [(record["eventTime"], "doorlog.ocsf") for record in records]
    assert [event.document["time"] // 1000 for event in ocsf] == [1718006472] * 40
    assert (reject.time, reject.tag) == ("2025-07-20T08:26:40.123456829Z", "doorlog.reject")


def test_what_json_does_not_have_comes_out_repaired_where_it_shows(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    [record] = signins(1)
    odd: list[Any] = [b"bin \xff", "text \udcff", "half \ud800", float("nan"), {"inside": [float("inf"), b"\xc3"]}]
    with pipeline.start() as fluentd:
        pipeline.send_as_it_is([{**record, "additionalEventData": {"odd": value}} for value in odd])
        fluentd.wait_for(lambda: len(fluentd.emitted("ocsf")) >= len(odd))
        kept = [event.document["unmapped"].get("additionalEventData") for event in fluentd.emitted("ocsf")]
    texts = [{"odd": text} for text in ("bin \ufffd", "text \ufffd\ufffd\ufffd", "half \ufffd\ufffd\ufffd")]
    assert kept == [*texts, {"odd": "NaN"}, {"odd": {"inside": ["Infinity", "\ufffd"]}}]


def test_a_torn_stream_ends_the_child_and_another_reads_on(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(TORN.format(once=str(tmp_path / "torn")))
    pipeline.doorlog(python_path=str(site))
    records = signins(60)
    with pipeline.start() as fluentd:
        pipeline.send(records[:20])
        fluentd.wait_for(lambda: [reject.document["reason"] for reject in fluentd.emitted("reject")] == ["bad_msgpack"])
        fluentd.wait_for(lambda: len(pipeline.pids.read_text().split()) == 2)
        pipeline.send(records[20:])
        later = {record["eventID"] for record in records[20:]}
        fluentd.wait_for(lambda: later <= times_by_id(fluentd.emitted("ecs")).keys())
    assert "stdin can't be read further" in (tmp_path / "doorlog.err").read_text()


def test_rejects_come_out_under_their_own_tag_at_the_time_their_records_came(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    good, bad = signins(2), [{**record, "eventTime": "yesterday"} for record in signins(3)]
    with pipeline.start() as fluentd:
        pipeline.send([*bad, *good])
        fluentd.wait_for(lambda: len(fluentd.emitted("reject")) >= 3 and len(fluentd.emitted("ecs")) >= 2)
        rejects = fluentd.emitted("reject")
        assert len(fluentd.emitted("ecs")) == 2
    assert [reject.tag for reject in rejects] == ["doorlog.reject"] * 3
    assert [reject.time for reject in rejects] == [f"2025-07-20T08:26:40.{123456789 + place}Z" for place in range(3)]
    # The record is there as it came, and without the keys that Fluentd had put in.
    assert [reject.document["record"] for reject in rejects] == bad


@pytest.mark.parametrize("in_flight", ["in the buffer", "in the child"])
def test_stopping_fluentd_with_records_in_flight_loses_none(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]], in_flight: str
) -> None:
    records = signins(3000)
    first = pipeline.start()
    pipeline.send(records)
    if in_flight == "in the child":
        first.wait_for(lambda: first.emitted("ecs"))
    first.stop()
    with pipeline.start() as second:
        expected = {record["eventID"]: record["eventTime"] for record in records}
        second.wait_for(lambda: times_by_id(second.emitted("ecs")) == expected)
        second.wait_for(lambda: len(second.emitted("ocsf")) >= len(records))


def test_a_child_that_is_told_to_stop_with_records_in_its_pipe_drains_it_first(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    records = signins(31)
    first = pipeline.start()
    pipeline.send(records[:1])
    first.wait_for(lambda: first.emitted("ecs"))
    # The child stands still: what Fluentd writes stays in the pipe, and is forgotten by Fluentd.
    child = pipeline.child()
    os.kill(child, signal.SIGSTOP)
    pipeline.send(records[1:])
    first.wait_for(lambda: not list(pipeline.folder.glob("buffer/records/*.log")))
    going_on = threading.Timer(2.0, os.kill, (child, signal.SIGCONT))
    going_on.start()
    first.stop()
    going_on.join()
    with pipeline.start() as second:
        expected = {record["eventID"]: record["eventTime"] for record in records}
        second.wait_for(lambda: times_by_id(second.emitted("ecs")) == expected)


def test_a_killed_child_is_replaced_and_later_records_come_through(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]]
) -> None:
    records = signins(20)
    with pipeline.start() as fluentd:
        pipeline.send(records[:10])
        fluentd.wait_for(lambda: len(fluentd.emitted("ecs")) >= 10)
        killed = pipeline.child()
        os.kill(killed, signal.SIGKILL)
        fluentd.wait_for(lambda: pipeline.child() != killed)
        pipeline.send(records[10:])
        fluentd.wait_for(lambda: len(times_by_id(fluentd.emitted("ecs"))) >= 20)


def test_what_others_print_to_stdout_harms_nothing(
    pipeline: Pipeline, signins: Callable[[int], list[dict[str, Any]]], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(STRAY_PRINTS)
    pipeline.doorlog(python_path=str(site))
    records = signins(2000)
    with pipeline.start() as fluentd:
        pipeline.send(records)
        fluentd.wait_for(lambda: len(times_by_id(fluentd.emitted("ecs"))) >= 2000)
    assert "a library's stray print" in (tmp_path / "doorlog.err").read_text(errors="replace")
