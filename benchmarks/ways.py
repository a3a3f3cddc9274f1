"""How many events per second each way through a real Fluentd takes, beside a Fluentd without Doorlog.

    DOORLOG_FLUENTD=fluentd python benchmarks/ways.py [--records 20000] [--rounds 3]

Each run starts a Fluentd that gets records by Forward, in batches of 500 with acks, and hands what it makes of them to
a file, or to the Forward server of npm's `@fluent-org/logger`. After a warm-up the clock runs until the last event has
arrived; beside it the CPU time of Fluentd with its children is taken. The ways take turns in each round; medians count.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from corpus import lines, records

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "fluentd"), str(ROOT / "plugin")]

from node_server import HERE, NodeServer  # noqa: E402
from real_fluentd import Command, Fluentd, find_fluentds, unused_port  # noqa: E402

from doorlog.outputs import Event, open_output  # noqa: E402
from node_packages import find_node, installed  # noqa: E402

BATCH = 500
WARM_UP = 3000
DOORLOG = f"{sys.executable} -m doorlog"
TIMES = "time_type string\n time_format %Y-%m-%dT%H:%M:%S.%NZ"
# By default, Fluentd waits a second between two chunks.
AT_ONCE = "flush_mode interval\n flush_interval 0.1s\n flush_thread_interval 0.05\n flush_thread_burst_interval 0.01"
CHILD_BUFFER = f"<buffer>\n @type memory\n {AT_ONCE}\n flush_thread_count 1\n chunk_limit_size 8m\n</buffer>"


def exec_filter(options: str, read: str, parse: str) -> str:
    """An exec_filter that hands on under the label @OUT, by these formats."""
    return f"""
<match **>
 @type exec_filter
 command exec {DOORLOG} run --fluentd --to ecs {options}
 child_respawn inf
 @label @OUT
 <inject>
 tag_key __tag
 time_key __time
 {TIMES}
 localtime false
 timezone +00:00
 </inject>
 <format>
 @type {read}
 </format>
 <parse>
 @type {parse}
 </parse>
 <extract>
 tag_key __tag
 time_key __time
 {TIMES}
 utc true
 </extract>
 {CHILD_BUFFER}
</match>"""


RELABEL = "<match **>\n @type relabel\n @label @OUT\n</match>"
FILTER = f"<filter **>\n @type doorlog\n command {DOORLOG} fluentd filter --to ecs\n</filter>\n{RELABEL}"
DIRECT = "doorlog run, which sends by Forward"
RELAY = "relay, by Forward on both sides"
JSON = "exec_filter, JSON both ways"
WAYS = {
    "no child (relabel)": RELABEL,
    "filter plugin": FILTER,
    "exec_filter, MessagePack both ways": exec_filter("", "msgpack", "msgpack"),
    JSON: exec_filter("--input-format json --output-format json", "json", "json"),
    RELAY: RELABEL,
    DIRECT: RELABEL,
}


class Measured(NamedTuple):
    """One run: events per second, and milliseconds of CPU for a thousand of them."""

    per_second: float
    cpu: float


class Sink(NamedTuple):
    """Where events arrive: Fluentd's configuration for it, and how many have come."""

    configuration: str
    arrived: Callable[[], int]


@contextmanager
def file_sink(folder: Path) -> Iterator[Sink]:
    """Fluentd's out_file."""
    configuration = f"""@type file
 path {folder}/out
 append true
 <format>
 @type json
 </format>
 <buffer time>
 @type memory
 timekey 365d
 {AT_ONCE}
 </buffer>"""
    read: Counter[Path] = Counter()
    count = 0

    def arrived() -> int:
        nonlocal count
        for file in folder.glob("out.*.log"):
            with file.open("rb") as opened:
                opened.seek(read[file])
                text = opened.read()
            read[file] += len(text)
            count += text.count(b"\n")
        return count

    yield Sink(configuration, arrived)


@contextmanager
def node_sink(_folder: Path) -> Iterator[Sink]:
    """Fluentd's out_forward to npm's server, with acks."""
    node = find_node()
    cache = Path(tempfile.gettempdir()) / "doorlog-forward-server"
    server = NodeServer(node, installed(node, HERE, cache), script=ROOT / "benchmarks" / "count_server.cjs")
    count = 0

    def arrived() -> int:
        nonlocal count
        for line in server.waiting():
            count = line["count"]
        return count

    # npm's server hangs up on messages of some megabytes.
    configuration = f"""@type forward
 require_ack_response true
 heartbeat_type none
 <server>
 host 127.0.0.1
 port {server.port}
 </server>
 <buffer>
 @type memory
 {AT_ONCE}
 chunk_limit_size 512k
 </buffer>"""
    try:
        yield Sink(configuration, arrived)
    finally:
        server.kill()


SINKS = {"to a file": file_sink, "to npm's Forward server": node_sink}
# Its parser leaves Fluentd's buffers marked as text, and npm's server takes none that are.
NOT_MEASURED = {(JSON, "to npm's Forward server")}


def cpu_of(session: int) -> float:
    """Seconds of CPU that the processes of a session have taken, with those of their children that have ended."""
    return _ticks(lambda fields: int(fields[3]) == session)


def cpu_of_children() -> float:
    """The same of the Doorlogs that this process has started."""
    ended = os.times().children_user + os.times().children_system
    own = os.getpid()
    return ended + _ticks(lambda fields: int(fields[1]) == own and int(fields[3]) == os.getsid(own))


def _ticks(counts: Callable[[list[str]], bool]) -> float:
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().rpartition(")")
            fields = rest.split()
            # The server of npm's is only what is measured against.
            if counts(fields) and not name.endswith(("(node", "(MainThread")):
                ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def send(port: int, count: int) -> None:
    """Hands Fluentd so many records; it has acked them when this returns."""
    output = open_output(f"fluentd://127.0.0.1:{port}/cloudtrail", "json", ["record"])
    found = records(count)
    while batch := [Event(record, "record", 1_753_000_000_000_000_000, None) for record in islice(found, BATCH)]:
        output.write(batch)
    output.close()


def send_events(port: int, corpus: Path) -> None:
    """Has Doorlog normalize the corpus and send the events by itself."""
    where = f"fluentd://127.0.0.1:{port}/doorlog"
    subprocess.run([*DOORLOG.split(), "run", "--quiet", "--output", where, str(corpus)], check=True)


@contextmanager
def relay_to(port: int) -> Iterator[int]:
    """A relay in front of a Fluentd; gives the port to send to."""
    listen = unused_port()
    words = ["relay", "--quiet", "--listen", f"127.0.0.1:{listen}", "--output", f"fluentd://127.0.0.1:{port}/doorlog"]
    running = subprocess.Popen([*DOORLOG.split(), *words])
    try:
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", listen)):
                break
            time.sleep(0.05)
        yield listen
    finally:
        running.terminate()
        running.wait()


def measured(command: Command, way: str, sink_of: Callable[[Path], object], count: int) -> Measured:
    """One run of one way."""
    folder = Path(tempfile.mkdtemp(prefix="doorlog-ways-"))
    port = unused_port()
    try:
        with sink_of(folder) as sink:  # type: ignore[attr-defined]
            source = f"<source>\n @type forward\n bind 127.0.0.1\n port {port}\n @label @IN\n</source>"
            inside = f"<label @IN>\n{WAYS[way]}\n</label>\n<label @OUT>\n<match **>\n {sink.configuration}\n</match>\n"
            options = ("-p", str(ROOT / "plugin" / "fluentd"))
            with ExitStack() as stack:
                text = f"{source}\n{inside}</label>\n"
                fluentd = stack.enter_context(Fluentd(command, text, folder, options=options))
                into = stack.enter_context(relay_to(port)) if way == RELAY else port
                send(into, WARM_UP)
                fluentd.wait_for(lambda: sink.arrived() >= WARM_UP)
                corpus = folder / "corpus"
                with corpus.open("wb") as file:
                    file.writelines(lines(records(count)))
                before, began = cpu_of(fluentd.pid) + cpu_of_children(), time.monotonic()
                send_events(port, corpus) if way == DIRECT else send(into, count)
                fluentd.wait_for(lambda: sink.arrived() >= WARM_UP + count, 0.01)
                took, spent = time.monotonic() - began, cpu_of(fluentd.pid) + cpu_of_children() - before
                assert sink.arrived() == WARM_UP + count
        return Measured(count / took, spent * 1e6 / count)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n")[0])
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    os.environ["PYTHONPATH"] = str(ROOT / "plugin")
    commands = find_fluentds()
    if not commands:
        sys.exit("DOORLOG_FLUENTD names no Fluentd, and none is on PATH")
    for name, sink_of in SINKS.items():
        runs: dict[str, list[Measured]] = {way: [] for way in WAYS if (way, name) not in NOT_MEASURED}
        for _ in range(asked.rounds):
            for way, taken in runs.items():
                taken.append(measured(commands[0], way, sink_of, asked.records))
                print(f"{way}, {name}: {taken[-1]}", file=sys.stderr)
        print(
            f"\n| {commands[0].name}, {name} | events/s | of no child | CPU ms per 1,000 |\n| --- | --- | --- | --- |"
        )
        alone = statistics.median(run.per_second for run in runs["no child (relabel)"])
        for way, taken in runs.items():
            speed = statistics.median(run.per_second for run in taken)
            cpu = statistics.median(run.cpu for run in taken)
            print(f"| {way} | {speed:,.0f} | {speed / alone:.2f} | {cpu:,.0f} |")


if __name__ == "__main__":
    main()
