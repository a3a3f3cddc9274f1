"""Sends numbered records along every way while everything goes wrong, round after round, and counts.

    python benchmarks/soak.py [--faults 1000] [--way NAME]... [--seed 1] [--folder DIR]

A round is what `tests/faults` runs once: faults at random from a seed, then peace, then a verdict. Shown is a line for
each round and a table at the end; the exit code is 1 if any acknowledged number is missing (of a way that promises at
most once: one that a killed child didn't have), any event is damaged or was never sent, or a process left something
behind. A round that failed keeps its folder, and can be run again by its seed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "faults"))

from fault_ways import WAYS
from harness import Report, round_of
from oracle import Oracle

FAULTS_A_ROUND = 40
NUMBERS_A_ROUND = 3000
# A shell between Fluentd and its child reads parentheses.
_PLAIN = re.compile(r"[^A-Za-z0-9.]+")


def main() -> int:
    """Runs rounds until there were as many faults as asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--faults", type=int, default=1000, help="faults in all (1000)")
    parser.add_argument("--way", action="append", choices=sorted(WAYS), help="a way; all of them by default")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first round (1)")
    parser.add_argument("--folder", type=Path, help="where rounds work; a temporary folder by default")
    asked = parser.parse_args()
    folder: Path = asked.folder or Path(tempfile.mkdtemp(prefix="doorlog-soak-"))
    ways = asked.way or sorted(WAYS)
    oracle, reports, seed, began = Oracle(), list[Report](), asked.seed, time.monotonic()
    while sum(report.faults.total() for report in reports) < asked.faults:
        name = ways[(seed - asked.seed) % len(ways)]
        report = round_of(
            name,
            oracle,
            folder / f"{_PLAIN.sub('-', name)}-{seed}",
            seed,
            faults=FAULTS_A_ROUND,
            numbers=NUMBERS_A_ROUND,
            poison=seed % 2 == 1,
            key=seed % 4 > 1,
        )
        reports.append(report)
        print(_line(report), flush=True)
        seed += 1
    print(f"\n{_tables(reports)}\n\n{len(reports)} rounds in {(time.monotonic() - began) / 60:.0f} minutes")
    return 0 if all(report.good for report in reports) else 1


def _line(report: Report) -> str:
    verdict = report.verdict
    trouble = f" LEFT BEHIND: {', '.join(report.leftovers)}" if report.leftovers else ""
    if verdict.damaged or verdict.invented:
        trouble += f" DAMAGED {verdict.damaged[:5]} INVENTED {verdict.invented[:5]}"
    if report.unexplained:
        trouble += f" LOST {report.unexplained[:20]}"
    causes = ", ".join(f"{number} {place}" for place, number in sorted(report.causes.items()))
    lost = f"{len(verdict.lost)} lost" + (f" ({causes})" if causes else "")
    return (
        f"{report.way}, seed {report.seed}: {report.faults.total()} faults, {verdict.acknowledged} acknowledged,"
        f" {lost}, {verdict.duplicates} duplicates, {report.seconds:.0f} s{trouble}"
    )


def _tables(reports: list[Report]) -> str:
    rows = ["| way | rounds | faults | acknowledged | lost | damaged | never sent | duplicates |", "| --- " * 8 + "|"]
    for name in [*sorted({report.way for report in reports}), "all"]:
        own = [report for report in reports if name in (report.way, "all")]
        verdicts = [report.verdict for report in own]
        figures = [
            len(own),
            sum(report.faults.total() for report in own),
            sum(verdict.acknowledged for verdict in verdicts),
            sum(len(verdict.lost) for verdict in verdicts),
            sum(len(verdict.damaged) for verdict in verdicts),
            sum(len(verdict.invented) for verdict in verdicts),
            sum(verdict.duplicates for verdict in verdicts),
        ]
        rows.append(f"| {name} | {' | '.join(f'{figure:,}' for figure in figures)} |")
    faults: Counter[str] = sum((report.faults for report in reports), Counter())
    rows += ["", "| fault | times |", "| --- | --- |"]
    rows += [f"| {fault} | {number} |" for fault, number in sorted(faults.items())]
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
