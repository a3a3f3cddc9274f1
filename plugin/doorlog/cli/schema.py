"""`doorlog schema`: a JSON Schema that ships with Doorlog, as it is used."""

from __future__ import annotations

import click

from doorlog.cli.show import show
from doorlog.cli.spelling import meant
from doorlog.errors import UsageError
from doorlog.resources import folder

ENDING = ".schema.json"


@click.command("schema", epilog="\b\nExample:\n  doorlog schema signin-record")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print one of the JSON Schemas that ship with Doorlog, or, without NAME, their names."""
    files = {path.name.removesuffix(ENDING): path for path in sorted(folder("schemas").glob(f"*{ENDING}"))}
    if name is None:
        show("\n".join(files))
    elif name in files:
        show(files[name].read_text("utf-8").rstrip("\n"))
    else:
        raise UsageError(f"no schema {name!r}{meant(name, files) or '; there are ' + ', '.join(files)}")
