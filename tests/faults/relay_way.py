"""`doorlog relay` between clients that want acks and the server."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import ClassVar

import msgpack  # type: ignore[import-untyped]
from fault_ways import Way, way
from oracle import record
from processes import PATIENCE, descriptors, doorlog, threads

_CLIENTS = 3
_CHUNK = 20
_TO_SERVER = 1
"""Descriptors that a relay has at work and not when it is fresh: its connection to the server."""
_LETS_GO = 5.0
"""Seconds after which what is still open is never closed."""


@way
class RelayWay(Way):
    """Clients send each chunk again, with the same id and bytes, until its ack has come."""

    name = "relay"
    promise = "At least once for every chunk whose ack has come."
    takes_key = True
    strikes: ClassVar[tuple[str, ...]] = ("kill", "term", "stop", "descriptors", "rude client")

    def __init__(self, folder: Path, port: int, chance: random.Random, key: str = "") -> None:
        super().__init__(folder, port, chance, key)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._listen = int(probe.getsockname()[1])
        self._lock = threading.Lock()
        self._start()
        self._descriptors = descriptors(self._running.pid)

    def send(self, numbers: range) -> None:
        self._left = [numbers[at : at + _CHUNK] for at in range(0, len(numbers), _CHUNK)]
        self._clients = [threading.Thread(target=self._client, daemon=True) for _ in range(_CLIENTS)]
        for client in self._clients:
            client.start()

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        return self._running

    def busy(self) -> bool:
        return any(client.is_alive() for client in self._clients)

    def struck(self, how: str) -> None:
        if how == "rude client":
            self._rude()
        else:
            super().struck(how)

    def revive(self) -> None:
        if self._running.poll() is not None:
            self._start()

    def finish(self) -> None:
        for client in self._clients:
            client.join()
        # What the last clients have closed, a relay on a busy machine lets go of a moment later.
        limit = time.monotonic() + _LETS_GO
        while self._more() > _TO_SERVER and time.monotonic() < limit:
            time.sleep(0.05)
        if (more := self._more()) > _TO_SERVER:
            self.leftovers.append(f"{more} descriptors")
        if (number := threads(self._running.pid)) > 2:
            self.leftovers.append(f"{number} threads")
        self._running.terminate()
        if code := self._running.wait(PATIENCE):
            self.leftovers.append(f"exit code {code}")

    def _more(self) -> int:
        return descriptors(self._running.pid) - self._descriptors

    def _start(self) -> None:
        self._running = doorlog(
            *("relay", "--listen", f"127.0.0.1:{self._listen}", "--output", f"fluentd://127.0.0.1:{self.port}/out"),
            *("--ack-timeout", "0.5", "--queue-bytes", "100000", "--linger", "0.01", "--grace", "1"),
            stderr=self.folder / "told",
            key=self.key,
        )
        limit = time.monotonic() + PATIENCE
        while self._running.poll() is None and time.monotonic() < limit:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._listen), 1):
                return
            time.sleep(0.02)

    def _client(self) -> None:
        connection: socket.socket | None = None
        while not self.over:
            with self._lock:
                if not self._left:
                    break
                numbers = self._left.pop()
            entries = b"".join(msgpack.packb([number, record(number)]) for number in numbers)
            message = msgpack.packb(["cloudtrail", entries, {"size": len(numbers), "chunk": str(numbers.start)}])
            while not self.over:
                try:
                    connection = connection or socket.create_connection(("127.0.0.1", self._listen), 3)
                    connection.sendall(message)
                    if _ack(connection) == str(numbers.start):
                        break
                except OSError:
                    time.sleep(0.05)
                if connection is not None:
                    connection.close()
                connection = None
            with self._lock:
                self.acknowledged.update(numbers)
        if connection is not None:
            connection.close()

    def _rude(self) -> None:
        """A client that breaks off, stalls, or talks nonsense."""
        how = self.chance.choice(["half", "nonsense", "gone", "large"])
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._listen), 3) as rude:
            whole: bytes = msgpack.packb(["cloudtrail", msgpack.packb([0, record(0)]), {"chunk": "rude"}])
            large = b"\xdb\xff\xff\xff\xff" + b"x" * 100_000
            rude.sendall({"half": whole[:200], "nonsense": b"\xc1\xff\x00", "gone": whole, "large": large}[how])
            time.sleep(0.05)


def _ack(connection: socket.socket) -> str | None:
    unpacker = msgpack.Unpacker()
    while data := connection.recv(4096):
        unpacker.feed(data)
        for answer in unpacker:
            return str(answer.get("ack")) if isinstance(answer, dict) else None
    return None
