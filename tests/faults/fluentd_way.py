"""The ways through a real Fluentd: the filter plugin, and exec_filter.

Clients send to its in_forward and want acks, as those of the relay do; behind Doorlog, its out_forward sends to the
receiver and wants acks, too. Both of its buffers are on disk.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar, SupportsIndex

from fault_ways import way
from processes import PATIENCE, ROOT, descriptors, starve, threads
from relay_way import RelayWay

sys.path.append(str(ROOT / "tests" / "fluentd"))

from real_fluentd import Command, Fluentd, find_fluentds

_BUSY = 4
"""Descriptors and threads more than at first that a Fluentd may have whose connections come and go."""
_COUNTS = (descriptors, threads)

_TIMES = "time_type string\n time_format %Y-%m-%dT%H:%M:%S.%NZ"
_BUFFER = """<buffer>
 @type file
 path {folder}/{name}
 flush_mode interval
 flush_interval 0.1s
 flush_thread_interval 0.05
 flush_thread_burst_interval 0.01
 flush_thread_count 1
 chunk_limit_size 256k
 overflow_action block
 retry_forever true
 retry_wait 0.1s
 retry_max_interval 0.5s
</buffer>"""
_CONFIGURATION = """<source>
 @type forward
 bind 127.0.0.1
 port {listen}
 @label @IN
</source>
<label @IN>
{doorlog}
</label>
<label @OUT>
<match **.reject>
 @type file
 path {folder}/rejects
 append true
 <format>
 @type json
 </format>
 <buffer>
 @type file
 path {folder}/kept
 flush_mode immediate
 flush_at_shutdown true
 </buffer>
</match>
<match **>
 @type forward
 require_ack_response true
 ack_response_timeout 3s
 heartbeat_type none
 hard_timeout 2s
 <server>
 host 127.0.0.1
 port {port}
 </server>
 {buffer}
</match>
</label>
"""


class FluentdWay(RelayWay):
    """A Fluentd with Doorlog in it; what is struck is the one or the other."""

    fluentd: ClassVar[Command]
    """Which Fluentd."""
    survives_refusals = False
    # The output of Fluentd 1.14 doesn't get over every handshake that fails.
    takes_key = False
    doorlog: ClassVar[str]
    """The part of the configuration that has Doorlog in it."""
    torn: ClassVar[set[str]] = set()
    """The reasons of rejects that may come of a stream that was cut."""

    def send(self, numbers: range) -> None:
        super().send(numbers)
        # So slowly that there is time for faults: a Fluentd takes seconds to come back.
        self._left = _Paced(self._left)

    def struck(self, how: str) -> None:
        who, _, what = how.partition(": ")
        if who == "child":
            self._strike_child(what)
        elif what in ("stop", "descriptors"):
            self._strike_worker(what)
        elif what == "kill":
            self._server.kill()
        else:
            self._server.stop()
        self.revive()

    def finish(self) -> None:
        for client in self._clients:
            client.join()
        if not _soon(self._drained, 15):
            # Fluentd (1.14 to 1.19) reads the acks of all its connections as one stream: after garbage, or an ack too
            # many, its output takes one chunk's ack for another's, and sends chunks again until it starts anew.
            self._server.stop()
            self._start()
        if not _soon(self._drained):
            self.leftovers.append("chunks in Fluentd's buffers")
        child = self._child()
        self._look_behind()
        self._server.stop()
        self.leftovers += [f"a reject: {reason}" for reason in self._rejects() - self.torn]
        if child is not None and not _soon(lambda: not _runs(child)):
            self.leftovers.append("a child that outlives Fluentd")

    def abandon(self) -> None:
        super().abandon()
        self._server.kill()

    def _start(self) -> None:
        command = f"{sys.executable} -m doorlog"
        words = {"folder": self.folder, "command": command, "errors": self._told}
        doorlog = self.doorlog.format(**words, buffer=_BUFFER.format(folder=self.folder, name="in"))
        text = _CONFIGURATION.format(
            folder=self.folder,
            listen=self._listen,
            port=self.port,
            doorlog=doorlog,
            buffer=_BUFFER.format(folder=self.folder, name="out"),
        )
        environment = {**self.fluentd.environment, "PYTHONPATH": str(ROOT / "plugin")}
        plugins = ("-p", str(ROOT / "plugin" / "fluentd"))
        named = Command(self.fluentd.name, self.fluentd.words, environment)
        self._server = Fluentd(named, text, self.folder, options=plugins)
        self._running = self._server.process
        worker = self._worker()
        self._at_first = [count(worker) if worker else 0 for count in _COUNTS]

    def _look_behind(self) -> None:
        """Tells of what has gathered in Fluentd since it was started: children, descriptors, threads."""
        if not _soon(lambda: len(self._children()) == 1, 5):
            self.leftovers.append(f"{len(self._children())} children")
        worker = self._worker()
        if worker is None:
            return
        for at_first, count in zip(self._at_first, _COUNTS, strict=True):
            if not _soon(partial(_no_more_than, at_first + _BUSY, count, worker), 5):
                self.leftovers.append(f"{count(worker)} {count.__name__} in Fluentd, {at_first} at first")

    def _drained(self) -> bool:
        """Whether nothing waits in Fluentd's buffers."""
        return not list(self.folder.glob("*/buffer.*"))

    def _rejects(self) -> set[str]:
        """The reasons of all rejects."""
        lines = [line for file in self.folder.glob("rejects.*") for line in file.read_text().splitlines()]
        return {json.loads(line)["reason"] for line in lines}

    @property
    def _told(self) -> Path:
        return self.folder / "told"

    def _strike_child(self, what: str) -> None:
        child = self._child()
        if child is None:
            return
        with contextlib.suppress(OSError):
            if what == "descriptors":
                starve(child, self.chance.uniform(0.2, 0.6))
                return
            os.kill(child, signal.SIGSTOP)
            if what == "pause":
                time.sleep(self.chance.uniform(0.2, 0.6))
                os.kill(child, signal.SIGCONT)
            elif what == "kill":
                self._kill(child)

    def _strike_worker(self, what: str) -> None:
        """Stops Fluentd for a while, or leaves it no descriptor when it needs some for another child."""
        worker, seconds = self._worker(), self.chance.uniform(0.2, 0.6)
        if worker is None:
            return
        with contextlib.suppress(OSError):
            if what == "descriptors":
                self._strike_child("kill")
                starve(worker, seconds)
            else:
                os.kill(worker, signal.SIGSTOP)
                time.sleep(seconds)
                os.kill(worker, signal.SIGCONT)

    def _kill(self, child: int) -> None:
        """Kills a child, which stands still."""
        os.kill(child, signal.SIGKILL)

    def _child(self) -> int | None:
        """The youngest Doorlog of this way."""
        return max(self._children(), default=None)

    def _worker(self) -> int | None:
        """The process of Fluentd that has the child."""
        child = self._child()
        with contextlib.suppress(OSError):
            return None if child is None else _parent(child)
        return None

    def _children(self) -> list[int]:
        """Every Doorlog of this way that runs; its log file tells it from others."""
        mark = str(self._told).encode()
        found = []
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                words = process.read_bytes().split(b"\0")
                if mark in words and b"-m" in words:
                    found.append(int(process.parent.name))
        return found


class PluginWay(FluentdWay):
    """The filter plugin."""

    name = "filter plugin"
    promise = "Nothing lost between a client that wants acks and the buffer behind the plugin."
    strikes: ClassVar[tuple[str, ...]] = (
        *("child: kill", "child: stop", "child: kill", "child: pause", "child: descriptors"),
        *("fluentd: kill", "fluentd: term", "fluentd: stop", "fluentd: descriptors"),
    )
    doorlog = """<filter **>
 @type doorlog
 command {command} fluentd filter --event-time --log-file {errors}
 timeout 3s
</filter>
<match **>
 @type relabel
 @label @OUT
</match>"""


class ExecFilterWay(FluentdWay):
    """exec_filter with a child that is killed: at most once past the pipe."""

    name = "exec_filter, killed"
    promise = "Nothing invented, damaged or torn; lost is only what a killed child had in hand or in its pipe."
    strikes: ClassVar[tuple[str, ...]] = (
        "child: kill",
        "child: kill",
        "child: pause",
        "fluentd: stop",
        "fluentd: term",
    )
    at_least_once = False
    # A Fluentd that is stopped within a chunk cuts it where it is, and sends it whole after it has started again.
    torn: ClassVar[set[str]] = {"bad_msgpack"}
    doorlog = """<match **>
 @type exec_filter
 command exec {command} run --fluentd --log-file {errors} 2>> {errors}
 child_respawn inf
 @label @OUT
 <inject>
 tag_key __tag
 time_key __time
 time_type string
 time_format %Y-%m-%dT%H:%M:%S.%NZ
 localtime false
 timezone +00:00
 </inject>
 <format>
 @type msgpack
 </format>
 <parse>
 @type msgpack
 </parse>
 <extract>
 tag_key __tag
 time_key __time
 time_type string
 time_format %Y-%m-%dT%H:%M:%S.%NZ
 utc true
 </extract>
 {buffer}
</match>"""

    def _kill(self, child: int) -> None:
        # While it stands still, its pipe fills.
        time.sleep(self.chance.uniform(0.0, 0.5))
        worker = _parent(child)
        os.kill(worker, signal.SIGSTOP)
        try:
            in_pipe = _numbers(_in_pipe(child))
            self.held.setdefault("in the pipe", set()).update(in_pipe)
            self.held.setdefault("in the child", set()).update(_numbers(_in_memory(child)) - in_pipe)
            super()._kill(child)
        finally:
            os.kill(worker, signal.SIGCONT)


class StoppedExecFilterWay(ExecFilterWay):
    """exec_filter whose Fluentd is stopped again and again."""

    name = "exec_filter, stopped"
    promise = "Nothing lost at a stop."
    strikes: ClassVar[tuple[str, ...]] = ("fluentd: term", "fluentd: term", "fluentd: stop", "child: pause")
    at_least_once = True


class _Paced(list[range]):
    """A list that takes its time to give."""

    def pop(self, index: SupportsIndex = -1) -> range:
        time.sleep(0.1)
        return super().pop(index)


def _soon(done: Callable[[], bool], patience: float = PATIENCE) -> bool:
    limit = time.monotonic() + patience
    while not done():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def _no_more_than(most: int, count: Callable[[int], int], pid: int) -> bool:
    return count(pid) <= most


_NO_WAIT = 2
"""SPLICE_F_NONBLOCK of Linux."""


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _numbers(found: bytes) -> set[int]:
    """The numbers of all records that are there, whole or in part."""
    return {int(number) for number in re.findall(rb"number-(\d+)", found)}


def _in_pipe(pid: int) -> bytes:
    """What is in the pipe that a process reads from, which stays there."""
    tee = ctypes.CDLL(None, use_errno=True).tee
    pipe = os.open(f"/proc/{pid}/fd/0", os.O_RDONLY | os.O_NONBLOCK)
    out, into = os.pipe()
    try:
        size = fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)
        fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, size)
        count = tee(pipe, into, size, _NO_WAIT)
        if count < 0 and ctypes.get_errno() != errno.EAGAIN:
            raise OSError(ctypes.get_errno(), "tee")
        return os.read(out, count) if count > 0 else b""
    finally:
        for fd in (pipe, out, into):
            os.close(fd)


def _in_memory(pid: int) -> bytes:
    """What a process has in memory that it can write to."""
    found = bytearray()
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            begin, end = (int(each, 16) for each in span.split("-"))
            if rights.startswith("rw"):
                with contextlib.suppress(OSError, ValueError):
                    memory.seek(begin)
                    found += memory.read(end - begin)
    return bytes(found)


def _runs(pid: int) -> bool:
    """Whether a process is there and no mere entry of one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _in_each_fluentd() -> None:
    """Puts the ways into `WAYS`, once for each Fluentd that there is."""
    found = find_fluentds()
    for command in found:
        for kind in (PluginWay, ExecFilterWay, StoppedExecFilterWay):
            name = f"{kind.name} ({command.name})" if len(found) > 1 else kind.name
            way(type(kind.__name__, (kind,), {"fluentd": command, "name": name}))


_in_each_fluentd()
