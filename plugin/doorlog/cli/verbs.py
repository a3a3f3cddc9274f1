"""The command `doorlog`: its verbs, each in a module that is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from doorlog.cli.spelling import beside, meant

VERBS = {
    "run": "Normalize records from stdin or files (what doorlog does without a verb).",
    "relay": "Take records from Fluentd or Fluent Bit, and send events on, with acks from end to end.",
    "replay": "Feed rejects through again.",
    "check": "Load mappings and show what is wrong in them.",
    "new": "Write a mapping to start from, with its tests.",
    "test": "Run the tests that stand in mappings, or beside them.",
    "explain": "Show which rule wrote which field of a record's event, and from what.",
    "coverage": "Sum up over an archive what a mapping makes of it and what it leaves.",
    "list": "Show which mappings, kinds, reject reasons, skips, records and findings there are.",
    "doctor": "Find the traps in a Fluentd configuration, and try the way through it.",
    "fluentd": "What a Fluentd needs: the filter plugin, its child, a configuration.",
    "schema": "Print one of the JSON Schemas that ship with Doorlog.",
}
"""Each verb with its line in the help, so that the help imports none of them."""


class Verbs(click.Group):
    """A group whose first word may also be a file or an option of `run`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command = import_module(f"doorlog.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _with_verb(args))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _with_verb(args: list[str]) -> list[str]:
    if not args:
        return ["run"]
    first = args[0]
    if first in VERBS or first in {"-h", "--help", "--version"}:
        return args
    if first.startswith("-") or Path(first).exists():
        return ["run", *args]
    hint = meant(first, [*VERBS, *beside(Path(first))]) or "; doorlog --help lists the verbs"
    raise click.UsageError(f"no such verb or file: {first!r}{hint}")
