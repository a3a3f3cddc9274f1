"""`doorlog fluentd`: Fluentd's side of Doorlog, for this machine."""

from __future__ import annotations

from pathlib import Path

import click

from doorlog.cli.exits import Exit
from doorlog.cli.options import SETTINGS, normalizing_options
from doorlog.cli.show import show
from doorlog.intake import Limits
from doorlog.log import Log

WAYS = ["filter", "exec_filter", "forward", "relay", "s3_to_elasticsearch", "tail_to_opensearch"]

EPILOG = """\b
Examples:
  doorlog fluentd config filter > /etc/fluent/conf.d/doorlog.conf
  fluentd -p "$(doorlog fluentd plugin-dir)" -c /etc/fluent/fluent.conf
"""


@click.group(
    "fluentd",
    epilog=EPILOG,
    context_settings=SETTINGS,
    options_metavar="",
    subcommand_metavar="COMMAND ...",
    invoke_without_command=True,
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Put Doorlog into a Fluentd: the filter plugin, its child, a configuration."""
    if ctx.invoked_subcommand is None:
        raise click.UsageError(f"doorlog fluentd wants one of its commands: {', '.join(sorted(command.commands))}")


@command.command("plugin-dir", epilog=EPILOG, context_settings=SETTINGS)
def plugin_dir() -> None:
    """Print the folder of the filter plugin, which Fluentd takes with -p."""
    from doorlog.resources import folder

    show(str(folder("plugin/fluentd")))


@command.command("config", context_settings=SETTINGS)
@click.argument("way", type=click.Choice(WAYS), default="filter")
@click.option(
    "--folder",
    default="/var/lib/fluentd/doorlog",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder for buffers and output, which Fluentd's user can write to.",
)
def config(way: str, folder: Path) -> None:
    """Print a configuration for Fluentd in which Doorlog is named by its path on this machine."""
    from doorlog.fluentd.configured import configured

    show(configured(way, folder.absolute()))


@command.command("filter", context_settings=SETTINGS)
@normalizing_options
@click.option(
    "--event-time",
    is_flag=True,
    help="Give each event its own time, the record's eventTime, in Fluentd. Without it, it keeps the one that its"
    " record came with.",
)
def filter_(
    to: tuple[str, ...],
    mapping_dir: tuple[Path, ...],
    max_line_bytes: int,
    max_depth: int,
    max_unfolded_bytes: int,
    quiet: bool,
    log_file: Path | None,
    event_time: bool,
) -> Exit:
    """Be the child of the filter plugin, which starts it: batches of records in, events and rejects out."""
    from doorlog.cli.endings import told
    from doorlog.cli.job import leave_garbage
    from doorlog.counts import Counts
    from doorlog.fluentd.answer import Answer
    from doorlog.fluentd.child import serve
    from doorlog.intake.packed_entries import entries
    from doorlog.normalize import normalizer
    from doorlog.outputs import claim_stdout
    from doorlog.rejects import RejectDocuments
    from doorlog.run import Way
    from doorlog.stopping import Stopping

    log, counts = Log(quiet, log_file), Counts()
    try:
        # Fluentd closes the child's input when nothing more can come; a signal to its group comes before that.
        with Stopping(0, heeds_signals=False):
            limits = Limits(line_bytes=max_line_bytes, depth=max_depth, unfolded_bytes=max_unfolded_bytes)
            answer = Answer(event_time)
            way = Way(normalizer(to, mapping_dir), answer, RejectDocuments(answer), counts, timed=event_time)
            leave_garbage()
            serve(0, claim_stdout(), lambda stream: entries(stream, limits), way, answer)
    except Exception as error:
        return told(error, log, counts.summary() if counts.read else "")
    log.note(counts.summary())
    return Exit.FINE
