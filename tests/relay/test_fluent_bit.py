"""The configuration for Fluent Bit as it is shipped, but for paths and port, in a real Fluent Bit before a relay."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faulty_server import FaultyServer
from relay_process import Relay, signin

VARIABLE = "DOORLOG_FLUENT_BIT"
Start = Callable[..., Relay]


class FluentBit:
    """A Fluent Bit with the shipped configuration, whose files are in a folder."""

    def __init__(self, command: str, shipped: Path, folder: Path, port: int) -> None:
        text = shipped.read_text()
        here = {
            "/var/lib/fluent-bit/": f"{folder}/",
            "/var/log/cloudtrail/": f"{folder}/trail/",
            "24225": str(port),
        }
        for there, replaced in here.items():
            assert there in text
            text = text.replace(there, replaced)
        (folder / "trail").mkdir()
        self.folder = folder
        self._command = [command, "-c", str(folder / "fluent-bit.conf")]
        (folder / "fluent-bit.conf").write_text(text)
        self.start()

    def start(self) -> None:
        with (self.folder / "fluent-bit.log").open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(30)

    def write(self, name: str, *lines: object) -> None:
        with (self.folder / "trail" / f"{name}.json").open("a") as file:
            file.writelines(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)


@pytest.fixture
def begin(root: Path, tmp_path: Path) -> Iterator[Callable[[int], FluentBit]]:
    """Starts Fluent Bit before a relay on this port."""
    command = os.environ.get(VARIABLE) or shutil.which("fluent-bit")
    if command is None:
        pytest.skip(f"NOT TESTED in a real Fluent Bit: none on PATH, and {VARIABLE} names none")
    started: list[FluentBit] = []

    def fluent_bit(port: int) -> FluentBit:
        started.append(FluentBit(command, root / "plugin" / "fluentd" / "fluent-bit.conf", tmp_path, port))
        return started[-1]

    yield fluent_bit
    for each in started:
        each.kill()


def arrive(server: FaultyServer, expected: set[str], seconds: float = 60.0) -> None:
    """Returns when just these events have arrived, each at least once."""
    limit = time.monotonic() + seconds
    while (found := {one.record["event"]["id"] for one in server.arrived if one.tag == "out"}) != expected:
        assert time.monotonic() < limit, (len(found), len(expected))
        time.sleep(0.05)


def test_lines_and_whole_files_arrive_and_a_torn_line_is_a_reject(
    server: FaultyServer, start: Start, begin: Callable[[int], FluentBit]
) -> None:
    fluent_bit = begin(start().port)
    fluent_bit.write("lines", *(signin(number) for number in range(200)), '{"torn": \n')
    # As large as CloudTrail's files become: 48 MB in one line.
    fluent_bit.write("s3", {"Records": [signin(number) for number in range(200, 45_000)]})
    arrive(server, {f"event-{number}" for number in range(45_000)})
    assert [one.record["reason"] for one in server.arrived if one.tag == "out.reject"] == ["not_json"]


def test_neither_a_killed_relay_nor_a_killed_fluent_bit_loses_a_record(
    server: FaultyServer, start: Start, begin: Callable[[int], FluentBit]
) -> None:
    relay = start()
    fluent_bit = begin(relay.port)
    fluent_bit.write("lines", *(signin(number) for number in range(100)))
    arrive(server, {f"event-{number}" for number in range(100)})
    relay.process.kill()
    relay.end()
    fluent_bit.write("lines", *(signin(number) for number in range(100, 200)))
    time.sleep(3)
    fluent_bit.kill()
    fluent_bit.write("lines", *(signin(number) for number in range(200, 300)))
    fluent_bit.start()
    time.sleep(3)
    start(port=relay.port)
    arrive(server, {f"event-{number}" for number in range(300)}, 120)
