"""Where the events of `ways.py` arrive, each counting them as they come."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "fluentd")]

from node_server import HERE, NodeServer  # noqa: E402

from node_packages import find_node, installed  # noqa: E402

# By default, Fluentd waits a second between two chunks.
AT_ONCE = "flush_mode interval\n flush_interval 0.1s\n flush_thread_interval 0.05\n flush_thread_burst_interval 0.01"


class Sink(NamedTuple):
    """Where events arrive: Fluentd's configuration for it, how many have come, and its port if it speaks Forward."""

    configuration: str
    arrived: Callable[[], int]
    port: int = 0


SinkOf: TypeAlias = Callable[[Path], AbstractContextManager[Sink]]
"""Makes a sink that has this folder for itself."""


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
 chunk_limit_size 1m
 </buffer>"""
    try:
        yield Sink(configuration, arrived, server.port)
    finally:
        server.kill()
