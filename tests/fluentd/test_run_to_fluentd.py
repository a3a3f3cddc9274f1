"""`doorlog run` with a Forward server that somebody else wrote at its other end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from node_server import NodeServer

Doorlog = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def doorlog(root: Path) -> Doorlog:
    """Starts this checkout's `doorlog run`."""

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "doorlog", "run", *arguments],
            env={**os.environ, "PYTHONPATH": str(root / "plugin")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start


@pytest.fixture
def signin(root: Path) -> dict[str, Any]:
    """One of the example records."""
    record: dict[str, Any] = json.loads((root / "examples" / "signins.ndjson").read_bytes().splitlines()[0])
    return record


def lines(records: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def test_events_of_each_target_and_rejects_arrive_under_their_tags_at_the_event_time(
    start_node_server: Callable[..., NodeServer], doorlog: Doorlog, signin: dict[str, Any]
) -> None:
    server = start_node_server()
    there = f"fluentd://127.0.0.1:{server.port}/aws.signin"
    records = [{**signin, "eventTime": f"2024-06-10T08:01:12.{number:09d}Z"} for number in range(1200)]
    run = doorlog("--to", "ecs", "--to", "ocsf", "--output", there, "--rejects", f"{there}.reject")
    _, told = run.communicate(lines([*records, {**signin, "eventTime": "yesterday"}]), timeout=60)
    assert run.returncode == 0, told
    arrived = server.stop()
    for target in ("ecs", "ocsf"):
        times = [(one["seconds"], one["nanoseconds"]) for one in arrived if one["tag"] == f"aws.signin.{target}"]
        assert times == [(1718006472, number) for number in range(1200)]
    (reject,) = [one for one in arrived if one["tag"] == "aws.signin.reject"]
    assert reject["record"]["record"]["eventTime"] == "yesterday"
    assert len(arrived) == 2401


def test_a_single_target_has_the_tag_that_was_asked_for(
    start_node_server: Callable[..., NodeServer], doorlog: Doorlog, signin: dict[str, Any]
) -> None:
    server = start_node_server()
    run = doorlog("--to", "ocsf", "--output", f"fluentd://127.0.0.1:{server.port}/aws.signin")
    run.communicate(lines([signin]), timeout=60)
    assert [one["tag"] for one in server.stop()] == ["aws.signin"]


def test_a_server_killed_and_restarted_under_a_run_loses_nothing(
    start_node_server: Callable[..., NodeServer], doorlog: Doorlog, signin: dict[str, Any], tmp_path: Path
) -> None:
    records = [{**signin, "eventID": f"event-{number}"} for number in range(20_000)]
    (tmp_path / "records.ndjson").write_bytes(lines(records))
    server = start_node_server()
    run = doorlog("--output", f"fluentd://127.0.0.1:{server.port}/aws.signin", str(tmp_path / "records.ndjson"))
    arrived = [server.next() for _ in range(2000)]
    arrived += server.kill()
    server = start_node_server(port=server.port)
    _, told = run.communicate(timeout=120)
    assert run.returncode == 0, told
    arrived += server.stop()
    assert {one["record"]["event"]["id"] for one in arrived} == {record["eventID"] for record in records}


def test_sigterm_ends_a_run_whose_server_never_acks_and_the_exit_code_says_that_events_are_missing(
    start_node_server: Callable[..., NodeServer], doorlog: Doorlog, signin: dict[str, Any]
) -> None:
    server = start_node_server(drop_acks=1_000_000)
    run = doorlog("--output", f"fluentd://127.0.0.1:{server.port}/aws.signin", "--grace", "1")
    assert run.stdin is not None
    run.stdin.write(lines([signin, signin]))
    run.stdin.flush()
    server.next()
    began = time.monotonic()
    run.send_signal(signal.SIGTERM)
    _, told = run.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert run.returncode == 3
    assert f"127.0.0.1:{server.port}".encode() in told
    assert b"2 events not confirmed" in told
