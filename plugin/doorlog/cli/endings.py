"""How a failure is told, and which exit code it has."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from traceback import extract_tb, print_exception

import click

from doorlog.cli.exits import Exit
from doorlog.errors import DoorlogError, MappingError, OutputClosed
from doorlog.log import Log


def told(error: Exception, log: Log, so_far: str = "") -> Exit:
    """Tells the failure, with how far it came, and returns the exit code that stands for it."""
    after = f" ({so_far})" if so_far else ""
    match error:
        case OutputClosed():
            return Exit.CLOSED
        case MappingError():
            for finding in error.findings:
                log.error(str(finding))
            return Exit.USAGE
        case DoorlogError():
            log.error(f"{error}{after}")
            return Exit(error.exit_code)
        case click.Abort():
            return Exit.INTERRUPTED
        case click.ClickException():
            log.error(error.format_message())
            return Exit.USAGE
        case ModuleNotFoundError(name=str(name)) if (package := name.partition(".")[0]) != "doorlog":
            log.error(f"the Python package {package!r} is not installed; `pip install .` brings it{after}")
            return Exit.USAGE
    if os.environ.get("DOORLOG_DEBUG"):
        print_exception(error, file=sys.stderr)
    # An exception's text may hold a value; its type and place can't.
    place = extract_tb(error.__traceback__)[-1]
    log.error(
        f"internal error: {type(error).__name__} at {Path(place.filename).name}:{place.lineno}{after};"
        " this is a bug, please report it (DOORLOG_DEBUG=1 shows more, and may show values)"
    )
    return Exit.BUG
