"""The relay: listens, gives each client its turn, and ends without losing what it has confirmed."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from doorlog.forward.address import Server
from doorlog.forward.connection import words
from doorlog.intake import Limits
from doorlog.intake.compression import Unzippable
from doorlog.intake.limits import KEPT_BYTES
from doorlog.intake.packed_entries import entries
from doorlog.intake.rejections import refused
from doorlog.log import Log
from doorlog.relay.messages import Message, Nonsense, pieces
from doorlog.relay.session import Confirmation, Guard, Session, confirmation
from doorlog.relay.work import Work
from doorlog.stopping import heeded

SENT_AWAY: Mapping[str, str] = {
    "not_msgpack": "What it sent is no MessagePack.",
    "wrong_form": "What it sent is MessagePack, and no message of the Forward protocol.",
    "too_large": "A message of more than --max-message-bytes.",
    "no_handshake": "It didn't answer the HELO of a relay that wants a key.",
    "not_let_in": "A wrong shared key, user or password.",
    "silent": "It fell silent for a minute in the middle of a message, or of the handshake.",
    "too_many": "There were --max-connections clients already, or the relay was about to end.",
    "failed": "Its connection failed, such as in TLS, or for want of a descriptor.",
}
"""Every reason for which a client is sent away, with a sentence that says what it means."""

_SPARE = 64
"""Descriptors that connections leave to everything else."""

_LOOK = 0.01
"""Seconds between two looks at a queue that was full."""


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Where to listen and how much to take, in bytes and connections; `grace` in seconds."""

    listen: Server
    max_message: int
    max_held: int
    max_connections: int
    grace: float
    limits: Limits
    tls: ssl.SSLContext | None = None
    guard: Guard | None = None


@dataclass(slots=True)
class Visits:
    """How many clients there are and were, and how many were sent away, by reason."""

    now: int = 0
    ever: int = 0
    sent_away: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SENT_AWAY, 0))


class Relay:
    """A Forward server in front of `work`."""

    def __init__(self, settings: RelaySettings, work: Work, log: Log) -> None:
        self.visits = Visits()
        self.stop_by: float | None = None
        """By when (`time.monotonic()`) all has to be over, once a signal has asked for the end."""
        self.by: str | None = None
        """The name of that signal."""
        self._settings, self._work, self._log = settings, work, log
        self._told: set[str] = set()
        self._sessions: dict[Session, asyncio.Task[None]] = {}
        self._in_line = self._held = 0
        self._holding: dict[Session, int] = {}
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self._most = max(1, min(settings.max_connections, descriptors - _SPARE))

    async def run(self, ready: Callable[[Server], None], broken: Callable[[], None]) -> None:
        """Serves until a signal comes; `ready` is told where, and `broken` raises what has to end it earlier."""
        self._loop = asyncio.get_running_loop()
        self._turn = asyncio.Lock()
        self._asked = asyncio.Event()
        self._loop.set_exception_handler(self._surprised)
        for number in heeded():
            # Not by the loop, which would let go of them at its end, when there is still something to send.
            signal.signal(number, self._signalled)
        listen = self._settings.listen
        # Hundreds may come at once, when a relay is started anew.
        server = await asyncio.start_server(
            self._visit, listen.host, listen.port, ssl=self._settings.tls, backlog=1024, limit=64 * 1024
        )
        port: int = server.sockets[0].getsockname()[1]
        echo, _ = await self._loop.create_datagram_endpoint(_Echo, (listen.host, port))
        try:
            ready(Server(listen.host, port))
            while not self._asked.is_set():
                self._work.count()
                broken()
                try:
                    await asyncio.wait_for(self._asked.wait(), 0.5)
                except (TimeoutError, asyncio.TimeoutError):
                    continue
        finally:
            echo.close()
            server.close()
            await self._finish()

    def count(self) -> None:
        """Enters into the books what was confirmed since."""
        self._work.count()

    async def admit(self, session: Session) -> None:
        """Returns when there is memory for more; whoever began first is never kept from an end."""
        self._hold(session, session.held)
        while self._held > self._settings.max_held and next(iter(self._holding)) is not session:
            await asyncio.sleep(_LOOK)

    def _hold(self, session: Session, size: int) -> None:
        self._held += size - self._holding.get(session, 0)
        if size:
            # One that is there already keeps its place.
            self._holding[session] = size
        else:
            self._holding.pop(session, None)

    async def take(self, message: Message, session: Session) -> None:
        """Queues the entries of a message, piece by piece, each when it is this session's turn."""
        confirm = confirmation(session, message, self._loop)
        source = f"forward:{message.tag}"
        parts = pieces(message, self._settings.limits)
        while True:
            # Locks are given in the order in which they were asked for: so every session has its turn.
            self._in_line += 1
            async with self._turn:
                self._in_line -= 1
                while not self._work.room():
                    await asyncio.sleep(_LOOK)
                if not self._piece(parts, message, source, confirm):
                    break
            await asyncio.sleep(0)
        if not self._in_line:
            # Nobody is about to add to what waits, and this client waits for its ack.
            self._work.hurry()
        confirm.done()

    def _piece(self, parts: Iterator[bytes], message: Message, source: str, confirm: Confirmation) -> bool:
        """Whether there was another piece."""
        limits = self._settings.limits
        try:
            piece = next(parts, None)
            found = None if piece is None else entries(piece, limits)
        except Unzippable as problem:
            raw = bytes(message.entries[:KEPT_BYTES])
            found = [(refused(problem.reason, "$", "gzip", problem.what, raw), 1, 0, None)]
        if found is None:
            return False
        confirm.part()
        if not self._work.take(found, source, confirm.done_elsewhere):
            confirm.done()
        return True

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._asked.is_set() or len(self._sessions) >= self._most:
            self._away("too_many", "too many connections")
            writer.transport.abort()
            return
        # A client whose machine is gone says nothing, ever.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        session = Session(reader, writer, self, self._settings.max_message, self._settings.guard)
        task = asyncio.current_task()
        assert task is not None
        self._sessions[session] = task
        self.visits.now += 1
        self.visits.ever += 1
        try:
            await session.run()
        except Nonsense as nonsense:
            self._away(nonsense.reason, str(nonsense))
        finally:
            self.visits.now -= 1
            self._hold(session, 0)
            del self._sessions[session]

    def _away(self, reason: str, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._log.note(f"a client was sent away: {text}")
        self.visits.sent_away[reason] += 1

    def _surprised(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What asyncio has to tell of one connection, such as that there is no descriptor left to accept it."""
        error = context.get("exception")
        if isinstance(error, asyncio.CancelledError):
            # Sessions that are ended with the relay.
            return
        # The text of asyncio has addresses of objects and paths in it, so no two of them are the same.
        reason = words(error) if isinstance(error, OSError) else type(error).__name__
        self._away("failed", f"its connection failed: {reason}" if error else "its connection failed")

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._stop, number)

    def _stop(self, number: int) -> None:
        if self.by is not None and number == signal.SIGINT:
            self.stop_by = time.monotonic()
        if self.by is None:
            self.by = signal.Signals(number).name
            self.stop_by = time.monotonic() + self._settings.grace
        self._asked.set()

    async def _finish(self) -> None:
        """Lets the sessions confirm what they have taken, until the grace is over."""
        self._asked.set()
        for session in self._sessions:
            session.finish()
        while self._sessions and self.stop_by is not None and time.monotonic() < self.stop_by:
            await asyncio.wait(self._sessions.values(), timeout=0.2)
        for task in list(self._sessions.values()):
            task.cancel()
        await asyncio.gather(*self._sessions.values(), return_exceptions=True)


class _Echo(asyncio.DatagramProtocol):
    """Answers the heartbeat that Fluentd sends by UDP where it is told to."""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._transport.sendto(b"\0", address)
