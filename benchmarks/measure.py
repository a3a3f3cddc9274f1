"""What an event costs in Doorlog, as ratios to the two floors in `floors.py`.

    python benchmarks/measure.py            a table, after some minutes
    python benchmarks/measure.py --quick    whether all of it works; the figures say little

CPU time (user and system) is counted, not time on the clock. Every measured run is a fresh process on the same core,
between two runs of the hand-written floor; its ratio is to the mean of those two, so that it means the same on a busy
machine as on an idle one, and of all rounds the median counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import mean, median

import corpus as corpora
from one_run import CHECK_ALONE, STAGES

HERE = Path(__file__).resolve().parent
TARGETS: tuple[tuple[str, ...], ...] = (("ecs",), ("ocsf",), ("ecs", "ocsf"))


@dataclass(frozen=True)
class Measured:
    """What the rounds have given for one thing: CPU seconds, and their ratio to the floor around them."""

    title: str
    seconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)


def one_run(what: str, corpus: Path, *targets: str) -> dict[str, float]:
    """The CPU seconds of a floor, or of Doorlog's stages, in a process of its own."""
    command = [sys.executable, str(HERE / "one_run.py"), what, str(corpus), *targets]
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, check=True)
    spent: dict[str, float] = json.loads(done.stdout)
    return spent


def doorlog_run(corpus: Path, targets: Sequence[str]) -> float:
    """The CPU seconds of `doorlog run` as a filter, start-up and all."""
    command = [sys.executable, "-m", "doorlog", "run", "--quiet", *(f"--to={target}" for target in targets)]
    with corpus.open("rb") as records, Path(os.devnull).open("wb") as nowhere:
        child = subprocess.Popen(command, env=environment(), stdin=records, stdout=nowhere)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"doorlog run ended with {child.returncode}")
    return used.ru_utime + used.ru_stime


def environment() -> dict[str, str]:
    """The environment in which this checkout's Doorlog runs."""
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE.parent / "plugin"), os.environ.get("PYTHONPATH", "")])}


def rounds(things: dict[str, Callable[[], float]], floor: Callable[[], float], count: int) -> list[Measured]:
    """Every thing, measured so many times, each between two runs of the floor."""
    found = {title: Measured(title) for title in things}
    before = floor()
    for _ in range(count):
        for title, run in things.items():
            seconds, after = run(), floor()
            found[title].seconds.append(seconds)
            found[title].ratios.append(seconds / mean((before, after)))
            before = after
    return list(found.values())


def pin() -> None:
    """Keeps this process and those that it starts on one core, where the system lets it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def report(corpus: Path, records: int, count: int) -> str:
    """All figures, as Markdown."""
    first = corpus.with_name("first.ndjson")
    with corpus.open("rb") as file:
        first.write_bytes(file.readline())
    starts = {targets: median(doorlog_run(first, targets) for _ in range(count)) for targets in TARGETS}
    things: dict[str, Callable[[], float]] = {"`orjson` loads + dumps": lambda: one_run("round-trip", corpus)["all"]}
    things["hand-written, ECS"] = lambda: one_run("hand-written", corpus)["all"]
    for targets in TARGETS:
        title = f"`doorlog run {' '.join(f'--to {target}' for target in targets)}`"
        things[title] = partial(lambda targets: doorlog_run(corpus, targets) - starts[targets], targets)
    measured = rounds(things, lambda: one_run("hand-written", corpus)["all"], count)
    no_work = median(measured[0].ratios)
    per_event = 1e6 / records
    lines = [
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {records:,} records"
        f" of {corpus.stat().st_size / records:,.0f} bytes, {count} rounds.",
        "",
        "| what | x hand-written | lowest to highest | x round trip | CPU µs/event |",
        "|---|---|---|---|---|",
    ]
    for one in measured:
        ratio = median(one.ratios)
        spread = f"{min(one.ratios):.2f} to {max(one.ratios):.2f}"
        micro = f"{median(one.seconds) * per_event:.1f}"
        lines.append(f"| {one.title} | {ratio:.2f} | {spread} | {ratio / no_work:.2f} | {micro} |")
    columns = [*STAGES, "together", CHECK_ALONE]
    lines += ["", f"| stage, CPU µs/event | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for targets in TARGETS:
        spent = [one_run("stages", corpus, *targets) for _ in range(count)]
        parts = [median(run[stage] for run in spent) * per_event for stage in STAGES]
        parts += [sum(parts), median(run[CHECK_ALONE] for run in spent) * per_event]
        lines.append(f"| {' and '.join(targets)} | {' | '.join(f'{part:.1f}' for part in parts)} |")
    started = ", ".join(f"{seconds:.2f} s for {' and '.join(targets)}" for targets, seconds in starts.items())
    return "\n".join([*lines, "", f"Start-up, not counted above: {started} (CPU)."])


def main() -> None:
    """Measures, and prints the tables."""
    parser = argparse.ArgumentParser(description="What an event costs in Doorlog, compared with two floors.")
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="few records, one round")
    asked = parser.parse_args()
    records, count = (2_000, 1) if asked.quick else (asked.records, asked.rounds)
    pin()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.ndjson"
        with corpus.open("wb") as file:
            file.writelines(corpora.lines(corpora.records(records)))
        print(report(corpus, records, count))


if __name__ == "__main__":
    main()
