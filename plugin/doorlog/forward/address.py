"""Read the address of one or more Forward servers."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from doorlog.errors import UsageError

DEFAULT_PORT = 24224
SCHEMES = ("fluentd://", "fluentd+tls://", "fluentd+unix://")

_TAG = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


class Server(NamedTuple):
    """Where one server listens: a host and port, or the path of a Unix socket with port 0."""

    host: str
    port: int

    def __str__(self) -> str:
        if not self.port:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class ForwardAddress(NamedTuple):
    """Servers that stand in for each other, the first one preferred, and the tag for what they get."""

    servers: tuple[Server, ...]
    tag: str
    tls: bool = False

    def __str__(self) -> str:
        scheme = "fluentd+unix" if not self.servers[0].port else "fluentd+tls" if self.tls else "fluentd"
        return f"{scheme}://{','.join(map(str, self.servers))}/{self.tag}"


def is_forward(spec: str) -> bool:
    """Whether an output's name is the address of Forward servers."""
    return spec.startswith(SCHEMES)


def forward_address(spec: str) -> ForwardAddress:
    """The parts of `fluentd://HOST:PORT[,HOST:PORT]/TAG` (port 24224 if none is named), `fluentd+tls://` the same with
    TLS, or `fluentd+unix:///PATH/TAG`. Raises UsageError."""
    if "@" in spec:
        # What stands before an @ may be a password, so the text is not repeated.
        raise _wrong("fluentd:// takes no user or password in the address")
    scheme, _, rest = spec.partition("://")
    if "?" in rest or "#" in rest:
        # Nor is what stands behind these, such as a key.
        shown = re.split("[?#]", spec, maxsplit=1)[0]
        raise _wrong(f"{shown!r} has something behind its tag")
    if scheme == "fluentd+unix":
        path, _, tag = rest.rpartition("/")
        if not path.startswith("/") or "\0" in path:
            raise _wrong(f"{spec!r} names no socket: write fluentd+unix:///run/fluentd.sock/TAG")
        return ForwardAddress((Server(path, 0),), _tag(tag, spec))
    hosts, _, tag = rest.partition("/")
    servers = tuple(_server(host, spec) for host in hosts.split(","))
    if len(set(servers)) < len(servers):
        raise _wrong(f"{spec!r} names a server twice")
    return ForwardAddress(servers, _tag(tag, spec), scheme == "fluentd+tls")


def host_and_port(text: str) -> Server:
    """A host and a port, 24224 if there is none. Raises ValueError; what is no host at all has an empty name."""
    parts = urlsplit(f"//{text}")
    host, port = parts.hostname, parts.port
    (host or "").encode("idna")
    return Server(host or "", DEFAULT_PORT if port is None else port)


def _server(text: str, spec: str) -> Server:
    try:
        server = host_and_port(text)
    except ValueError:
        raise _wrong(f"{spec!r} has no valid host and port") from None
    if not server.host:
        raise _wrong(f"{spec!r} names no host")
    if not server.port:
        raise _wrong(f"{spec!r} names port 0")
    return server


def _tag(tag: str, spec: str) -> str:
    if not tag:
        raise _wrong(f"{spec!r} names no tag")
    if not _TAG.fullmatch(tag):
        raise _wrong(f"{tag!r} is no tag: letters, digits, - and _, in parts with a dot between")
    return tag


def _wrong(what: str) -> UsageError:
    return UsageError(
        f"{what}: write fluentd://HOST:PORT/TAG, such as fluentd://127.0.0.1:24224/signin, an IPv6 address in brackets"
    )
