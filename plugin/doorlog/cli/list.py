"""`doorlog list`: the names that records, rejects and skips go by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from doorlog.cli.options import SETTINGS, mapping_dirs
from doorlog.cli.show import show
from doorlog.rejects import REASONS

if TYPE_CHECKING:
    from doorlog.mapping.model import Kind, Mapping

Rows: TypeAlias = list[tuple[str, str]]


def _mappings(folders: Sequence[Path]) -> Rows:
    from doorlog.mapping.load import load, names

    rows = []
    for name in sorted(names(folders)):
        mapping = load(name, folders)
        alone = "to be extended by others, or put behind them with +"
        rows.append((name, f"writes {_written(mapping)}" if mapping.target else alone))
    return rows


def _written(mapping: Mapping) -> str:
    """What a mapping writes, and how its target's other versions are asked for."""
    from doorlog.targets import versions

    target = str(mapping.target.value).partition("@")[0] if mapping.target else ""
    others = [f"{mapping.name}@{version}" for version in versions(target) if version != mapping.version]
    return mapping.writes + (f" (on request {', '.join(others)})" if others else "")


def _kinds(folders: Sequence[Path]) -> Rows:
    rows: dict[str, str] = {}
    for kind in _all_kinds(folders):
        how = f"skipped as {kind.skip}" if kind.skip else "counted by name" if kind.counted else "normalized"
        about, _, _ = kind.description.partition(". ")
        # What one mapping skips, another may normalize.
        if kind.name not in rows or not kind.skip:
            rows[kind.name] = f"{how}: {about.removesuffix('.')}." if about else how
    return list(rows.items())


def _all_kinds(folders: Sequence[Path]) -> list[Kind]:
    """The kinds of those mappings that are asked for by themselves."""
    from doorlog.mapping.load import load, names

    mappings = [load(name, folders) for name in names(folders)]
    return [kind for mapping in mappings if mapping.target for kind in mapping.kinds]


def _facts(folders: Sequence[Path]) -> Rows:
    """The facts that a mapping can use, each once, with its type, what it is, and the file and line that say it."""
    from doorlog.mapping.gives import known_facts
    from doorlog.mapping.load import load, names
    from doorlog.mapping.outside import told
    from doorlog.schema import RecordSchema

    types = RecordSchema().types()
    rows: dict[str, str] = {}
    for mapping in (
        told(load(name, folders)) for name in sorted(names(folders), key=lambda name: name != "aws-signin")
    ):
        for name, (place, gives) in known_facts(mapping, types).items():
            about = mapping.about.get(name)
            said = f"{gives}: {str(about.value).replace('`', '')}" if about is not None else gives
            rows.setdefault(name, f"{said} ({Path(place.file).name}:{place.line})")
    return list(rows.items())


def _reasons(_folders: Sequence[Path]) -> Rows:
    return list(REASONS.items())


def _skips(folders: Sequence[Path]) -> Rows:
    from doorlog.intake.lookalikes import SKIPS
    from doorlog.normalize import NOT_SIGN_IN
    from doorlog.replay import SKIPS as REPLAY_SKIPS

    kinds = {kind.skip: "Records of kinds that are no sign-in." for kind in _all_kinds(folders) if kind.skip}
    kinds |= {kind.skip: kind.description for kind in _all_kinds(folders) if kind.skip == kind.name}
    other = {NOT_SIGN_IN: "A CloudTrail record of something else than signing in."}
    return sorted({**SKIPS, **REPLAY_SKIPS, **kinds, **other}.items())


def _findings(_folders: Sequence[Path]) -> Rows:
    from doorlog.diagnostics import CODES

    return list(CODES.items())


def _records(_folders: Sequence[Path]) -> Rows:
    import json

    from doorlog.testing.cases import shipped_records

    rows = []
    for name, file in shipped_records().items():
        record = json.loads(file.read_bytes())
        rows.append((name, f"{record['eventName']} from {record['eventSource']}"))
    return rows


def _functions(_folders: Sequence[Path]) -> Rows:
    from doorlog.mapping.functions import FUNCTIONS, HIDING

    return [(function.usage, function.summary.replace("`", "")) for function in (FUNCTIONS | HIDING).values()]


WHAT: dict[str, Callable[[Sequence[Path]], Rows]] = {
    "mappings": _mappings,
    "kinds": _kinds,
    "reasons": _reasons,
    "skips": _skips,
    "facts": _facts,
    "records": _records,
    "functions": _functions,
    "findings": _findings,
}


@click.command("list", epilog="\b\nExample:\n  doorlog list reasons", context_settings=SETTINGS)
@click.argument("what", type=click.Choice(list(WHAT)), required=False)
@mapping_dirs
def command(what: str | None, mapping_dir: tuple[Path, ...]) -> None:
    """Show the mappings, kinds of event, reasons, skips, facts, records for tests, functions and findings there are."""
    for name in [what] if what else WHAT:
        rows = WHAT[name](mapping_dir)
        width = max((len(key) for key, _ in rows), default=0)
        if what is None:
            show(f"{name}:")
        show("\n".join(f"{key:<{width}}  {about}" for key, about in rows))
