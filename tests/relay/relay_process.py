"""A relay as its users run it, and a client of it that speaks the protocol byte by byte."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30
SECOND = 1_753_000_000


class Relay:
    """One run of `doorlog relay`, on a free port of 127.0.0.1."""

    def __init__(self, output: str, *options: str, port: int = 0, **more: Any) -> None:
        self.told: list[str] = []
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DOORLOG_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "doorlog", "relay", "--listen", f"127.0.0.1:{port}", "--output", output, *options],
            env={**environment, "PYTHONPATH": str(ROOT / "plugin"), **more.pop("environment", {})},
            stderr=subprocess.PIPE,
            **more,
        )
        assert self.process.stderr is not None
        first = self.process.stderr.readline().decode()
        self.told.append(first)
        found = re.search(r"listening on 127\.0\.0\.1:([0-9]+)", first)
        if found is None:
            self.told += [line.decode() for line in self.process.stderr]
            self.process.stderr.close()
            self.process.wait(PATIENCE)
            raise AssertionError(self.told)
        self.port = int(found[1])
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    @property
    def where(self) -> str:
        return f"fluentd://127.0.0.1:{self.port}/cloudtrail"

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Ends the relay; its exit code, and all that it told."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self._reading.join(PATIENCE)
            assert self.process.stderr is not None
            self.process.stderr.close()
        return self.process.returncode, "".join(self.told)

    def _read(self) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(ValueError):
            for line in self.process.stderr:
                self.told.append(line.decode())


class Client:
    """A connection to a relay."""

    def __init__(self, port: int, timeout: float = 10.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self._unpacker = msgpack.Unpacker()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.socket.close()

    def send(self, message: Any) -> None:
        self.socket.sendall(message if isinstance(message, bytes) else msgpack.packb(message))

    def answer(self) -> Any:
        """The next value that the relay says; None when it has closed."""
        while True:
            for value in self._unpacker:
                return value
            try:
                data = self.socket.recv(4096)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._unpacker.feed(data)

    def asks(self, message: Any) -> Any:
        self.send(message)
        return self.answer()


def event_time(seconds: int = SECOND, nanoseconds: int = 5) -> msgpack.ExtType:
    return msgpack.ExtType(0, struct.pack(">II", seconds, nanoseconds))


def signin(number: int = 0, **more: Any) -> dict[str, Any]:
    """A sign-in record with an id of its own."""
    first = (ROOT / "examples" / "signins.ndjson").read_bytes().splitlines()[0]
    return {**json.loads(first), "eventID": f"event-{number}", **more}


def packed(*numbers: int, chunk: str = "c", **more: Any) -> list[Any]:
    """A PackedForward message of such records."""
    entries = b"".join(msgpack.packb([event_time(), signin(number, **more)]) for number in numbers)
    return ["cloudtrail", entries, {"size": len(numbers), "chunk": chunk}]
