"""As the child of Fluentd's filter plugin: one batch in, one answer out, whatever is in it."""

from __future__ import annotations

import os
import select
import signal
import struct
from pathlib import Path
from typing import Any

import msgpack
import pytest
from cli_process import Doorlog, Start, record

from doorlog.cli.fluentd import WAYS

READY = ["doorlog", 1]


def time(nanoseconds: int = 123456789) -> msgpack.ExtType:
    """An EventTime of Fluentd's."""
    return msgpack.ExtType(0, struct.pack(">II", 1753000000, nanoseconds))


def batch(*entries: Any, tag: str = "cloudtrail.s3") -> bytes:
    data: bytes = msgpack.packb([tag, b"".join(map(msgpack.packb, entries))])
    return data


def values(data: bytes) -> list[Any]:
    unpacker = msgpack.Unpacker()
    unpacker.feed(data)
    return list(unpacker)


def answers(out: bytes) -> list[tuple[list[Any], list[Any]]]:
    """For each batch its events and its rejects."""
    ready, *rest = values(out)
    assert ready == READY
    read = [(values(stream), number, rejects) for stream, number, rejects in rest]
    assert [len(events) for events, _, _ in read] == [number for _, number, _ in read]
    return [(events, rejects) for events, _, rejects in read]


def test_each_batch_has_its_answer_with_times_untouched(doorlog: Doorlog) -> None:
    times = [time(1), 1753000000, 1753000000.5]
    told = batch(*([moment, record(eventID=f"{place}")] for place, moment in enumerate(times)))
    done = doorlog("fluentd", "filter", input=told + batch([time(2), record()]) + batch())
    assert done.returncode == 0
    first, second, third = answers(done.stdout)
    assert [moment for moment, _ in first[0]] == times
    assert [event["event"]["id"] for _, event in first[0]] == ["0", "1", "2"]
    assert [moment for moment, _ in second[0]] == [time(2)]
    assert third == ([], [])
    assert done.stderr == b"doorlog: read 4, delivered 4, rejected 0, skipped 0\n"


def test_events_of_each_target_and_of_every_record_in_an_envelope_share_the_entrys_time(doorlog: Doorlog) -> None:
    envelope = {"Records": [record(eventID="1"), record(eventID="2")]}
    done = doorlog("fluentd", "filter", "--to", "ecs", "--to", "ocsf", input=batch([time(7), envelope]))
    [(events, rejects)] = answers(done.stdout)
    assert rejects == []
    assert [moment for moment, _ in events] == [time(7)] * 4
    assert ["ecs" in event for _, event in events] == [True, False, True, False]


def test_events_have_their_own_time_if_asked_for(doorlog: Doorlog) -> None:
    told = batch(*([time(), record(eventTime=f"2024-06-10T13:05:00{rest}Z")] for rest in ("", ".000000001")))
    [(events, _)] = answers(doorlog("fluentd", "filter", "--event-time", input=told).stdout)
    own = [msgpack.ExtType(0, struct.pack(">II", 1718024700, fraction)) for fraction in (0, 1)]
    assert [moment for moment, _ in events] == own


def test_rejects_come_beside_the_events_and_skips_not_at_all(doorlog: Doorlog) -> None:
    bad = record(eventTime="yesterday")
    done = doorlog("fluentd", "filter", input=batch([time(1), bad], [time(2), {"no": "sign-in"}], [time(3), record()]))
    [(events, [[moment, reject]])] = answers(done.stdout)
    assert [at for at, _ in events] == [time(3)]
    assert (moment, reject["reason"], reject["record"]) == (time(1), "invalid_record", bad)
    assert reject["source"] == {"name": "cloudtrail.s3", "line": 1, "index": 0}


@pytest.mark.parametrize("damaged", [b"\x92\x01", b"\x93\x01\x80\x80", b"\x05", b"\xc1", b"\x92\x01\x81\x80\x01"])
def test_a_damaged_entry_is_a_reject_and_the_child_goes_on(doorlog: Doorlog, damaged: bytes) -> None:
    good = msgpack.packb([time(), record()])
    told = msgpack.packb(["t", good + damaged]) + batch([time(), record()])
    first, second = answers(doorlog("fluentd", "filter", input=told).stdout)
    assert len(first[0]) == len(second[0]) == 1
    assert [reject["reason"] for _, reject in first[1]] == ["bad_msgpack"]


def test_what_json_does_not_have_is_repaired_where_it_shows(doorlog: Doorlog) -> None:
    odd = record(userAgent=b"a\xffb", extra={"nan": float("nan"), "bin": b"\x00", "when": time()})
    [(events, rejects)] = answers(doorlog("fluentd", "filter", input=batch([time(), odd])).stdout)
    assert rejects == []
    assert events[0][1]["user_agent"]["original"] == "a\ufffdb"
    assert events[0][1]["aws"]["cloudtrail"]["flattened"]["unmapped"]["extra"]["nan"] == "NaN"


def test_an_answer_comes_while_the_input_stays_open_and_signals_end_nothing(start: Start) -> None:
    process = start("fluentd", "filter")
    assert process.stdin is not None
    assert process.stdout is not None
    seen = msgpack.Unpacker()
    expected = [READY]
    for number in (signal.SIGTERM, signal.SIGINT, None):
        while len(expected):
            assert select.select([process.stdout], [], [], 20)[0]
            seen.feed(os.read(process.stdout.fileno(), 1 << 20))
            for _ in seen:
                expected.pop()
        if number is not None:
            process.send_signal(number)
            process.stdin.write(batch([time(), record()]))
            expected = [None]
    process.stdin.close()
    process.stdin = None
    assert process.wait(20) == 0


@pytest.mark.parametrize("nonsense", [b"\xc1", b"GET / HTTP/1.1\r\n", msgpack.packb(["t", 5]), msgpack.packb([1, b""])])
def test_what_is_no_stream_of_batches_ends_the_child(doorlog: Doorlog, nonsense: bytes) -> None:
    done = doorlog("fluentd", "filter", input=nonsense)
    assert done.returncode == 3
    assert values(done.stdout) == [READY]
    assert done.stderr == b"doorlog: stdin is no stream of the Fluentd plugin's batches\n"


def test_a_mapping_that_can_not_be_loaded_is_told_before_the_child_says_that_it_is_ready(doorlog: Doorlog) -> None:
    done = doorlog("fluentd", "filter", "--to", "esc")
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"'esc'" in done.stderr


def test_the_plugin_is_where_plugin_dir_says(doorlog: Doorlog) -> None:
    folder = Path(os.fsdecode(doorlog("fluentd", "plugin-dir").stdout).rstrip("\n"))
    assert (folder / "filter_doorlog.rb").is_file()
    assert str(READY).replace("'", '"') in (folder / "filter_doorlog.rb").read_text()


@pytest.mark.parametrize("way", WAYS)
def test_a_configuration_names_doorlog_and_its_files_by_whole_paths(doorlog: Doorlog, tmp_path: Path, way: str) -> None:
    printed = doorlog("fluentd", "config", way, "--folder", tmp_path).stdout.decode()
    settings = [line.split() for line in printed.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert not any(word.startswith(("/var/lib/fluentd", "/var/log/fluentd")) for words in settings for word in words)
    started = [words[1:] for words in settings if words[0] == "command"]
    assert all(Path(words[words[0] == "exec"]).is_absolute() for words in started)
    assert len(started) == (way not in ("forward", "relay"))
    (tmp_path / "doorlog.conf").write_text(printed)
    assert b"; 0 traps found" in doorlog("doctor", tmp_path / "doorlog.conf").stdout


def test_every_configuration_for_fluentd_can_be_printed(root: Path) -> None:
    shipped = {path.stem for path in (root / "plugin" / "fluentd").glob("*.conf")}
    assert set(WAYS) == shipped - {"fluent-bit"}
