"""The bytes of the Forward protocol: entries, messages, and the digests of its handshake.

https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import struct
from collections.abc import Sequence

import msgpack  # type: ignore[import-untyped]

_EVENT_TIME = struct.Struct(">3sII")
_EVENT_TIME_HEAD = b"\x92\xd7\x00"
"""An entry is an array of two, of which the first is extension type 0 with 8 bytes: seconds and nanoseconds."""

_GZIP_LEVEL = 1
"""Six times smaller for a third of the time that the next levels take, which win a fifth more."""


def entry_time(time_ns: int) -> bytes:
    """The beginning of an entry, up to its document.

    EventTime has 32 bits for the seconds. A time before 1970 or after 2106 goes out in the protocol's other form, whole
    seconds as an integer: an event that has come so far is not thrown away for its fraction of a second.
    """
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    if 0 <= seconds < 2**32:
        return _EVENT_TIME.pack(_EVENT_TIME_HEAD, seconds, nanoseconds)
    return b"\x92" + bytes(msgpack.packb(seconds))


def packed_forward(tag: str, entries: Sequence[bytes], chunk: str, *, compress: bool = False) -> bytes:
    """One PackedForward message; `chunk` is what the server has to confirm."""
    content = b"".join(entries)
    option: dict[str, int | str] = {"size": len(entries), "chunk": chunk}
    if compress:
        content = gzip.compress(content, _GZIP_LEVEL, mtime=0)
        option["compressed"] = "gzip"
    return bytes(msgpack.packb([tag, content, option]))


def new_chunk() -> str:
    """A chunk id of 128 random bits, as text: Fluent Bit hangs up on one that is bytes."""
    return base64.b64encode(os.urandom(16)).decode()


def key_digest(salt: bytes, hostname: bytes, nonce: bytes, shared_key: bytes) -> bytes:
    """What proves that one knows the shared key, in PING and in PONG."""
    return hashlib.sha512(salt + hostname + nonce + shared_key).hexdigest().encode()


def password_digest(salt: bytes, user: bytes, password: bytes) -> bytes:
    """What proves that one knows the user's password, in PING."""
    return hashlib.sha512(salt + user + password).hexdigest().encode()
