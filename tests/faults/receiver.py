"""A Forward server, as a process of its own, that notes what it takes and does wrong at random from a seed.

    python receiver.py PORT FOLDER SEED RATE [POISON [KEY]]

Each message meets a fault with the probability RATE. What is taken is in a file in FOLDER before it is confirmed, each
life of the server in a file of its own, which `noted` reads. While there is a file `calm` in FOLDER, all goes well.
Entries whose number is a multiple of POISON, if that is not 0, are never taken: the server hangs up on them. With a
KEY, clients have to know it, and some handshakes fail.
"""

from __future__ import annotations

import hashlib
import os
import random
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]

FAULTS = ("silent", "late", "wrong", "hang_up", "half_close", "reset", "slow", "garbage", "twice", "split")
LATE = 0.3
CALM = "calm"


class Receiver:
    """Serves on a port until the process is ended."""

    def __init__(self, port: int, folder: Path, seed: int, rate: float, poison: int, key: bytes) -> None:
        self._calm, self._rate, self._poison, self._key = folder / CALM, rate, poison, key
        self._chance = random.Random(seed)
        name = f"{time.time_ns()}.{os.getpid()}.taken"
        self._notes = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)

    def serve(self) -> None:
        print(self._listener.getsockname()[1], flush=True)
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def _connection(self, connection: socket.socket) -> None:
        try:
            with connection:
                if self._key and not self._handshake(connection):
                    return
                while self._message(connection):
                    pass
        except OSError:
            return

    def _handshake(self, connection: socket.socket) -> bool:
        """Whether the client is let in, and not by mistake sent away."""
        with self._lock:
            how = self._chance.choice(("hello only", "denied", "wrong digest", "cut off"))
            fails = not self._calm.exists() and self._chance.random() < self._rate / 2
        nonce, auth = os.urandom(16), os.urandom(16)
        connection.sendall(msgpack.packb(["HELO", {"nonce": nonce, "auth": auth, "keepalive": True}]))
        first = connection.recv(16)
        if not first:
            # A look at whether anybody listens.
            return False
        if fails:
            self._note("fault", f"handshake, {how}")
        if fails and how == "hello only":
            return False
        ping = _whole(connection, first, 65536)
        if not ping or ping[0] != b"PING":
            return False
        _, name, salt, proof, _, _ = ping
        good = proof == hashlib.sha512(salt + name + nonce + self._key).hexdigest().encode()
        mine = "0" * 128 if fails and how == "wrong digest" else _digest(salt + b"receiver" + nonce + self._key)
        pong = msgpack.packb(["PONG", good and not (fails and how == "denied"), "", "receiver", mine])
        connection.sendall(pong[: len(pong) // 2] if fails and how == "cut off" else pong)
        return good and not fails

    def _message(self, connection: socket.socket) -> bool:
        first = connection.recv(16)
        if not first:
            return False
        fault = None
        with self._lock:
            if b"doorlog.probe" not in first and not self._calm.exists() and self._chance.random() < self._rate:
                fault = self._chance.choice(FAULTS)
                self._note("fault", fault)
        if fault == "reset":
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        message = _whole(connection, first, 1 if fault == "slow" else 65536)
        if message is None:
            return False
        tag, entries, option = message
        if self._poison and self._poisoned(entries):
            return False
        with self._lock:
            self._note("entries", tag, entries)
        return _answer(connection, fault, option[b"chunk"])

    def _poisoned(self, entries: bytes) -> bool:
        unpacker = msgpack.Unpacker(max_buffer_size=len(entries) or 1)
        unpacker.feed(entries)
        names = [document.get("event", {}).get("id", "") for _, document in unpacker]
        found = [name for name in names if name.startswith("number-") and int(name[7:]) % self._poison == 0]
        for name in found:
            self._note("poison", name)
        return bool(found)

    def _note(self, *what: object) -> None:
        os.write(self._notes, msgpack.packb(what))


def _digest(text: bytes) -> str:
    return hashlib.sha512(text).hexdigest()


def _whole(connection: socket.socket, first: bytes, at_once: int) -> Any:
    unpacker = msgpack.Unpacker(raw=True, max_buffer_size=2**30)
    unpacker.feed(first)
    read = 0
    while True:
        for message in unpacker:
            return message
        more = connection.recv(at_once)
        if not more:
            return None
        unpacker.feed(more)
        read += len(more)
        if read > 2000:
            # Slow enough to show; a whole batch byte by byte would take the rest of the day.
            at_once = 65536


def _answer(connection: socket.socket, fault: str | None, chunk: bytes) -> bool:
    ack: bytes = msgpack.packb({b"ack": chunk}, use_bin_type=False)
    if fault == "late":
        time.sleep(LATE)
    if fault == "half_close":
        connection.shutdown(socket.SHUT_WR)
    elif fault == "split":
        for byte in ack:
            connection.sendall(bytes([byte]))
            time.sleep(0.002)
    else:
        others = {
            "silent": b"",
            "hang_up": b"",
            "wrong": msgpack.packb({"ack": "AAAAAAAAAAAAAAAAAAAAAA=="}),
            "twice": ack + ack,
            "garbage": b"\xc1HTTP/1.1 400 Bad Request\r\n\r\n",
        }
        connection.sendall(others.get(fault or "", ack))
    return fault != "hang_up"


def noted(folder: Path) -> tuple[list[tuple[str, bytes]], Counter[str]]:
    """What all lives of the server took (tag and entries), and which faults they made."""
    taken: list[tuple[str, bytes]] = []
    faults: Counter[str] = Counter()
    poison: set[str] = set()
    for what, *rest in _notes(folder):
        if what == "entries":
            taken.append((rest[0].decode(), rest[1]))
        elif what == "fault":
            faults[rest[0]] += 1
        else:
            poison.add(rest[0])
    if poison:
        faults["poison"] = len(poison)
    return taken, faults


def _notes(folder: Path) -> Iterator[Any]:
    for file in sorted(folder.glob("*.taken")):
        unpacker = msgpack.Unpacker(max_buffer_size=2**31 - 1)
        # A life that was killed may end in the middle of a note, which it then had not confirmed.
        unpacker.feed(file.read_bytes())
        yield from unpacker


if __name__ == "__main__":
    port, folder, seed, rate, *more = sys.argv[1:]
    poison, key = (*more, *("0", "")[len(more) :])
    Receiver(int(port), Path(folder), int(seed), float(rate), int(poison), key.encode()).serve()
