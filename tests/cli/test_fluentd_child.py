"""As a child of Fluentd's exec_filter: MessagePack both ways, tag and time with each event, deaf to signals."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import time
from pathlib import Path
from typing import Any

import msgpack
from cli_process import Doorlog, Start, record

TIME = "2024-06-10T13:05:07.123456789Z"


def packed(**more: Any) -> bytes:
    """A record as Fluentd hands it to a child, with `<inject>` for tag and time."""
    data: bytes = msgpack.packb({**record(**more), "__tag": "cloudtrail.signin", "__time": TIME})
    return data


def unpacked(data: bytes) -> list[dict[str, Any]]:
    unpacker = msgpack.Unpacker(strict_map_key=True)
    unpacker.feed(data)
    return list(unpacker)


def ignores(pid: int, number: int) -> bool:
    """Whether a process ignores a signal."""
    ignored = re.search(r"^SigIgn:\s*([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return ignored is not None and bool(int(ignored[1], 16) >> (number - 1) & 1)


def test_each_event_names_its_tag_and_its_own_time(doorlog: Doorlog) -> None:
    done = doorlog("--fluentd", "--to", "ecs", "--to", "ocsf", input=packed())
    ecs, ocsf = unpacked(done.stdout)
    assert (ecs.pop("__tag"), ecs.pop("__time")) == ("doorlog.ecs", "2024-06-10T13:05:00.000000000Z")
    assert (ocsf.pop("__tag"), ocsf.pop("__time")) == ("doorlog.ocsf", "2024-06-10T13:05:00.000000000Z")
    alone = doorlog("--to", "ecs", "--to", "ocsf", input=json.dumps(record()).encode())
    assert [ecs, ocsf] == [json.loads(text) for text in alone.stdout.splitlines()]


def test_rejects_travel_on_stdout_under_their_own_tag_with_the_time_they_came_with(doorlog: Doorlog) -> None:
    done = doorlog("--fluentd", "--tag-prefix", "siem", input=packed(eventTime="yesterday"))
    [reject] = unpacked(done.stdout)
    assert (reject["__tag"], reject["__time"], reject["reason"]) == ("siem.reject", TIME, "invalid_record")
    assert reject["record"] == record(eventTime="yesterday")
    assert done.returncode == 0


def test_rejects_can_go_to_a_file_instead(doorlog: Doorlog, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.ndjson"
    done = doorlog("--fluentd", "--rejects", rejects, input=packed(eventTime="yesterday"))
    assert done.stdout == b""
    assert json.loads(rejects.read_bytes())["reason"] == "invalid_record"


def test_json_both_ways_is_possible_too(doorlog: Doorlog) -> None:
    line = json.dumps({**record(), "__tag": "t", "__time": TIME}).encode() + b"\n"
    done = doorlog("--fluentd", "--input-format", "json", "--output-format", "json", input=line)
    assert json.loads(done.stdout)["__tag"] == "doorlog.ecs"


def test_an_event_comes_out_while_the_input_stays_open(start: Start) -> None:
    process = start("--fluentd")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(packed())
    assert select.select([process.stdout], [], [], 20)[0]
    os.read(process.stdout.fileno(), 1 << 20)
    process.stdin.write(packed())
    assert select.select([process.stdout], [], [], 0.2)[0]


def test_the_signals_of_a_shutdown_lose_nothing_that_is_in_the_pipe(start: Start) -> None:
    process = start("--fluentd")
    assert process.stdin is not None
    process.stdin.write(packed() * 30)
    # It is deaf before it has loaded its mappings, since a shutdown may come at any moment.
    until = time.monotonic() + 20
    while not ignores(process.pid, signal.SIGTERM) and time.monotonic() < until:
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    process.stdin.write(packed() * 30)
    process.stdin.close()
    process.stdin = None
    out, err = process.communicate(timeout=20)
    assert len(unpacked(out)) == 60
    assert process.returncode == 0
    assert err == b"doorlog: read 60, delivered 60, rejected 0, skipped 0\n"


def test_a_damaged_stream_ends_the_child_so_that_fluentd_starts_another(start: Start) -> None:
    process = start("--fluentd", "--quiet")
    assert process.stdin is not None
    process.stdin.write(packed() + b"\xc1" + packed())
    # stdin stays open, as it does in Fluentd.
    assert process.wait(timeout=20) == 3
    assert process.stdout is not None
    assert process.stderr is not None
    event, reject = unpacked(process.stdout.read())
    assert (event["__tag"], reject["__tag"], reject["reason"]) == ("doorlog.ecs", "doorlog.reject", "bad_msgpack")
    assert process.stderr.read() == b"doorlog: stdin can't be read further; its last reject says why\n"


def test_no_stray_print_reaches_the_stream(doorlog: Doorlog, root: Path, tmp_path: Path) -> None:
    noisy = ["import os", "read = os.read", "os.read = lambda *given: print('stray', flush=True) or read(*given)"]
    (tmp_path / "sitecustomize.py").write_text("\n".join(noisy))
    done = doorlog("--fluentd", input=packed() * 2, PYTHONPATH=f"{tmp_path}{os.pathsep}{root / 'plugin'}")
    assert [event["__tag"] for event in unpacked(done.stdout)] == ["doorlog.ecs"] * 2
    assert b"stray" in done.stderr


def test_the_output_of_a_child_is_stdout(doorlog: Doorlog, tmp_path: Path) -> None:
    done = doorlog("--fluentd", "--output", f"file:{tmp_path / 'out'}", input=packed())
    assert done.returncode == 2
    assert b"Fluentd reads its stdout" in done.stderr
