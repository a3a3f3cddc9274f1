"""What a Forward client is told beside the address: how to wait, how to prove itself, how much to hold."""

from __future__ import annotations

import os
import socket
import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from doorlog.errors import UsageError


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server, in seconds: to connect, to take and confirm a batch, and in all for a batch."""

    connect: float = 5.0
    answer: float = 20.0
    give_up: float = 60.0


DEFAULT_PATIENCE = Patience()

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Login:
    """How a client proves itself, and has the server prove itself: by a key that both know."""

    shared_key: bytes
    hostname: bytes
    user: bytes = b""
    password: bytes = b""


@dataclass(frozen=True, slots=True)
class ForwardSettings:
    """All of it; `spool` is the folder of events that wait on disk, `linger` seconds, the rest bytes."""

    patience: Patience = DEFAULT_PATIENCE
    linger: float = 0.05
    queue_bytes: int = 8 * MIB
    compress: bool = False
    spool: Path | None = None
    spool_bytes: int = 1024 * MIB
    login: Login | None = None
    tls: ssl.SSLContext | None = None
    tls_name: str | None = None


def login(
    shared_key_file: Path | None,
    user: str | None,
    password_file: Path | None,
    hostname: str | None,
    environment: Mapping[str, str] = os.environ,
) -> Login | None:
    """The login by these files, or by DOORLOG_SHARED_KEY and DOORLOG_PASSWORD; None without a key."""
    key = secret("--shared-key-file", shared_key_file, environment.get("DOORLOG_SHARED_KEY"))
    password = secret("--password-file", password_file, environment.get("DOORLOG_PASSWORD"))
    if key is None:
        if user or password:
            raise UsageError("--user and a password need a shared key, too: --shared-key-file or DOORLOG_SHARED_KEY")
        return None
    if bool(user) != (password is not None):
        raise UsageError("--user and a password go together: --password-file or DOORLOG_PASSWORD has the password")
    return Login(key, own_name(hostname), (user or "").encode(), password or b"")


def own_name(hostname: str | None) -> bytes:
    """What to call oneself in a handshake; never what a Fluentd on the same machine does, which would refuse it."""
    return (hostname or f"doorlog@{socket.gethostname()}").encode()


def client_tls(ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    """A context that checks the server's certificate and name: by this CA, or by those that the system trusts."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--tls-ca {ca}: {_reason(error)}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if key is not None and cert is None:
        raise UsageError("--tls-key needs the certificate that it belongs to: --tls-cert")
    if cert is not None:
        load_certificate(context, "--tls-cert", cert, key)
    return context


def load_certificate(context: ssl.SSLContext, option: str, cert: Path, key: Path | None) -> None:
    """Has the context show this certificate. Raises UsageError."""
    try:
        # A key with a passphrase would have OpenSSL ask on the terminal.
        context.load_cert_chain(cert, key, password=lambda: "")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise UsageError(f"{option} {cert}: {_reason(error)}") from None


def secret(option: str, file: Path | None, given: str | None) -> bytes | None:
    """What the file holds, or what was given; None without either. Raises UsageError."""
    if file is None:
        return given.encode() if given else None
    try:
        text = file.read_bytes()
        if stat.S_ISREG(mode := file.stat().st_mode) and mode & stat.S_IWOTH:
            raise UsageError(f"{option} {file}: anybody may write to it; chmod 600 mends that")
    except OSError as error:
        raise UsageError(f"{option} {file}: {error.strerror}") from None
    # Editors end a file with a newline, which is no part of the secret.
    held = text.removesuffix(b"\n").removesuffix(b"\r")
    if not held:
        raise UsageError(f"{option} {file}: the file is empty")
    return held


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "no usable certificate or key").lower().replace("_", " ")
    return str(getattr(error, "strerror", None) or "no usable certificate or key").lower()
