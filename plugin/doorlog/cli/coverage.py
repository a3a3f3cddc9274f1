"""`doorlog coverage`: what a mapping makes of an archive, and what it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import click

from doorlog.cli.exits import Exit
from doorlog.cli.inputs import found_in, sources
from doorlog.cli.options import SETTINGS, mapping_dirs
from doorlog.cli.show import show
from doorlog.errors import InputFailed
from doorlog.log import visible

EPILOG = """\b
Example:
  doorlog coverage --to ocsf archive/*.json.gz
"""


@click.command("coverage", epilog=EPILOG, context_settings=SETTINGS)
@click.argument("files", nargs=-1, metavar="[FILE|-]...")
@click.option("--to", default="ecs", metavar="MAPPING", help="Mapping to look at: ecs, ocsf, or one of yours.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Of what is shown.")
@mapping_dirs
def command(files: tuple[str, ...], to: str, form: str, mapping_dir: tuple[Path, ...]) -> Exit:
    """Sum up what becomes of the records of an archive.

    Shows the kinds of event; rejects and skips; the share of sign-in events that nobody knows, by name; new versions
    and other new values; and the paths of records that no rule reads, with how many records have each. Values are not
    shown.
    """
    from doorlog.explain.coverage import Covering, as_json, as_text
    from doorlog.normalize import normalizer

    (mapping,) = normalizer([to], mapping_dir).mappings
    covering = Covering(mapping)
    failed: InputFailed | None = None
    try:
        for (what, _, _, _), _ in found_in(sources(files)):
            covering.add(what)
    except InputFailed as failure:
        # What could be read is shown all the same.
        failed = failure
    if form == "json":
        show(json.dumps(as_json(covering.found, mapping), indent=2, ensure_ascii=False))
    else:
        show("\n".join(map(visible, as_text(covering.found, mapping).split("\n"))))
    if failed is not None:
        raise failed
    return Exit.FINE
