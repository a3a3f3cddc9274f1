"""`doorlog relay`: a Forward server that normalizes, and confirms what was confirmed to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from doorlog.cli.exits import Exit
from doorlog.cli.forward_options import SENDING, Seconds, with_options
from doorlog.cli.options import SETTINGS, normalizing_options

EPILOG = """\b
Example:
  doorlog relay --listen 127.0.0.1:24225 \\
    --output fluentd://127.0.0.1:24224/signin
"""
_FILE = click.Path(path_type=Path, dir_okay=False)

_LISTENING = [
    click.option(
        "--listen",
        default="127.0.0.1:24224",
        metavar="HOST:PORT",
        help="Where clients connect; an IPv6 address in brackets.",
    ),
    click.option("--output", required=True, metavar="WHERE", help="fluentd://HOST:PORT/TAG, as of doorlog run."),
    click.option(
        "--rejects", metavar="PATH", help="Keep rejects in a file. Without it, they go to the output as TAG.reject."
    ),
    click.option("--listen-tls-cert", type=_FILE, metavar="PATH", help="Have clients speak TLS; the certificate."),
    click.option("--listen-tls-key", type=_FILE, metavar="PATH", help="Its key, where it is in a file of its own."),
    click.option("--listen-tls-ca", type=_FILE, metavar="PATH", help="CA that has to have signed what clients show."),
    click.option(
        "--listen-shared-key-file", type=_FILE, metavar="PATH", help="File with the key that clients have to know."
    ),
    click.option(
        "--listen-users-file",
        type=_FILE,
        metavar="PATH",
        help="File with users that clients have to log in as: NAME:PASSWORD on each line.",
    ),
    click.option(
        "--max-message-bytes",
        type=click.IntRange(min=1024),
        default=256 * 1024 * 1024,
        metavar="N",
        help="Largest message that is taken from a client; Fluentd sends a chunk in one.",
    ),
    click.option(
        "--max-held-bytes",
        type=click.IntRange(min=1024),
        default=64 * 1024 * 1024,
        metavar="N",
        help="Most that unfinished messages of all clients may hold; beyond it, one client at a time is read.",
    ),
    click.option(
        "--max-connections", type=click.IntRange(min=1), default=1000, metavar="N", help="Most clients at a time."
    ),
    click.option(
        "--grace",
        type=Seconds(min=0),
        default=8.0,
        metavar="SECONDS",
        help="How long SIGTERM or Ctrl-C leaves for what was taken to be confirmed.",
    ),
    click.option("--health-file", type=_FILE, metavar="PATH", help="File of JSON that says every second how it goes."),
    click.option("--metrics-file", type=_FILE, metavar="PATH", help="The same with all figures, for Prometheus."),
]


def _options(function: Any) -> Any:
    return with_options(normalizing_options(with_options(function, SENDING)), _LISTENING)


@click.command("relay", epilog=EPILOG, context_settings=SETTINGS)
@_options
def command(quiet: bool, log_file: Path | None, **given: Any) -> Exit:
    """Take records from Fluentd or Fluent Bit by the Forward protocol, and send events on.

    A client's message is confirmed to it when its events are confirmed by --output: at least once, from end to end.
    """
    from doorlog.log import Log
    from doorlog.relay.job import go

    return go(given, Log(quiet, log_file))
