"""Events on stdout and other descriptors."""

from __future__ import annotations

import fcntl
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from sample_events import TIME, signin

from doorlog.errors import OutputClosed, OutputFailed, UsageError
from doorlog.outputs import ChildKeys, Event, Output, open_output
from doorlog.record import Carried


class Pipe:
    """A pipe with an output on one end and the test on the other."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.open = True

    def output(self, format: str, child: ChildKeys | None = None) -> Output:
        return open_output("stdout", format, ["ecs"], stdout=self.writer, child=child)

    def everything(self) -> bytes:
        os.close(self.writer)
        self.open = False
        with os.fdopen(self.reader, "rb") as stream:
            return stream.read()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    if pipe.open:
        os.close(pipe.writer)


def test_json_is_one_document_a_line_in_the_order_given(pipe: Pipe) -> None:
    events = [signin(number) for number in range(3)]
    pipe.output("json").write(events)
    assert [json.loads(line) for line in pipe.everything().split(b"\n")[:-1]] == [event.document for event in events]


def test_messagepack_is_one_value_a_document_in_the_order_given(pipe: Pipe) -> None:
    events = [signin(number) for number in range(3)]
    pipe.output("msgpack").write(events)
    assert list(msgpack.Unpacker(io.BytesIO(pipe.everything()))) == [event.document for event in events]


def test_a_burst_is_out_before_write_returns(pipe: Pipe) -> None:
    pipe.output("json").write([signin(1)])
    os.set_blocking(pipe.reader, False)
    assert os.read(pipe.reader, 65536).endswith(b"}\n")


@pytest.mark.parametrize("format", ["json", "msgpack"])
@pytest.mark.parametrize(
    ("odd", "carried"),
    [
        ("\ud800torn pair", "\ufffdtorn pair"),
        (2**64, float(2**64)),
        (-(2**63) - 1, float(-(2**63) - 1)),
        (10**400, None),
        (b"bytes \xff", "bytes \ufffd"),
        ({1: "number as a key"}, {"1": "number as a key"}),
        ({"\udfff": "torn key"}, {"\ufffd": "torn key"}),
        ([True, None, 2**70], [True, None, float(2**70)]),
    ],
)
def test_a_value_that_no_encoder_takes_is_carried_as_near_as_can_be_and_costs_its_neighbours_nothing(
    pipe: Pipe, format: str, odd: Any, carried: Any
) -> None:
    pipe.output(format).write([signin(1), signin(2)._replace(document={"odd": odd}), signin(3)])
    data = pipe.everything()
    if format == "json":
        documents = [json.loads(line) for line in data.decode().splitlines()]
    else:
        documents = list(msgpack.Unpacker(io.BytesIO(data), strict_map_key=False))
        if isinstance(odd, bytes | dict) and "torn" not in str(odd):
            carried = odd  # MessagePack has bytes and any key.
    assert documents == [signin(1).document, {"odd": carried}, signin(3).document]


def test_json_has_no_literal_that_a_strict_parser_refuses(pipe: Pipe) -> None:
    odd = signin(1)._replace(document={"values": [float("nan"), float("inf"), 2**80]})
    pipe.output("json").write([odd])

    def refuse(literal: str) -> None:
        raise AssertionError(literal)

    assert json.loads(pipe.everything(), parse_constant=refuse) == {"values": ["NaN", "Infinity", float(2**80)]}


@pytest.mark.parametrize("format", ["json", "msgpack"])
def test_a_document_nested_beyond_what_encoders_take_still_comes_out(pipe: Pipe, format: str) -> None:
    deep: Any = "bottom"
    for _ in range(600):
        deep = [deep]
    pipe.output(format).write([signin(1)._replace(document={"deep": deep})])
    data = pipe.everything()
    assert b"bottom" in data
    assert set(json.loads(data) if format == "json" else msgpack.unpackb(data)) == {"deep"}


def test_a_reader_that_went_away_is_told_from_a_failure(pipe: Pipe) -> None:
    os.close(pipe.reader)
    with pytest.raises(OutputClosed, match="nobody reads stdout any more"):
        pipe.output("json").write([signin(1)])


def test_a_full_disk_is_a_failure_that_names_file_and_cause() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    output = open_output("file:/dev/full", "json", ["ecs"])
    with pytest.raises(OutputFailed, match=r"/dev/full: No space left on device") as raised:
        output.write([signin(1)])
    assert not isinstance(raised.value, OutputClosed)
    output.close()


@pytest.mark.parametrize("blocking", [True, False])
def test_a_slow_reader_of_a_tiny_pipe_gets_everything(pipe: Pipe, blocking: bool) -> None:
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(pipe.writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(pipe.writer, blocking)
    events = [signin(number) for number in range(1000)]

    def write() -> None:
        pipe.output("json").write(events)
        os.close(pipe.writer)

    pipe.open = False
    writing = threading.Thread(target=write)
    writing.start()
    read = b""
    while some := os.read(pipe.reader, 1000):
        read += some
        time.sleep(0.0005)
    writing.join(5)
    os.close(pipe.reader)
    assert [json.loads(line)["event"]["id"] for line in read.splitlines()] == [str(number) for number in range(1000)]


class TestFluentdChild:
    """What Fluentd's exec_filter reads of its child."""

    def test_tag_and_time_stand_beside_the_document(self, pipe: Pipe) -> None:
        pipe.output("msgpack", ChildKeys()).write([signin(0, "ecs"), signin(1, "ocsf")])
        assert list(msgpack.Unpacker(io.BytesIO(pipe.everything()))) == [
            {**signin(0).document, "__tag": "doorlog.ecs", "__time": "2025-07-20T08:26:40.123456789Z"},
            {**signin(1).document, "__tag": "doorlog.ocsf", "__time": "2025-07-20T08:26:40.123456790Z"},
        ]

    def test_the_event_keeps_its_document_as_it_was(self, pipe: Pipe) -> None:
        event = signin(1)
        pipe.output("msgpack", ChildKeys()).write([event])
        assert event == signin(1)

    def test_the_prefix_of_tags_can_be_chosen(self, pipe: Pipe) -> None:
        pipe.output("msgpack", ChildKeys(tag_prefix="siem.aws")).write([signin(0)])
        assert msgpack.unpackb(pipe.everything())["__tag"] == "siem.aws.ecs"

    @pytest.mark.parametrize(
        ("time_ns", "text"),
        [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (4_294_967_296 * 10**9 + 1, "2106-02-07T06:28:16.000000001Z"),
        ],
    )
    def test_times_have_nine_digits_in_any_year(self, pipe: Pipe, time_ns: int, text: str) -> None:
        pipe.output("msgpack", ChildKeys()).write([signin(0)._replace(time_ns=time_ns)])
        assert msgpack.unpackb(pipe.everything())["__time"] == text

    @pytest.mark.parametrize(
        ("carried", "text"),
        [
            (Carried("cloudtrail.s3", "2025-01-02T03:04:05.678901234Z"), "2025-01-02T03:04:05.678901234Z"),
            (Carried("cloudtrail.s3", 1735787045.5), "2025-07-20T08:26:40.123456789Z"),
            (Carried("cloudtrail.s3", "not a time"), "2025-07-20T08:26:40.123456789Z"),
            (None, "2025-07-20T08:26:40.123456789Z"),
        ],
    )
    def test_a_reject_keeps_the_time_under_which_its_record_came(
        self, pipe: Pipe, carried: Carried | None, text: str
    ) -> None:
        pipe.output("msgpack", ChildKeys()).write([Event({"reason": "not_json"}, "reject", TIME, carried)])
        assert msgpack.unpackb(pipe.everything()) == {"reason": "not_json", "__tag": "doorlog.reject", "__time": text}

    def test_each_json_burst_fills_whole_blocks_of_fluentds_parser(self, pipe: Pipe) -> None:
        output = pipe.output("json", ChildKeys())
        sizes = []
        os.set_blocking(pipe.reader, False)
        for count in (1, 100):
            output.write([signin(number) for number in range(count)])
            data = os.read(pipe.reader, 65536)
            sizes.append(len(data) % 8192)
            assert len([json.loads(line) for line in data.splitlines() if line.strip()]) == count
        assert sizes == [0, 0]

    @pytest.mark.parametrize("spec", ["file:events.json", "fluentd://127.0.0.1/signin"])
    def test_only_stdout_leads_to_fluentd(self, spec: str) -> None:
        with pytest.raises(UsageError, match="Fluentd reads its stdout"):
            open_output(spec, "msgpack", ["ecs"], child=ChildKeys())


CLAIM = """
import os, sys
from doorlog.outputs import Event, claim_stdout, open_output
print("before, on stdout", flush=True)
output = open_output("stdout", "json", ["ecs"], stdout=claim_stdout())
print("a stray print", flush=True)
os.write(1, b"a stray write\\n")
os.system("echo a stray child")
output.write([Event({"id": 1}, "ecs", 0, None)])
"""


def test_what_others_print_goes_to_stderr_once_stdout_is_claimed(root: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root / "plugin")}
    run = subprocess.run([sys.executable, "-c", CLAIM], env=environment, capture_output=True, text=True, timeout=30)
    assert run.stdout == 'before, on stdout\n{"id":1}\n'
    assert run.stderr == "a stray print\na stray write\na stray child\n"


CLAIM_OF_NOTHING = """
import os
from doorlog.errors import OutputFailed
from doorlog.outputs import claim_stdout
os.close(1)
try:
    claim_stdout()
except OutputFailed as error:
    os.write(2, str(error).encode())
"""


def test_claiming_a_stdout_that_was_never_open_is_a_failure_with_words(root: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root / "plugin")}
    claim = [sys.executable, "-c", CLAIM_OF_NOTHING]
    run = subprocess.run(claim, env=environment, capture_output=True, text=True, timeout=30)
    assert run.stderr == "stdout can't be written: Bad file descriptor"
