"""A connection to one Forward server that believes only the server's acks."""

from __future__ import annotations

import hmac
import os
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeAlias

import msgpack  # type: ignore[import-untyped]
from fluent.sender import FluentSender  # type: ignore[import-untyped]

from doorlog.forward.address import Server
from doorlog.forward.protocol import key_digest, new_chunk, packed_forward, password_digest
from doorlog.forward.settings import ForwardSettings, Login

Stop: TypeAlias = Callable[[], "float | None"]
"""Answers by when (`time.monotonic()`) all has to be over, or None while nobody has asked to stop."""

SLICE = 0.2
"""Blocking calls wait no longer than so many seconds at a time, so that a request to stop is seen."""

_ANSWER_BYTES = 64 * 1024
"""More than any answer of the protocol needs; a peer that sends more than this without an end speaks another one."""

_PIECE = 256 * 1024

_DENIALS = {
    "ACCESS_DENIED",
    "BAD_CERTIFICATE",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REQUIRED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_UNKNOWN",
    "HANDSHAKE_FAILURE",
    "UNKNOWN_CA",
}
"""TLS alerts about who the client is, as OpenSSL names them behind ALERT_."""


class Refusal(ConnectionError):
    """The server took the connection, and ended it on this message."""


class Denied(ConnectionError):
    """The server and this client don't get on, and won't at the next attempt either: a wrong key or certificate."""


class Connection(FluentSender):  # type: ignore[misc]
    """fluent-logger's sender, made to wait for acks, to prove itself, and to see that the server does.

    The plain sender reports success once the kernel has the bytes, and throws away what the server says.
    """

    def __init__(self, server: Server, settings: ForwardSettings, stop: Stop) -> None:
        super().__init__("", host=server.host, port=server.port, timeout=SLICE, forward_packet_error=False)
        self.server = server
        self._settings, self._stop = settings, stop
        self.socket: Any = None
        self._answers = _unpacker()
        self._until = 0.0
        self._given_up = False

    def deliver(self, message: bytes, chunk: str, until: float) -> None:
        """Send one message and return when its `chunk` is confirmed. Raises OSError: Refusal, Denied, or another."""
        with self.lock:
            self._until = until
            try:
                self._attempt(message, chunk)
            except ssl.SSLCertVerificationError as error:
                self._close()
                raise Denied(f"the server's certificate is not trusted: {error.verify_message}") from None
            except ssl.SSLError as error:
                self._close()
                if _denies(error):
                    raise Denied(words(error)) from None
                raise
            except BaseException:
                # Half a message may be out: nothing can follow it on this connection.
                self._close()
                raise

    def give_up(self) -> None:
        """Has what is under way fail at once; for another thread that wants to close."""
        self._given_up = True

    def takes_anything(self, until: float) -> bool:
        """Whether the server confirms a message without an event; if so, the connection is open afterwards."""
        chunk = new_chunk()
        try:
            self.deliver(packed_forward("doorlog.probe", [], chunk), chunk, until)
        except OSError:
            return False
        return True

    def _attempt(self, message: bytes, chunk: str) -> None:
        self._drop_if_closed()
        fresh = self.socket is None
        self._reconnect()
        if not fresh:
            # Whatever the server said before it had this message can't be about it.
            self._answers = _unpacker()
        try:
            self._send_data(message)
            answer = self._answer()
        except TimeoutError:
            raise
        except OSError as error:
            if _denies(error):
                raise
            raise Refusal(words(error)) from None
        if isinstance(answer, list) and answer[:1] == [b"HELO"]:
            raise Denied("the server asks for a shared key, and none is given")
        if not isinstance(answer, dict) or answer.get(b"ack") != chunk.encode():
            raise ConnectionError("the server answered with something else than the ack")

    def _drop_if_closed(self) -> None:
        """A server that restarts closes connections while nothing is under way: that is no failed attempt."""
        if self.socket is None:
            return
        try:
            self._check_recv_side()
        except OSError:
            self._close()

    def _check_recv_side(self) -> None:
        """Throw away what came unasked; raise OSError where the server has closed. The base class knows no TLS."""
        self.socket.settimeout(0)
        try:
            while self.socket.recv(_ANSWER_BYTES):
                pass
            raise ConnectionError("the server closed the connection")
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        finally:
            self.socket.settimeout(SLICE)

    def _reconnect(self) -> None:
        """Connect by whatever address family the host has (the base class knows IPv4 alone), and shake hands."""
        if self.socket is not None:
            return
        wait = max(0.01, min(self._settings.patience.connect, self._remaining()))
        self._answers = _unpacker()
        connection = _connected(self.server, wait)
        try:
            if self._settings.tls is not None:
                name = self._settings.tls_name or self.server.host
                connection = self._settings.tls.wrap_socket(connection, server_hostname=name)
            connection.settimeout(SLICE)
            self.socket = connection
            if self._settings.login is not None:
                self._shake_hands(self._settings.login)
        except BaseException:
            connection.close()
            self.socket = None
            raise

    def _shake_hands(self, login: Login) -> None:
        helo = self._answer()
        if not _says(helo, b"HELO", 2) or not isinstance(helo[1], dict):
            raise ConnectionError("the server doesn't ask for a shared key, though one is given")
        nonce, auth = helo[1].get(b"nonce"), helo[1].get(b"auth") or b""
        if not isinstance(nonce, bytes) or not isinstance(auth, bytes):
            raise ConnectionError("the server's greeting is none of the Forward protocol")
        salt = os.urandom(16).hex().encode()
        proof = key_digest(salt, login.hostname, nonce, login.shared_key)
        # Fluentd and Fluent Bit send a salt for a password also where they want none.
        password = password_digest(auth, login.user, login.password) if auth and login.user else b""
        ping = [b"PING", login.hostname, salt, proof, login.user if password else b"", password]
        self._send_data(msgpack.packb(ping, use_bin_type=False))
        pong = self._answer()
        if not _says(pong, b"PONG", 5):
            raise ConnectionError("the server doesn't answer the handshake")
        if pong[1] is not True:
            raise Denied("the server denies the shared key, or the user and password")
        theirs = key_digest(salt, pong[3], nonce, login.shared_key) if isinstance(pong[3], bytes) else b""
        if not isinstance(pong[4], bytes) or not hmac.compare_digest(theirs, pong[4]):
            raise Denied("the server does not know the shared key")

    def _send_data(self, bytes_: bytes) -> None:
        rest = memoryview(bytes_)
        while rest:
            self._in_time()
            with suppress(TimeoutError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                rest = rest[self.socket.send(rest[:_PIECE]) :]

    def _answer(self) -> Any:
        """The next whole value that the server says, wherever its packets end."""
        try:
            while True:
                for answer in self._answers:
                    return answer
                self._in_time()
                with suppress(TimeoutError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                    data = self.socket.recv(_ANSWER_BYTES // 4)
                    if not data:
                        raise ConnectionError("the server closed the connection")
                    self._answers.feed(data)
        except (ValueError, msgpack.UnpackException):
            raise ConnectionError("the server doesn't speak the Forward protocol") from None

    def _in_time(self) -> None:
        if self._remaining() <= 0:
            hint = "" if self.server.port else ", as ever from Fluentd's in_unix"
            raise TimeoutError(f"no ack in time{hint}")

    def _remaining(self) -> float:
        if self._given_up:
            return 0
        asked = self._stop()
        until = self._until if asked is None else min(self._until, asked)
        return until - time.monotonic()


def _denies(error: OSError) -> bool:
    """Whether it is a server's TLS alert that won't be another one at the next attempt."""
    return isinstance(error, ssl.SSLError) and (error.reason or "").partition("ALERT_")[2] in _DENIALS


def words(error: OSError) -> str:
    """What went wrong, as it stands in the middle of a sentence."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"TLS: {error.reason.lower().replace('_', ' ')}"
    return (error.strerror or str(error) or type(error).__name__).lower()


def _connected(server: Server, wait: float) -> socket.socket:
    if not server.port:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(wait)
        try:
            connection.connect(server.host)
        except BaseException:
            connection.close()
            raise
        return connection
    connection = socket.create_connection(server, timeout=wait)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return connection


def _says(answer: Any, word: bytes, length: int) -> bool:
    return isinstance(answer, list) and len(answer) >= length and answer[0] == word


def _unpacker() -> msgpack.Unpacker:
    return msgpack.Unpacker(raw=True, max_buffer_size=_ANSWER_BYTES)
