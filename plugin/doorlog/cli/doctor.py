"""`doorlog doctor`: does this installation work, with this Fluentd?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from doorlog.cli.exits import Exit
from doorlog.cli.forward_options import Proof, proof, proving
from doorlog.cli.options import SETTINGS, mapping_dirs
from doorlog.cli.show import show
from doorlog.errors import DoorlogError, UsageError
from doorlog.log import visible
from doorlog.record import Json

EPILOG = """\b
Examples:
  doorlog doctor /etc/fluent/fluent.conf
  doorlog doctor --record-to fluentd://127.0.0.1:24224/cloudtrail.doctor \\
    --arrives-in '/var/lib/fluentd/doorlog/out/*.log'
"""


@click.command("doctor", epilog=EPILOG, context_settings=SETTINGS)
@click.argument("configurations", nargs=-1, metavar="[FLUENT.CONF]...", type=click.Path(path_type=Path))
@click.option("--record-to", metavar="WHERE", help="Send a made-up record to a Fluentd that has Doorlog in it.")
@click.option("--event-to", metavar="WHERE", help="Send the event of a made-up record, as run --output does.")
@click.option(
    "--arrives-in",
    multiple=True,
    metavar="FILES",
    help="Files, by a pattern, in which the event has to stand within 20 seconds. Repeatable.",
)
@click.option("--to", default="ecs", metavar="MAPPING", help="Mapping that the event has to come from.")
@mapping_dirs
@proving
def command(
    configurations: tuple[Path, ...],
    record_to: str | None,
    event_to: str | None,
    arrives_in: tuple[str, ...],
    to: str,
    mapping_dir: tuple[Path, ...],
    **given: Any,
) -> Exit:
    """Check this installation, a Fluentd's configuration, and the way through it.

    Makes an event of a made-up sign-in, finds the known traps in configurations (with what they include), sends the
    sign-in on its way, and looks for the event where it has to arrive. Exits with 1 if anything is wrong or a part of
    a configuration could not be looked into.
    """
    if arrives_in and not (record_to or event_to):
        raise UsageError("--arrives-in looks for what --record-to or --event-to has sent")
    if record_to and event_to:
        raise UsageError("--record-to and --event-to are two ways; try one after the other")
    proven = proof(given, record_to, event_to)
    wrong = False
    for said, fine in _all(configurations, record_to, event_to, arrives_in, to, mapping_dir, proven):
        show(visible(said))
        wrong = wrong or not fine
    return Exit.FOUND if wrong else Exit.FINE


def _all(
    configurations: tuple[Path, ...],
    record_to: str | None,
    event_to: str | None,
    arrives_in: tuple[str, ...],
    to: str,
    mapping_dir: tuple[Path, ...],
    proven: Proof,
) -> Iterator[tuple[str, bool]]:
    """Everything there is to say, with whether it is fine."""
    from doorlog.fluentd import probe

    for configuration in configurations:
        yield from _configuration(configuration)
    now = time.time_ns()
    record = probe.record(now)
    event, moment = _event(record, to, mapping_dir)
    yield f"a made-up sign-in becomes an event of {to}: fine", True
    where = record_to or event_to
    if where is None:
        return
    began = time.monotonic()
    try:
        _send(record if record_to else event, where, moment, proven)
    except UsageError:
        raise
    except DoorlogError as error:
        yield str(error), False
        return
    yield f"{where} took it and confirmed it: fine", True
    if arrives_in:
        found = probe.arrived(arrives_in, record["eventID"])
        yield probe.judged(found, event, time.monotonic() - began, arrives_in)


def _configuration(path: Path) -> Iterator[tuple[str, bool]]:
    from doorlog.fluentd.configuration import Reading
    from doorlog.fluentd.routes import children
    from doorlog.fluentd.traps import traps

    reading = Reading()
    try:
        reading.read(path)
    except OSError as error:
        raise UsageError(f"{str(path)!r} can't be read: {error.strerror}") from None
    for file, line, why in reading.unfollowed:
        yield f"{file}:{line}: not looked into: {why}", False
    found = traps(reading.root)
    for trap in found:
        yield str(trap), False
    number = len(children(reading.root))
    starts = f"starts Doorlog in {number} place{'s' * (number != 1)}" if number else "starts no Doorlog"
    missed = len(reading.unfollowed)
    unseen = f"; {missed} part{'s' * (missed != 1)} not looked into" if missed else ""
    yield f"{path}: {starts}; {len(found)} trap{'s' * (len(found) != 1)} found{unseen}", True


def _event(record: Json, to: str, mapping_dir: tuple[Path, ...]) -> tuple[Json, int]:
    """The record's event, and its time."""
    from doorlog.normalize import normalizer

    normalize = normalizer([to], mapping_dir)
    made = normalize(record)
    if not isinstance(made, tuple) or not isinstance(made[0], dict):
        raise UsageError(f"the mapping {to} makes no event of a made-up sign-in; doorlog explain shows why")
    return made[0], normalize.time_ns(record) or 0


def _send(document: Json, where: str, moment: int, proven: Proof) -> None:
    from doorlog.outputs import Event, ForwardSettings, open_output

    if not where.startswith("fluentd"):
        raise UsageError("a doctor sends to fluentd://HOST:PORT/TAG")
    output = open_output(where, "json", ["doctor"], settings=ForwardSettings(**proven._asdict()))
    try:
        output.write([Event(document, "doctor", moment, None)])
    finally:
        output.close()
