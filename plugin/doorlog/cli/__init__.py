"""The command line: one small module a verb, and `main`, through which every ending passes."""

from __future__ import annotations

import os
import sys

import click

from doorlog.cli.endings import told
from doorlog.cli.exits import Exit
from doorlog.cli.show import show
from doorlog.cli.verbs import Verbs
from doorlog.log import Log

__all__ = ["Exit", "command", "main"]

EPILOG = """\b
Example:
  aws s3 cp s3://BUCKET/KEY.json.gz - | doorlog --to ocsf

doorlog VERB --help says more. Every option of run can come from the environment:
DOORLOG_TO, DOORLOG_OUTPUT, and so on.
"""


def _version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
    """Shows what matters in a bug report."""
    if asked and not ctx.resilient_parsing:
        from doorlog.cli.version import version

        show(version())
        ctx.exit()


@click.command(
    cls=Verbs,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    options_metavar="",
    subcommand_metavar="[VERB] [OPTIONS] [FILE|-]...",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show versions.")
def command() -> None:
    """Normalize AWS sign-in records to ECS and OCSF events."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; every failure is told on stderr, on one line and without values."""
    _hold_standard_descriptors()
    try:
        return int(command.main(arguments, prog_name="doorlog", standalone_mode=False) or Exit.FINE)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        return told(error, Log())


def _hold_standard_descriptors() -> None:
    """Makes a descriptor that the caller closed fail when used; the next file opened would take its place."""
    for fd, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, mode)
    # Python leaves these out where the descriptor was closed, and libraries expect them.
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
