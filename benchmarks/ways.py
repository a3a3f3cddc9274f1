"""How many events per second each way takes through a real Fluentd or to a Forward server, beside one without Doorlog.

    DOORLOG_FLUENTD=fluentd python benchmarks/ways.py [--records 20000] [--rounds 3]

Each run starts a Fluentd that gets records by Forward, in batches with acks, and hands what it makes of them to a file,
or to the Forward server of npm's `@fluent-org/logger`; the ways that need no Fluentd also go straight to that
server. After a warm-up the clock runs until the last event has arrived; beside it the CPU time of Fluentd and Doorlog
is taken. The ways take turns in each round. Shown are medians, with the lowest and the highest rate.
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
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from corpus import lines, records
from sinks import AT_ONCE, Sink, SinkOf, file_sink, node_sink

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "tests" / "fluentd"), str(ROOT / "plugin")]

from real_fluentd import Command, Fluentd, find_fluentds, unused_port  # noqa: E402

from doorlog.outputs import Event, ForwardOutput, open_output  # noqa: E402
from doorlog.record import Json  # noqa: E402

BATCH = 500
WARM_UP = 3000
DOORLOG = f"{sys.executable} -m doorlog"
TIMES = "time_type string\n time_format %Y-%m-%dT%H:%M:%S.%NZ"
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


class Way(NamedTuple):
    """What stands in Fluentd, if there is one, and who sends to it or to the sink: this script, a relay, or a run."""

    inside: str | None
    sender: Literal["script", "relay", "run"] = "script"


ALONE = "no Doorlog"
MSGPACK = {"exec_filter, MessagePack both ways": Way(exec_filter("", "msgpack", "msgpack"))}
# Its parser leaves Fluentd's buffers marked as text, and npm's server takes none that are.
JSON = {"exec_filter, JSON both ways": Way(exec_filter("--input-format json --output-format json", "json", "json"))}
PLUGIN = {ALONE: Way(RELABEL), "filter plugin": Way(FILTER)}
BEFORE = {"relay, then Fluentd": Way(RELABEL, "relay"), "doorlog run, then Fluentd": Way(RELABEL, "run")}
STRAIGHT = {ALONE: Way(None), "relay": Way(None, "relay"), "doorlog run": Way(None, "run")}
TABLES = {
    "to a file of Fluentd's": (file_sink, {**PLUGIN, **MSGPACK, **JSON, **BEFORE}),
    "by Fluentd to npm's Forward server": (node_sink, {**PLUGIN, **MSGPACK, **BEFORE}),
    "straight to npm's Forward server": (node_sink, STRAIGHT),
}


class Measured(NamedTuple):
    """One run: events per second, and milliseconds of CPU for a thousand of them."""

    per_second: float
    cpu: float


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


def send(port: int, found: Iterable[Json]) -> None:
    """Hands a server these records, while one batch waits for its ack the next is made; all are acked on return."""
    output = open_output(f"fluentd://127.0.0.1:{port}/cloudtrail", "json", ["record"])
    assert isinstance(output, ForwardOutput)
    taken = iter(found)
    while batch := [Event(record, "record", 1_753_000_000_000_000_000, None) for record in islice(taken, BATCH)]:
        output.put(batch)
    output.flush()
    output.close()


def send_events(port: int, corpus: Path) -> None:
    """Has Doorlog normalize the corpus and send the events by itself."""
    where = f"fluentd://127.0.0.1:{port}/doorlog"
    subprocess.run([*DOORLOG.split(), "run", "--quiet", "--output", where, str(corpus)], check=True)


@contextmanager
def relay_to(port: int) -> Iterator[int]:
    """A relay in front of a server; gives the port to send to."""
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


@contextmanager
def fluentd_to(command: Command, inside: str, sink: Sink, folder: Path) -> Iterator[tuple[Fluentd, int]]:
    """A Fluentd, and the port at which it takes records by Forward."""
    port = unused_port()
    source = f"<source>\n @type forward\n bind 127.0.0.1\n port {port}\n @label @IN\n</source>"
    labels = f"<label @IN>\n{inside}\n</label>\n<label @OUT>\n<match **>\n {sink.configuration}\n</match>\n</label>\n"
    with Fluentd(command, f"{source}\n{labels}", folder, options=("-p", str(ROOT / "plugin" / "fluentd"))) as fluentd:
        yield fluentd, port


def wait_for(ready: Callable[[], bool]) -> None:
    """Returns when it is; after two minutes it never will be."""
    limit = time.monotonic() + 120
    while not ready():
        if time.monotonic() > limit:
            sys.exit("not all events have arrived")
        time.sleep(0.01)


def measured(command: Command, way: Way, sink_of: SinkOf, count: int) -> Measured:
    """One run of one way."""
    folder = Path(tempfile.mkdtemp(prefix="doorlog-ways-"))
    try:
        with sink_of(folder) as sink, ExitStack() as stack:
            session, port = 0, sink.port
            if way.inside is not None:
                fluentd, port = stack.enter_context(fluentd_to(command, way.inside, sink, folder))
                session = fluentd.pid
            into = stack.enter_context(relay_to(port)) if way.sender == "relay" else port
            send(into, records(WARM_UP))
            wait_for(lambda: sink.arrived() >= WARM_UP)
            taken, corpus = list(records(count)), folder / "corpus"
            with corpus.open("wb") as file:
                file.writelines(lines(taken))
            before, began = cpu_of(session) + cpu_of_children(), time.monotonic()
            send_events(port, corpus) if way.sender == "run" else send(into, taken)
            wait_for(lambda: sink.arrived() >= WARM_UP + count)
            took, spent = time.monotonic() - began, cpu_of(session) + cpu_of_children() - before
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
    for name, (sink_of, ways) in TABLES.items():
        runs: dict[str, list[Measured]] = {way: [] for way in ways}
        for _ in range(asked.rounds):
            for way, taken in runs.items():
                taken.append(measured(commands[0], ways[way], sink_of, asked.records))
                print(f"{way}, {name}: {taken[-1]}", file=sys.stderr)
        print(f"\n| {commands[0].name}, {name} | events/s | lowest to highest | of no Doorlog | CPU ms per 1,000 |")
        print("| --- " * 5 + "|")
        alone = statistics.median(run.per_second for run in runs[ALONE])
        for way, taken in runs.items():
            rates = [run.per_second for run in taken]
            speed, cpu = statistics.median(rates), statistics.median(run.cpu for run in taken)
            span = f"{min(rates):,.0f} to {max(rates):,.0f}"
            print(f"| {way} | {speed:,.0f} | {span} | {speed / alone:.2f} | {cpu:,.0f} |")


if __name__ == "__main__":
    main()
