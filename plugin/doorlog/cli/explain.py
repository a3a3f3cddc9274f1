"""`doorlog explain`: which rule wrote which field of a record's event, from which values, and what was left over."""

from __future__ import annotations

import json
from pathlib import Path

import click

from doorlog.cli.exits import Exit
from doorlog.cli.inputs import found_in, sources
from doorlog.cli.options import SETTINGS, colour, mapping_dirs
from doorlog.cli.show import in_colour, show
from doorlog.errors import OutputFailed, UsageError
from doorlog.record import Json, Reject, Skip

EPILOG = """\b
Examples:
  doorlog explain signin.json
  doorlog explain --to ocsf --field user --field actor trail.ndjson
  doorlog explain --at 3 --html why.html trail.ndjson
  doorlog explain --mapping our-signin.yaml
"""


@click.command("explain", epilog=EPILOG, context_settings=SETTINGS)
@click.argument("file", metavar="[FILE|-]", required=False)
@click.option(
    "--mapping", metavar="MAPPING", help="Instead of a record, show where the rules of this mapping come from."
)
@click.option("--to", default="ecs", metavar="MAPPING", help="Mapping to explain: ecs, ocsf, or one of yours.")
@click.option("--at", type=click.IntRange(min=1), default=1, metavar="N", help="Which record of the input, from 1.")
@click.option("--field", "fields", multiple=True, metavar="PATH", help="Only this field and all below it. Repeatable.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Of what is shown.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Write one page instead: record, mapping and event side by side.",
)
@mapping_dirs
@colour
def command(
    file: str | None,
    mapping: str | None,
    to: str,
    at: int,
    fields: tuple[str, ...],
    form: str,
    html: Path | None,
    mapping_dir: tuple[Path, ...],
    color: str,
) -> Exit:
    """Show how one record became its event.

    For each field: the rule that wrote it (FILE:LINE), the facts and the values of the record that it came from, and
    which branches were taken (+) and passed over (-). Then the facts, what no rule has kept, and the rules that wrote
    nothing. What is shown holds the record's values.
    """
    if (file is None) == (mapping is None):
        raise UsageError("explain takes a record's FILE, or --mapping MAPPING")
    if html is not None and form == "json":
        raise UsageError("--html writes a page, and --format json JSON; name one of the two")
    if file is None:
        return _mapping(str(mapping), form, mapping_dir)
    from doorlog.explain.explanation import Explainer
    from doorlog.normalize import normalizer

    (wanted,) = normalizer([to], mapping_dir).mappings
    record, where = _record(file, at)
    told = Explainer(wanted)(record)
    if html is not None:
        from doorlog.explain.page import page

        try:
            html.write_text(page(told, where), "utf-8")
        except OSError as error:
            raise OutputFailed(f"can't write {html}: {error.strerror}") from None
    elif form == "json":
        from doorlog.explain.as_json import as_json

        show(json.dumps(as_json(told, where), indent=2, ensure_ascii=False))
    else:
        from doorlog.explain.text import as_text

        show(as_text(told, where, fields, in_colour(color)))
    return Exit.FINE


def _mapping(name: str, form: str, folders: tuple[Path, ...]) -> Exit:
    from doorlog.explain.of_mapping import as_json, as_text
    from doorlog.mapping import aim
    from doorlog.mapping.find import stack
    from doorlog.mapping.merge import merge

    # Another version of the target changes nothing about where rules come from.
    files = stack(aim.asked(name)[0], folders)
    merge(files)
    show(json.dumps(as_json(files), indent=2, ensure_ascii=False) if form == "json" else as_text(files))
    return Exit.FINE


def _record(file: str, at: int) -> tuple[Json, str]:
    """The record asked for, and where it stands; raises UsageError if there is none."""
    seen = 0
    for (what, line, index, _), source in found_in(sources([file])):
        place = f"{source}:{line}" + (f" [{index}]" if index else "")
        seen += 1
        if seen < at:
            continue
        match what:
            case Skip(name):
                raise UsageError(f"{place} is no record, but {name}")
            case Reject(reason, _, _):
                raise UsageError(f"{place} is no record that could be explained: {reason}")
            case _:
                return what, place
    raise UsageError(f"there is no record {at} in {file!r}; it has {seen}")
