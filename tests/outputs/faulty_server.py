"""A Forward server on loopback that does wrong, once for each fault that a test hands it."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import msgpack  # type: ignore[import-untyped]


class Arrived(NamedTuple):
    """One entry as the server understood it."""

    tag: str
    time: int
    record: dict[str, Any]


class FaultyServer:
    """Takes PackedForward messages; each message uses up one of `faults`, and after the last all goes well.

    ack          confirm (what happens once no faults are left)
    silent       take the message, say nothing
    wrong        confirm another chunk
    late         confirm after 0.6 seconds
    twice        confirm two times in one write
    split        confirm byte by byte
    hang_up      take the message, close without a word
    ack_close    confirm, then close
    half_close   take the message, close one's own direction, go on reading
    reset        read the beginning of the message, then reset the connection
    slow         read the message byte by byte
    garbage      answer with what is no MessagePack
    flood        answer with the beginning of a text of 4 GB, and send on
    helo         ask for a shared key

    `poison` says whether the server hangs up on an entry. `key` is the shared key and `users` the passwords by name of
    a server that wants a handshake; `pong` answers it with another digest. `tls` wraps each connection. A `host` with a
    slash is the path of a Unix socket.
    """

    def __init__(
        self,
        faults: list[str] | None = None,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        poison: Callable[[dict[str, Any]], bool] = lambda record: False,
        key: bytes | None = None,
        users: dict[bytes, bytes] | None = None,
        pong: bytes | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._poison, self._key, self._users, self._pong, self._tls = poison, key, users, pong, tls
        self.logins: list[list[Any]] = []
        self.confirms_probes = True
        self.faults = list(faults or [])
        self.arrived: list[Arrived] = []
        self.messages: list[bytes] = []
        self.options: list[dict[str, Any]] = []
        self.connections = 0
        family = socket.AF_UNIX if "/" in host else socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(host if "/" in host else (host, port))
        self._listener.listen(16)
        self.port: int = 0 if "/" in host else self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> FaultyServer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close every connection and end every thread."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        raw = connection
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            if self._key is None or self._handshake(connection, self._key):
                while self._message(connection):
                    pass
        except OSError:
            pass
        finally:
            self._open.remove(raw)
            connection.close()

    def _handshake(self, connection: socket.socket, key: bytes) -> bool:
        nonce, auth = b"n\xff" * 8, b"a\xfe" * 8
        connection.sendall(msgpack.packb(["HELO", {"nonce": nonce, "auth": auth, "keepalive": True}]))
        ping = msgpack.unpackb(_whole(connection, connection.recv(1), 65536), raw=True)
        self.logins.append(ping)
        _, name, salt, proof, user, password = ping
        good = proof == hashlib.sha512(salt + name + nonce + key).hexdigest().encode()
        if self._users is not None:
            mine = self._users.get(user)
            good &= mine is not None and password == hashlib.sha512(auth + user + mine).hexdigest().encode()
        digest = self._pong or hashlib.sha512(salt + b"faulty" + nonce + key).hexdigest().encode()
        answer = ["PONG", good, "" if good else "no", "faulty", digest.decode() if good else ""]
        connection.sendall(msgpack.packb(answer))
        return good

    def _message(self, connection: socket.socket) -> bool:
        first = connection.recv(16)
        if not first:
            return False
        if b"doorlog.probe" in first and self.confirms_probes:
            # A message without an event, which asks whether all is well.
            return self._answer(connection, "ack", msgpack.unpackb(_whole(connection, first, 65536))[2]["chunk"])
        fault = self.faults.pop(0) if self.faults else "ack"
        if fault == "reset":
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        raw = _whole(connection, first, 1 if fault == "slow" else 65536)
        tag, entries, option = msgpack.unpackb(raw)
        self.messages.append(raw)
        self.options.append(option)
        if option.get("compressed") == "gzip":
            entries = gzip.decompress(entries)
        unpacker = msgpack.Unpacker(strict_map_key=False)
        unpacker.feed(entries)
        arrived = [Arrived(tag, _nanoseconds(moment), record) for moment, record in unpacker]
        if any(self._poison(one.record) for one in arrived):
            return False
        self.arrived += arrived
        return self._answer(connection, fault, option["chunk"])

    def _answer(self, connection: socket.socket, fault: str, chunk: str) -> bool:
        ack: bytes = msgpack.packb({"ack": chunk})
        if fault == "late":
            time.sleep(0.6)
        if fault == "half_close":
            connection.shutdown(socket.SHUT_WR)
        elif fault == "split":
            for byte in ack:
                connection.sendall(bytes([byte]))
                time.sleep(0.005)
        elif fault == "flood":
            connection.sendall(b"\xdb\xff\xff\xff\xff")
            while True:
                connection.sendall(b" " * 4096)
        else:
            connection.sendall(
                {
                    "silent": b"",
                    "hang_up": b"",
                    "wrong": msgpack.packb({"ack": "AAAAAAAAAAAAAAAAAAAAAA=="}),
                    "twice": ack + ack,
                    "garbage": b"\xc1HTTP/1.1 400 Bad Request\r\n\r\n",
                    "helo": msgpack.packb(["HELO", {"nonce": b"n" * 16, "auth": b"", "keepalive": True}]),
                }.get(fault, ack)
            )
        return fault not in ("hang_up", "ack_close")


def _whole(connection: socket.socket, raw: bytes, at_once: int) -> bytes:
    while True:
        try:
            msgpack.unpackb(raw)
        except ValueError:
            more = connection.recv(at_once)
            if not more:
                raise ConnectionError("half a message") from None
            raw += more
        else:
            return raw


def _nanoseconds(moment: Any) -> int:
    if isinstance(moment, msgpack.ExtType):
        assert moment.code == 0
        seconds, nanoseconds = struct.unpack(">II", moment.data)
        return int(seconds * 1_000_000_000 + nanoseconds)
    assert isinstance(moment, int)
    return moment * 1_000_000_000
