"""The configurations for other sources and destinations, in a real Fluentd.

The plugins for S3, Elasticsearch and OpenSearch are stood in for by `stand_ins/`, which take the same settings.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from real_fluentd import Command, Fluentd, adapted, unused_port

HERE = Path(__file__).resolve().parent
Signins = Callable[[int], list[dict[str, Any]]]
BAD = {"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com", "eventTime": "yesterday"}

NOTHING: Mapping[str, str] = {}


@pytest.fixture
def place(root: Path, tmp_path: Path) -> Path:
    """A folder with `doorlog` in its bin."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "doorlog"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{root / "plugin"}" exec "{sys.executable}" -m doorlog "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def started(root: Path, fluentd: Command, place: Path, text: str, **environment: str) -> Fluentd:
    command = Command(fluentd.name, fluentd.words, {**fluentd.environment, **environment})
    plugins = ("-p", str(root / "plugin" / "fluentd"), "-p", str(HERE / "stand_ins"))
    return Fluentd(command, text, place, options=plugins, path=f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}")


def indexed(path: Path) -> dict[str, dict[str, Any]]:
    """Each document by its id."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return dict(json.loads(line) for line in lines)


@pytest.mark.parametrize(("name", "key"), [("s3_to_elasticsearch", "event.id"), ("tail_to_opensearch", "metadata.uid")])
def test_records_of_a_source_become_documents_by_their_id(
    root: Path, fluentd: Command, place: Path, signins: Signins, name: str, key: str
) -> None:
    records = signins(30)
    lines = [{"Records": records[:20]}, *records[20:], BAD]
    text = "".join(json.dumps(line) + "\n" for line in lines) + "no JSON\n"
    (place / "trail.json").write_text(text)
    here = {"/var/lib/fluentd/doorlog/": f"{place}/"}
    if name.startswith("tail"):
        here["/var/log/cloudtrail/*.json"] = f"{place}/trail.json"
    configuration = adapted(root / "plugin" / "fluentd" / f"{name}.conf", here).replace(
        "flush_interval 5s", "flush_interval 1s"
    )
    index = place / "index"
    seen = {"DOORLOG_TEST_S3": str(place / "trail.json"), "DOORLOG_TEST_INDEX": str(index)}
    with started(root, fluentd, place, configuration, **seen) as server:
        server.wait_for(lambda: len(indexed(index)) >= 30 and any(place.glob("out/reject.*.log")))
    documents = indexed(index)
    assert list(documents) == [record["eventID"] for record in records]
    outer, inner = key.split(".")
    assert all(document[outer][inner] == name for name, document in documents.items())
    rejected = "".join(file.read_text() for file in place.glob("out/reject.*.log"))
    assert '"reason":"invalid_record"' in rejected


@contextmanager
def with_relay(
    root: Path, fluentd: Command, place: Path, replaced: Mapping[str, str] = NOTHING
) -> Iterator[tuple[Fluentd, Callable[[list[Any]], None]]]:
    """Fluentd by relay.conf with the relay that it names; and what sends it records in one message, until the ack."""
    relay_port, back, source_port = unused_port(), unused_port(), unused_port()
    here = {
        "/var/lib/fluentd/doorlog/": f"{place}/",
        "port 24225\n": f"port {relay_port}\n",
        "port 24226\n": f"port {back}\n",
        **replaced,
    }
    text = adapted(root / "plugin" / "fluentd" / "relay.conf", here)
    source = f"<source>\n  @type forward\n  bind 127.0.0.1\n  port {source_port}\n</source>\n"
    shipped = (root / "plugin" / "fluentd" / "relay.conf").read_text()
    [command] = [line.removeprefix("#   ") for line in shipped.splitlines() if line.startswith("#   doorlog relay")]
    words = command.replace("24225", str(relay_port)).replace("24226", str(back)).split()

    def send(records: list[Any]) -> None:
        entries = b"".join(msgpack.packb([10**9, record]) for record in records)
        with socket.create_connection(("127.0.0.1", source_port), 30) as connection:
            connection.sendall(msgpack.packb(["cloudtrail.s3", entries, {"chunk": "all"}]))
            assert msgpack.unpackb(connection.recv(1000)) == {"ack": "all"}

    with started(root, fluentd, place, source + text) as server:
        relay = subprocess.Popen([place / "bin" / words[0], *words[1:]])
        try:
            yield server, send
        finally:
            relay.terminate()
            assert relay.wait(60) == 0


def test_fluentd_and_a_relay_between_its_output_and_its_input(
    root: Path, fluentd: Command, place: Path, signins: Signins
) -> None:
    records = signins(40)
    with with_relay(root, fluentd, place) as (server, send):
        send([*records, BAD])
        server.wait_for(lambda: len(server.emitted("ecs")) >= 40 and server.emitted("reject"))
        events, rejects = server.emitted("ecs"), server.emitted("reject")
    assert [event.time for event in events] == [record["eventTime"] for record in records]
    assert {event.tag for event in events} == {"signin"}
    assert [reject.document["record"] for reject in rejects] == [BAD]


def test_a_file_of_cloudtrails_in_one_record_goes_through_the_relay(
    root: Path, fluentd: Command, place: Path, signins: Signins
) -> None:
    records = signins(10_000)
    with with_relay(root, fluentd, place) as (server, send):
        send([{"Records": records}])
        server.wait_for(lambda: written(place) >= len(records))
        ids = [event.document["event"]["id"] for event in server.emitted("ecs")]
    assert sorted(ids) == sorted(record["eventID"] for record in records)


def test_chunks_that_wait_for_a_relay_do_not_take_a_second_each(
    root: Path, fluentd: Command, place: Path, signins: Signins
) -> None:
    records = signins(24_000)
    chunks = sum(len(msgpack.packb(record)) for record in records) >> 20
    with with_relay(root, fluentd, place, {"chunk_limit_size 64m": "chunk_limit_size 1m"}) as (server, send):
        began = time.monotonic()
        send(records)
        server.wait_for(lambda: written(place) >= len(records))
        assert time.monotonic() - began < chunks - 2
        ids = [event.document["event"]["id"] for event in server.emitted("ecs")]
    assert sorted(ids) == sorted(record["eventID"] for record in records)


def written(place: Path) -> int:
    """How many lines of events out_file has written."""
    return sum(file.read_bytes().count(b"\n") for file in place.glob("out/ecs.*.log"))
