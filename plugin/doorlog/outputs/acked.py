"""A Fluentd connection that believes only the server's acks."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgpack  # type: ignore[import-untyped]
from fluent.sender import FluentSender  # type: ignore[import-untyped]

from doorlog.errors import OutputFailed

Stop: TypeAlias = Callable[[], "float | None"]
"""Answers by when (`time.monotonic()`) all has to be over, or None while nobody has asked to stop."""

_SLICE = 0.2
"""Blocking calls wait no longer than so many seconds at a time, so that a request to stop is seen."""

_ANSWER_BYTES = 64 * 1024
"""More than any answer of the protocol needs; a peer that sends more than this without an end speaks another one."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server, in seconds: to connect, to take and confirm a batch, and in all for a batch."""

    connect: float = 5.0
    answer: float = 20.0
    give_up: float = 60.0


DEFAULT_PATIENCE = Patience()


class Unconfirmed(OutputFailed):
    """A batch that the server didn't confirm in time; the text says what happened at the last attempt."""


class AckedSender(FluentSender):  # type: ignore[misc]
    """fluent-logger's sender, made to wait for acks.

    The plain sender reports success once the kernel has the bytes, and throws away what the server says.
    """

    def __init__(self, host: str, port: int, patience: Patience, stop: Stop) -> None:
        super().__init__("", host=host, port=port, timeout=_SLICE, forward_packet_error=False)
        self._patience, self._stop = patience, stop
        self.socket: Any = None
        self._answers = _unpacker()
        self._until = 0.0

    def deliver(self, message: bytes, chunk: str) -> None:
        """Send one message until its `chunk` is confirmed; the same bytes each time. Raises Unconfirmed."""
        with self.lock:
            give_up = time.monotonic() + self._patience.give_up
            for attempt, pause in enumerate(_pauses(), start=1):
                self._until = min(give_up, time.monotonic() + self._patience.answer)
                try:
                    self._attempt(message, chunk)
                    return
                except OSError as error:
                    self._close()
                    failure = f"{_words(error)} (attempt {attempt})"
                except BaseException:
                    # Half a message may be out: nothing can follow it on this connection.
                    self._close()
                    raise
                self._until = give_up
                self._rest(pause, failure)

    def _attempt(self, message: bytes, chunk: str) -> None:
        if self.socket:
            try:
                self._check_recv_side()
            except OSError:
                # Closed while nothing was under way, as a restarting server does: that is no failed attempt.
                self._close()
        # Whatever the server said before it had this message can't be about it.
        self._answers = _unpacker()
        self._send_data(message)
        answer = self._answer()
        if isinstance(answer, list) and answer[:1] == [b"HELO"]:
            raise Unconfirmed("the server asks for a shared key, and none can be given")
        if not isinstance(answer, dict) or answer.get(b"ack") != chunk.encode():
            raise ConnectionError("the server answered with something else than the ack")

    def _reconnect(self) -> None:
        """Connect by whatever address family the host has; the base class knows IPv4 only."""
        if self.socket:
            return
        wait = max(0.01, min(self._patience.connect, self._remaining()))
        connection = socket.create_connection((self.host, self.port), timeout=wait)
        connection.settimeout(_SLICE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.socket = connection

    def _send_data(self, bytes_: bytes) -> None:
        self._reconnect()
        rest = memoryview(bytes_)
        while rest:
            self._in_time()
            with suppress(TimeoutError):
                rest = rest[self.socket.send(rest) :]

    def _answer(self) -> Any:
        """The next whole value that the server says, wherever its packets end."""
        try:
            while True:
                for answer in self._answers:
                    return answer
                self._in_time()
                with suppress(TimeoutError):
                    data = self.socket.recv(_ANSWER_BYTES // 4)
                    if not data:
                        raise ConnectionError("the server closed the connection")
                    self._answers.feed(data)
        except (ValueError, msgpack.UnpackException):
            raise ConnectionError("the server doesn't speak the Forward protocol") from None

    def _rest(self, seconds: float, failure: str) -> None:
        """Wait before the next attempt; raise Unconfirmed with this failure once there is no time for one."""
        over = time.monotonic() + seconds
        while (now := time.monotonic()) < over:
            left = self._remaining()
            if left <= 0:
                raise Unconfirmed(failure)
            time.sleep(min(_SLICE, over - now, left))

    def _in_time(self) -> None:
        if self._remaining() <= 0:
            raise TimeoutError("no ack in time")

    def _remaining(self) -> float:
        asked = self._stop()
        until = self._until if asked is None else min(self._until, asked)
        return until - time.monotonic()


def _unpacker() -> msgpack.Unpacker:
    return msgpack.Unpacker(raw=True, max_buffer_size=_ANSWER_BYTES)


def _pauses() -> Iterator[float]:
    """Growing pauses with jitter, so that many senders don't come back to a restarted server all at once."""
    longest = 0.05
    while True:
        yield longest * random.uniform(0.5, 1.0)
        longest = min(5.0, longest * 2)


def _words(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()
