"""How many events per second go out by Forward, and how many a relay takes in and sends on.

    python benchmarks/forward.py [--records 30000] [--connections 1 10 300]

At the other end is the Forward server of npm's `@fluent-org/logger`, which counts and confirms. The sender is the whole
command, from a file to the last ack; `doorlog run` to nowhere stands beside it. The relay gets the same records in
chunks of 100, over so many connections at once, each of which waits for its ack before the next chunk. CPU time is that
of Doorlog's process, its start left out for the relay; memory is its peak.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

import msgpack  # type: ignore[import-untyped]

from corpus import records

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "fluentd"), str(ROOT / "plugin")]

from node_server import HERE, NodeServer  # noqa: E402

from node_packages import find_node, installed  # noqa: E402

CHUNK = 100
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}


def main() -> None:
    """Measures and prints two tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--records", type=int, default=30_000, help="records for each measurement (30000)")
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 10, 300], help="of the relay (1 10 300)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder / "records.ndjson"
        corpus.write_bytes(b"".join(json.dumps(record).encode() + b"\n" for record in records(asked.records)))
        print("| sender | events/s | CPU, us/event |\n| --- | --- | --- |")
        for what, options in (
            ("to nowhere, without Forward", ["--output", "file:/dev/null"]),
            ("acked batches", ["--output", "fluentd://SERVER/x"]),
            ("acked batches in gzip", ["--output", "fluentd://SERVER/x", "--compress"]),
            ("acked batches by the spool", ["--output", "fluentd://SERVER/x", "--spool", str(folder / "spool")]),
        ):
            seconds, cpu = with_server(partial(run, corpus, options))
            print(f"| {what} | {asked.records / seconds:,.0f} | {cpu / asked.records * 1e6:.1f} |", flush=True)
        chunks = [packed(number, chunk) for number, chunk in enumerate(chunked(asked.records))]
        print("\n| relay, connections | events/s | CPU, us/event | peak memory, MB |\n| --- | --- | --- | --- |")
        for connections in asked.connections:
            seconds, cpu, peak = with_server(partial(relay, chunks, connections))
            print(
                f"| {connections} | {asked.records / seconds:,.0f} | {cpu / asked.records * 1e6:.1f} | {peak:.0f} |",
                flush=True,
            )


def with_server(measure: Callable[[int], tuple[float, ...]]) -> tuple[float, ...]:
    """What was measured, with npm's server on a port."""
    cache = Path(tempfile.gettempdir()) / "doorlog-forward-server"
    node = find_node()
    server = NodeServer(node, installed(node, HERE, cache), script=ROOT / "benchmarks" / "count_server.cjs")
    try:
        return measure(server.port)
    finally:
        server.kill()


def run(corpus: Path, options: list[str], port: int) -> tuple[float, float]:
    """Seconds, and seconds of CPU, of one run of the sender."""
    where = [option.replace("SERVER", f"127.0.0.1:{port}") for option in options]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "doorlog", "run", "--quiet", *where, str(corpus)], env=ENVIRONMENT, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def relay(chunks: list[bytes], connections: int, port: int) -> tuple[float, float, float]:
    """Seconds, seconds of CPU, and megabytes at the peak, of a relay that takes the chunks over so many connections."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "doorlog", "relay", "--listen", "127.0.0.1:0"),
            *("--output", f"fluentd://127.0.0.1:{port}/x"),
        ],
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        first = process.stderr.readline().decode()
        listening = int(first.partition("127.0.0.1:")[2].partition(",")[0])
        # The first thousands of each shape of record find no function made for it yet.
        clients(listening, chunks[: len(chunks) // 5], 1)
        before, began = cpu(process.pid), time.monotonic()
        clients(listening, chunks, connections)
        seconds, taken = time.monotonic() - began, cpu(process.pid) - before
        status = Path(f"/proc/{process.pid}/status").read_text()
        return seconds, taken, int(status.partition("VmHWM:")[2].split()[0]) / 1024
    finally:
        process.terminate()
        process.wait()


def clients(port: int, chunks: list[bytes], connections: int) -> None:
    """Sends all chunks, and returns when every one is acked."""
    left: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for chunk in chunks:
        left.put(chunk)

    def client() -> None:
        unpacker = msgpack.Unpacker()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while True:
                try:
                    connection.sendall(left.get_nowait())
                except queue.Empty:
                    return
                while not list(unpacker):
                    unpacker.feed(connection.recv(4096))

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def chunked(count: int) -> list[list[bytes]]:
    """So many entries, in chunks."""
    found = iter(records(count))
    chunks = []
    while some := [bytes(msgpack.packb([1_753_000_000, record])) for record in islice(found, CHUNK)]:
        chunks.append(some)
    return chunks


def packed(number: int, entries: list[bytes]) -> bytes:
    """A PackedForward message."""
    return bytes(msgpack.packb(["cloudtrail", b"".join(entries), {"size": len(entries), "chunk": str(number)}]))


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
