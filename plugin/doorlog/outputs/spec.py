"""Read what `--output` says."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from doorlog.errors import UsageError

DEFAULT_PORT = 24224
FORMS = "stdout, file:PATH or fluentd://HOST:PORT/TAG"

_TAG = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


class ForwardAddress(NamedTuple):
    """Where a Forward server listens, and the tag for what it gets."""

    host: str
    port: int
    tag: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"fluentd://{host}:{self.port}/{self.tag}"


def file_path(spec: str) -> str:
    """The path in `file:PATH` or `file:///PATH`."""
    path = spec.removeprefix("file:")
    if path.startswith("//"):
        if not path.startswith("///"):
            raise UsageError(f"{spec!r} names a host, but a file is here: write file:PATH, such as file:events.json")
        path = path[2:]
    if not path or "\0" in path:
        raise UsageError("file: needs a path: write file:PATH, such as file:events.json")
    return path


def forward_address(spec: str) -> ForwardAddress:
    """The parts of `fluentd://HOST:PORT/TAG`; the port is 24224 if none is named."""
    if "@" in spec:
        # What stands before an @ may be a password, so the text is not repeated.
        raise _wrong("fluentd:// takes no user or password in the address")
    try:
        parts = urlsplit(spec)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        raise _wrong(f"{spec!r} has no valid host and port") from None
    if not host:
        raise _wrong(f"{spec!r} names no host")
    if port == 0:
        raise _wrong(f"{spec!r} names port 0")
    if parts.query or parts.fragment:
        raise _wrong(f"{spec!r} has something behind its tag")
    tag = parts.path.removeprefix("/")
    if not tag:
        raise _wrong(f"{spec!r} names no tag")
    if not _TAG.fullmatch(tag):
        raise _wrong(f"{tag!r} is no tag: letters, digits, - and _, in parts with a dot between")
    return ForwardAddress(host, port or DEFAULT_PORT, tag)


def _wrong(what: str) -> UsageError:
    return UsageError(
        f"{what}: write fluentd://HOST:PORT/TAG, such as fluentd://127.0.0.1:24224/signin, an IPv6 address in brackets"
    )
