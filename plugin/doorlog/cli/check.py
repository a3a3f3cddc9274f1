"""`doorlog check`: what is to be found in mappings, before a stream depends on them."""

from __future__ import annotations

from pathlib import Path

import click

from doorlog.cli.exits import Exit
from doorlog.cli.options import SETTINGS, colour, mapping_dirs
from doorlog.cli.show import in_colour, show
from doorlog.log import Log

EPILOG = """\b
Examples:
  doorlog check our-signin.yaml && doorlog --to our-signin.yaml trail.json
  doorlog check --format sarif mappings/*.yaml > doorlog.sarif
"""


@click.command("check", epilog=EPILOG, context_settings=SETTINGS)
@click.argument("mappings", nargs=-1, required=True, metavar="MAPPING...")
@mapping_dirs
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    help="Text; JSON; GitHub's annotations; SARIF 2.1.0.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "error"]),
    default="warning",
    help="Exit with 1 if there is one of these, or worse.",
)
@colour
def command(mappings: tuple[str, ...], mapping_dir: tuple[Path, ...], form: str, fail_on: str, color: str) -> Exit:
    """Load mappings, by name or path, and show what is wrong in them.

    Each finding has its file, line and column, a code that docs/diagnostics.md explains, what is wrong and what to do.
    Errors keep a mapping from being used, warnings don't; after either, it exits with 1. Of a mapping in another
    version of its target (ocsf@1.1.0), notes tell what the version has no place for.
    """
    from doorlog.mapping.examine import examine
    from doorlog.mapping.recognize import is_list, tested_by
    from doorlog.reports import REPORTS, text

    lists = [name for name in mappings if is_list(name)]
    # Of a file of tests, the mapping that it stands beside is meant, of which the tests are checked, too.
    named = dict.fromkeys(tested_by(name) for name in mappings if name not in lists)
    found = {name: examine(name, mapping_dir) for name in named}
    for name in lists:
        Log().note(f"{name}: a list and no mapping; it is checked with the mapping that reads it")
    shown = text.report(found, in_colour(color)) if form == "text" else REPORTS[form](found)
    if shown:
        show(shown)
    worst = {finding.severity for findings in found.values() for finding in findings}
    return Exit.FOUND if worst & ({"error"} if fail_on == "error" else {"error", "warning"}) else Exit.FINE
