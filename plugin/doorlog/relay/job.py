"""From a relay's options to its end."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from doorlog.cli.endings import told
from doorlog.cli.exits import Exit
from doorlog.cli.forward_options import forward_settings
from doorlog.cli.job import leave_garbage, share_the_interpreter
from doorlog.counts import Counts
from doorlog.errors import InputFailed, UsageError
from doorlog.forward.address import Server, forward_address, host_and_port, is_forward
from doorlog.forward.settings import load_certificate, own_name, secret
from doorlog.intake import Limits
from doorlog.log import Log
from doorlog.outputs import ForwardOutput, open_forward, open_output
from doorlog.refused import keep, keep_in_place
from doorlog.rejects import TARGET, RejectDocuments
from doorlog.relay.server import Relay, RelaySettings
from doorlog.relay.session import Guard
from doorlog.relay.status import Status
from doorlog.relay.work import Work

_STATUS = 1.0
"""Seconds between two writings of the status."""


def go(given: dict[str, Any], log: Log) -> Exit:
    """Relays until a signal or a failure; tells how it went."""
    counts = Counts()
    try:
        return _go(given, counts, log)
    except Exception as error:
        return told(error, log, counts.summary() if counts.read else "")


def _go(given: dict[str, Any], counts: Counts, log: Log) -> Exit:
    from doorlog.normalize import normalizer

    if not is_forward(given["output"]):
        raise UsageError("--output: a relay sends to fluentd://HOST:PORT/TAG")
    settings = _settings(given)
    if any(_meets(settings.listen, server) for server in forward_address(given["output"]).servers):
        raise UsageError("--output: that is where the relay itself listens (--listen)")
    forward = forward_settings(given, given["output"])
    rejects = _rejects(given["rejects"])
    normalize = normalizer(given["to"], given["mapping_dir"])
    relay: Relay
    output = open_forward(
        given["output"],
        normalize.targets,
        settings=forward,
        stop=lambda: relay.stop_by,
        refused=lambda event: keep(rejects, output, event) if rejects else keep_in_place(output, event),
        note=log.note,
    )
    with closing(output):
        relay = Relay(settings, Work(normalize, output, counts, rejects), log)
        status = Status(counts, output, relay.visits, given["health_file"], given["metrics_file"])
        leave_garbage()
        share_the_interpreter()
        return _relayed(relay, settings.listen, output, status, log)


def _relayed(relay: Relay, listen: Server, output: ForwardOutput, status: Status, log: Log) -> Exit:
    next_status = [0.0]

    def look() -> None:
        output.check()
        if time.monotonic() >= next_status[0]:
            next_status[0] = time.monotonic() + _STATUS
            status.write("ok")

    def ready(where: Server) -> None:
        look()
        log.note(f"listening on {where}, sending to {output.where}")

    try:
        asyncio.run(relay.run(ready, look))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputFailed(f"--listen {listen}: can't listen: {why}") from None
    try:
        output.flush()
    finally:
        relay.count()
        status.write("stopped")
    log.note(status.counts.summary())
    return Exit.INTERRUPTED if relay.by == "SIGINT" else Exit.FINE


def _settings(given: dict[str, Any]) -> RelaySettings:
    try:
        listen = host_and_port(given["listen"])
    except ValueError:
        listen = Server("", 0)
    if not listen.host:
        raise UsageError(f"--listen: {given['listen']!r} is no HOST:PORT, such as 127.0.0.1:24224")
    return RelaySettings(
        listen=listen,
        max_message=given["max_message_bytes"],
        max_held=given["max_held_bytes"],
        max_connections=given["max_connections"],
        grace=given["grace"],
        limits=Limits(
            line_bytes=given["max_line_bytes"],
            depth=given["max_depth"],
            unfolded_bytes=given["max_unfolded_bytes"],
        ),
        tls=_tls(given["listen_tls_cert"], given["listen_tls_key"], given["listen_tls_ca"]),
        guard=_guard(given["listen_shared_key_file"], given["listen_users_file"], given["hostname"]),
    )


def _meets(listen: Server, server: Server) -> bool:
    """Whether who connects to the server comes to what listens there, as far as the names tell."""
    everywhere = listen.host in {"0.0.0.0", "::"} and server.host in {"127.0.0.1", "::1", "localhost"}
    return listen.port == server.port != 0 and (listen.host == server.host or everywhere)


def _tls(cert: Path | None, key: Path | None, ca: Path | None) -> ssl.SSLContext | None:
    if cert is None:
        if key is not None or ca is not None:
            raise UsageError("--listen-tls-key and --listen-tls-ca need a certificate: --listen-tls-cert")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_certificate(context, "--listen-tls-cert", cert, key)
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except (OSError, ssl.SSLError):
            raise UsageError(f"--listen-tls-ca {ca}: no usable certificate") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _guard(key: Path | None, users: Path | None, hostname: str | None) -> Guard | None:
    shared = secret("--listen-shared-key-file", key, os.environ.get("DOORLOG_LISTEN_SHARED_KEY"))
    if shared is None:
        if users is not None:
            raise UsageError("--listen-users-file needs a shared key, too: --listen-shared-key-file")
        return None
    return Guard(shared, _users(users) if users is not None else {}, own_name(hostname))


def _users(file: Path) -> dict[bytes, bytes]:
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"--listen-users-file {file}: {error.strerror}") from None
    users = dict(line.split(b":", 1) for line in lines if line.count(b":"))
    if len(users) != len([line for line in lines if line.strip()]) or not users:
        raise UsageError(f"--listen-users-file {file}: every line has to be NAME:PASSWORD, each name once")
    return users


def _rejects(where: str | None) -> RejectDocuments | None:
    if where is None:
        return None
    if is_forward(where) or where in {"-", "stdout"}:
        raise UsageError("--rejects: a relay keeps rejects in a file, or sends them with the events, as TAG.reject")
    return RejectDocuments(open_output(where if where.startswith("file:") else f"file:{where}", "json", (TARGET,)))
