"""What an overlay costs on top of the shipped ECS mapping: ten fields of ten sorts, and the overlays that ship.

    python benchmarks/overlay.py            a table, after some minutes
    python benchmarks/overlay.py --quick    whether all of it works; the figures say little

CPU time of reading, checking, mapping and writing is counted, in fresh processes on one core. Each run stands between
two of the ECS mapping alone, and is compared with the mean of those two; of all rounds the median counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import corpus as corpora
from measure import HERE, one_run, pin, rounds
from one_run import STAGES

FIELDS = {
    "labels.constant": "cloud-security",
    "labels.path": "$.eventVersion",
    "labels.fact": "{from: who}",
    "labels.first": "{from: [$.errorCode, $.errorMessage, $.eventType]}",
    "labels.part": "{from: $.userIdentity.arn, after_last: /, lower: true}",
    "labels.template": '{template: "{user_name|nobody} from {client_ip|somewhere}"}',
    "labels.condition": "{when: {outcome: failure, $.userIdentity.type: [IAMUser, Root]}, value: 'yes', else: 'no'}",
    "labels.network": "{from: client_ip, network: [24, 48]}",
    "labels.table": "{from: $.awsRegion, table: {us-east-1: virginia, eu-central-1: frankfurt}, default: elsewhere}",
    "tags": "{collect: [outcome, $.awsRegion]}",
}
"""Ten rules, one of each sort."""
LISTED = 10_000
"""Rows of the list that one rule looks the account up in."""
WRITTEN_IN = "the ten fields, written into `ecs` itself"


def overlays(folder: Path) -> dict[str, str]:
    """The mappings asked for by what they are: overlays on top of `ecs`, written to a folder, and a copy of `ecs`."""
    rules = [f"  {path}: {said}" for path, said in FIELDS.items()]

    def write(name: str, *lines: str) -> str:
        file = folder / f"{name}.yaml"
        file.write_text("\n".join([f"mapping: {name}", "extends: ecs", *lines, ""]), "utf-8")
        return str(file)

    rows = "".join(f"{account},team-{account % 97}\n" for account in range(111122223333 - LISTED + 1, 111122223334))
    (folder / "accounts.csv").write_text(f"account,team\n{rows}", "utf-8")
    looked_up = "  labels.team: {from: account, table: accounts.team, default: unknown}"
    found = {
        "no field": write("nothing"),
        "ten fields": write("ten", "set:", *rules),
        "the ten fields in two overlays": f"{write('five', 'set:', *rules[:5])}+{write('more', 'set:', *rules[5:])}",
        f"one field, from a list of {LISTED:,}": write("listed", "lists: {accounts: accounts.csv}", "set:", looked_up),
        "`pseudonymous`": "pseudonymous",
    }
    if find_spec("ua_parser"):
        found["`user-agent`"] = "user-agent"
    # Databases are a user's own.
    if find_spec("maxminddb") and os.environ.get("DOORLOG_GEOIP"):
        found["`geoip`"] = "geoip"
    return {what: f"ecs+{named}" for what, named in found.items()} | {WRITTEN_IN: str(_written_in(folder, rules))}


def _written_in(folder: Path, rules: list[str]) -> Path:
    """A copy of the ECS mapping with these rules among its own: what they cost there, they may cost in an overlay."""
    whole = (HERE.parent / "mappings" / "ecs.yaml").read_text("utf-8")
    assert whole.count("\nset:\n") == whole.count("mapping: ecs\n") == 1
    file = folder / "whole.yaml"
    whole = whole.replace("mapping: ecs\n", "mapping: whole\n")
    file.write_text(whole.replace("\nset:\n", "\n".join(["", "set:", *rules, ""])), "utf-8")
    return file


def seconds(corpus: Path, target: str) -> float:
    """The CPU seconds of all stages for a target."""
    spent = one_run("stages", corpus, target)
    return sum(spent[stage] for stage in STAGES)


def fields_of(corpus: Path, target: str) -> float:
    """How many fields the events of some records of the corpus have, on average."""
    import orjson

    from doorlog.normalize import normalizer

    normalize = normalizer([target])
    with corpus.open("rb") as file:
        events = [normalize(orjson.loads(line)) for line, _ in zip(file, range(200), strict=False)]
    found = [_leaves(event[0]) for event in events if isinstance(event, tuple)]
    return sum(found) / len(found)


def _leaves(value: object) -> int:
    return sum(map(_leaves, value.values())) if isinstance(value, dict) else 1


def report(corpus: Path, records: int, count: int, folder: Path) -> str:
    """All figures, as Markdown."""
    said = overlays(folder)
    things = {what: partial(seconds, corpus, target) for what, target in said.items()}
    alone = partial(seconds, corpus, "ecs")
    measured = rounds({"`ecs` again": alone, **things}, alone, count)
    own = median(measured[0].seconds) * 1e6 / records
    fields = fields_of(corpus, "ecs")
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {records:,} records, {count} rounds; `ecs` alone:"
        f" {own:.1f} µs of CPU an event, {own / fields:.2f} µs a field.",
        "",
        "| on top of `ecs` | fields more | x `ecs` alone | lowest to highest | µs an event more | µs a field |",
        "|---|---|---|---|---|---|",
    ]
    for one in measured:
        more = fields_of(corpus, said[one.title]) - fields if one.title in said else 0.0
        ratio = median(one.ratios)
        cost = (ratio - 1) * own
        each = f"{cost / more:.2f}" if more >= 0.5 else ""
        spread = f"{min(one.ratios):.2f} to {max(one.ratios):.2f}"
        lines.append(f"| {one.title} | {more:.1f} | {ratio:.2f} | {spread} | {cost:.1f} | {each} |")
    return "\n".join(lines)


def main() -> None:
    """Measures, and prints the table."""
    parser = argparse.ArgumentParser(description="What an overlay of ten fields costs on top of the ECS mapping.")
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="few records, one round")
    asked = parser.parse_args()
    records, count = (2_000, 1) if asked.quick else (asked.records, asked.rounds)
    pin()
    os.environ.setdefault("DOORLOG_PEOPLE_KEY", "a key for measurements only")
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.ndjson"
        with corpus.open("wb") as file:
            file.writelines(corpora.lines(corpora.records(records)))
        print(report(corpus, records, count, Path(folder)))


if __name__ == "__main__":
    main()
