"""The options of every verb that sends to Forward servers, and the settings that they come to."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from doorlog.errors import UsageError
from doorlog.forward.address import is_forward
from doorlog.forward.settings import ForwardSettings, Login, Patience, client_tls, login

Function = TypeVar("Function", bound=Callable[..., Any])

_SETTINGS = ForwardSettings()
_FILE = click.Path(path_type=Path, dir_okay=False)
_LONGEST = 365 * 24 * 3600


class Seconds(click.FloatRange):
    """A time that can be waited for: a year at most, so neither `inf` nor `nan`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds = float(super().convert(value, param, ctx))
        # No comparison with `nan` is true.
        if not seconds <= _LONGEST:
            self.fail(f"{value} is no number of seconds up to {_LONGEST}, which is a year", param, ctx)
        return seconds


_SECONDS = Seconds(min=0, min_open=True)

PROVING = [
    click.option(
        "--shared-key-file", type=_FILE, metavar="PATH", help="File with the key that Fluentd and Doorlog share."
    ),
    click.option("--user", metavar="NAME", help="User to log in as at Fluentd, beside the shared key."),
    click.option("--password-file", type=_FILE, metavar="PATH", help="File with the password of --user."),
    click.option("--hostname", metavar="NAME", help="Name to give to Fluentd with the shared key; this machine's."),
    click.option(
        "--tls-ca", type=_FILE, metavar="PATH", help="CA that signs the certificate of fluentd+tls://; the system's."
    ),
    click.option("--tls-cert", type=_FILE, metavar="PATH", help="Certificate to show to fluentd+tls://."),
    click.option("--tls-key", type=_FILE, metavar="PATH", help="Key of --tls-cert, where it is in a file of its own."),
    click.option("--tls-name", metavar="NAME", help="Name in the certificate of fluentd+tls://; the host's."),
]
"""What says who one is to a server, and who that has to be."""

SENDING = [
    click.option("--compress", is_flag=True, help="Send to Fluentd in gzip."),
    click.option(
        "--linger",
        type=Seconds(min=0),
        default=_SETTINGS.linger,
        metavar="SECONDS",
        help="How long an event for Fluentd may wait for others to go out with.",
    ),
    click.option(
        "--ack-timeout",
        type=_SECONDS,
        default=_SETTINGS.patience.answer,
        metavar="SECONDS",
        help="How long a Fluentd may take to confirm a batch before it goes out again.",
    ),
    click.option(
        "--queue-bytes",
        type=click.IntRange(min=1),
        default=_SETTINGS.queue_bytes,
        metavar="N",
        help="Most that waits in memory for Fluentd; then nothing more is read.",
    ),
    *PROVING,
]
"""Of `run`, `replay` and `relay`."""

KEEPING = [
    click.option(
        "--give-up",
        type=_SECONDS,
        default=_SETTINGS.patience.give_up,
        metavar="SECONDS",
        help="How long to try to deliver a batch to Fluentd; with --spool, how long to wait for it at the end.",
    ),
    click.option(
        "--spool",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Folder in which events for Fluentd wait on disk until they are confirmed, by this run or a later one.",
    ),
    click.option(
        "--spool-bytes",
        type=click.IntRange(min=1),
        default=_SETTINGS.spool_bytes,
        metavar="N",
        help="Most that waits in the spool; then nothing more is read.",
    ),
]
"""Of `run` and `replay`, whose input may not come again."""


def proving(function: Function) -> Function:
    """Gives a command the options of `PROVING`."""
    return with_options(function, PROVING)


class Proof(NamedTuple):
    """How a client and a server prove themselves to each other."""

    login: Login | None
    tls: ssl.SSLContext | None
    tls_name: str | None


def proof(given: dict[str, Any], *outputs: str | None) -> Proof:
    """Takes the options of `PROVING` off what was given. Raises UsageError as `forward_settings` does."""
    taken = _taken(given, PROVING)
    specs = [output for output in outputs if output and is_forward(output)]
    tls = any(spec.startswith("fluentd+tls:") for spec in specs)
    for name in ("tls_ca", "tls_cert", "tls_key", "tls_name"):
        if taken[name] is not None and not tls:
            raise UsageError(f"--{name.replace('_', '-')} is for fluentd+tls://HOST:PORT/TAG, and no output is one")
    for name in ("shared_key_file", "user", "password_file"):
        if taken[name] is not None and not specs:
            raise _no_output(name)
    return Proof(
        login(taken["shared_key_file"], taken["user"], taken["password_file"], taken["hostname"]) if specs else None,
        client_tls(taken["tls_ca"], taken["tls_cert"], taken["tls_key"]) if tls else None,
        taken["tls_name"],
    )


def forward_settings(given: dict[str, Any], *outputs: str | None) -> ForwardSettings:
    """Takes these options off what was given. Raises UsageError on what can't be followed, or would do nothing."""
    proven = proof(given, *outputs)
    taken = _taken(given, SENDING + KEEPING)
    if taken["spool"] is not None and not any(output and is_forward(output) for output in outputs):
        raise _no_output("spool")
    patience = Patience(_SETTINGS.patience.connect, taken["ack_timeout"], taken["give_up"] or float("inf"))
    return ForwardSettings(
        patience=patience,
        linger=taken["linger"],
        queue_bytes=taken["queue_bytes"],
        compress=taken["compress"],
        spool=taken["spool"],
        spool_bytes=taken["spool_bytes"] or _SETTINGS.spool_bytes,
        login=proven.login,
        tls=proven.tls,
        tls_name=proven.tls_name,
    )


def _taken(given: dict[str, Any], options: list[Any]) -> dict[str, Any]:
    return {str(option.name): given.pop(str(option.name), None) for option in _made(options)}


def _no_output(name: str) -> UsageError:
    return UsageError(f"--{name.replace('_', '-')} is for fluentd://HOST:PORT/TAG, and no output is one")


def with_options(function: Function, options: Sequence[Callable[[Function], Function]]) -> Function:
    """Gives a command these options, in this order."""
    for option in reversed(options):
        function = option(function)
    return function


def _made(options: list[Any]) -> list[click.Option]:
    """The options as click has them once they are on a command."""
    command = click.command("names")(with_options(lambda: None, options))
    return [option for option in command.params if isinstance(option, click.Option)]
