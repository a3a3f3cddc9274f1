"""One client of a relay: its handshake, its messages, and the acks that it gets."""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

import msgpack  # type: ignore[import-untyped]

from doorlog.forward.protocol import key_digest, password_digest
from doorlog.relay.messages import PIECE, Framer, Message, Nonsense, read

MID_MESSAGE = 60.0
"""Seconds of silence in the middle of a message, or of a handshake, after which a client is given up."""

_T = TypeVar("_T")

_UNREAD_ACKS = 64 * 1024
"""Bytes of acks that a client may leave unread."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What clients have to prove: that they know the shared key, and the password of a user if there are users."""

    shared_key: bytes
    users: Mapping[bytes, bytes]
    hostname: bytes


class Taking(Protocol):
    """What a session hands messages to."""

    async def admit(self, session: Session) -> None:
        """Returns when the session may read more."""

    async def take(self, message: Message, session: Session) -> None:
        """Returns when the message is queued; `session.confirm` is called once it is confirmed."""


class Session:
    """One connection. What a client does wrong ends its own connection and nothing else."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        taking: Taking,
        max_message: int,
        guard: Guard | None,
    ) -> None:
        self._reader, self._writer, self._taking, self._guard = reader, writer, taking, guard
        self._framer = Framer(max_message)
        self._unconfirmed = 0
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def held(self) -> int:
        """How many bytes of an unfinished message this session holds."""
        return self._framer.held

    async def run(self) -> None:
        """Serves the client until it goes. Raises Nonsense where it has to be sent away."""
        try:
            greeting = await self._greet(self._guard) if self._guard is not None else b""
            for raw in self._framer.feed(greeting):
                await self._message(raw)
            while data := await self._read():
                for raw in self._framer.feed(data):
                    await self._message(raw)
            # A client that has only closed its own direction still waits for acks.
            await self._settled.wait()
        except OSError:
            # It is gone.
            return
        finally:
            self._writer.close()

    def finish(self) -> None:
        """Ends the reading; messages that are whole by now are still taken and confirmed."""
        transport: Any = self._writer.transport
        if not transport.is_closing():
            transport.pause_reading()
            self._reader.feed_eof()

    def confirm(self, chunk: bytes | None) -> None:
        """Tells the client that a message of its is confirmed."""
        self._unconfirmed -= 1
        if not self._unconfirmed:
            self._settled.set()
        if chunk is None or self._writer.is_closing():
            return
        # As text, whatever it came as.
        self._writer.write(msgpack.packb({b"ack": chunk}, use_bin_type=False))
        if self._writer.transport.get_write_buffer_size() > _UNREAD_ACKS:
            self._writer.transport.abort()

    async def _message(self, raw: bytes) -> None:
        message = read(raw)
        self._unconfirmed += 1
        self._settled.clear()
        await self._taking.take(message, self)

    async def _read(self) -> bytes:
        await self._taking.admit(self)
        reading = self._reader.read(PIECE)
        return await (_in_time(reading) if self.held else reading)

    async def _greet(self, guard: Guard) -> bytes:
        """Lets in who knows the key; returns what came behind the PING. Raises Nonsense."""
        nonce, auth = os.urandom(16), os.urandom(16) if guard.users else b""
        self._send(["HELO", {"nonce": nonce, "auth": auth, "keepalive": True}])
        ping, rest = await _in_time(self._ping())
        _, name, salt, proof, user, password = ping
        good = hmac.compare_digest(proof, key_digest(salt, name, nonce, guard.shared_key))
        if guard.users:
            theirs = password_digest(auth, user, guard.users.get(user, os.urandom(16)))
            good &= hmac.compare_digest(password, theirs)
        mine = key_digest(salt, guard.hostname, nonce, guard.shared_key).decode() if good else ""
        self._send(["PONG", good, "" if good else "not let in", guard.hostname.decode(), mine])
        await self._writer.drain()
        if not good:
            raise Nonsense("not_let_in", "a wrong shared key, user or password")
        return rest

    async def _ping(self) -> tuple[list[bytes], bytes]:
        unpacker = msgpack.Unpacker(raw=True, max_buffer_size=PIECE)
        came = b""
        while True:
            data = await self._reader.read(4096)
            if not data:
                raise ConnectionError
            came += data
            try:
                unpacker.feed(data)
                ping = unpacker.unpack()
            except msgpack.OutOfData:
                continue
            except (ValueError, msgpack.UnpackException):
                raise Nonsense("not_msgpack", "no MessagePack") from None
            if not isinstance(ping, list) or len(ping) != 6 or ping[0] != b"PING":
                raise Nonsense("no_handshake", "no handshake")
            if not all(isinstance(part, bytes) for part in ping):
                raise Nonsense("no_handshake", "no handshake")
            return ping, came[unpacker.tell() :]

    def _send(self, message: object) -> None:
        self._writer.write(msgpack.packb(message))


async def _in_time(reading: Coroutine[Any, Any, _T]) -> _T:
    """What comes of it. Raises Nonsense where that takes too long."""
    try:
        return await asyncio.wait_for(reading, MID_MESSAGE)
    except (TimeoutError, asyncio.TimeoutError):
        raise Nonsense("silent", f"silent for {MID_MESSAGE:g} s in the middle of a message") from None


def confirmation(session: Session, message: Message, loop: asyncio.AbstractEventLoop) -> Confirmation:
    """What waits for all parts of a message and then has the session confirm it."""
    return Confirmation(partial(session.confirm, message.chunk), loop)


class Confirmation:
    """Counts what is to be confirmed before a message is; parts are confirmed from any thread."""

    def __init__(self, confirm: partial[None], loop: asyncio.AbstractEventLoop) -> None:
        self._confirm, self._loop = confirm, loop
        # One for the message itself, until all of its parts are known.
        self._parts = 1

    def part(self) -> None:
        """One more is to be confirmed."""
        self._parts += 1

    def done(self) -> None:
        """One is confirmed; from the loop's thread."""
        self._parts -= 1
        if not self._parts:
            self._confirm()

    def done_elsewhere(self) -> None:
        """One is confirmed; from another thread, perhaps when the loop has ended."""
        try:
            self._loop.call_soon_threadsafe(self.done)
        except RuntimeError:
            return
