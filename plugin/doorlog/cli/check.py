"""`doorlog check`: what is wrong in mappings, before a stream depends on them."""

from __future__ import annotations

from pathlib import Path

import click

from doorlog.cli.exits import Exit
from doorlog.cli.options import SETTINGS, mapping_dirs
from doorlog.cli.show import show
from doorlog.errors import MappingError
from doorlog.log import visible

EPILOG = """\b
Example:
  doorlog check our-signin.yaml && doorlog --to our-signin.yaml trail.json
"""


@click.command("check", epilog=EPILOG, context_settings=SETTINGS)
@click.argument("mappings", nargs=-1, required=True, metavar="MAPPING...")
@mapping_dirs
def command(mappings: tuple[str, ...], mapping_dir: tuple[Path, ...]) -> Exit:
    """Load mappings, by name or path, and show what is wrong in them.

    Shows one line for each finding, FILE:LINE:COLUMN: what and what to do; after an error it exits with 2. Of a mapping
    in another version of its target (ocsf@1.1.0), notes tell what the version has no place for.
    """
    from doorlog.normalize import normalizer

    worst = Exit.FINE
    for mapping in mappings:
        try:
            notes = normalizer([mapping], mapping_dir).notes
        except MappingError as error:
            show("\n".join(visible(str(finding)) for finding in error.findings))
            worst = Exit.USAGE
        else:
            show("\n".join([*(visible(str(note)) for note in notes), f"{visible(mapping)}: fine"]))
    return worst
