"""How much memory `doorlog run` takes at its peak, for a short stream and for a long one.

    python benchmarks/memory.py

A stream of records of every sort (`corpus.py --mixed`) comes through a pipe; events go nowhere, rejects into a file.
Where memory is bounded, a stream of ten times the length takes no more. A log file is one value in one line, and is
held whole: its row has one file in the short stream, and ten of that size in the long one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import HERE, environment

# Linux counts kilobytes, macOS bytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def peak(corpus: Sequence[str], targets: tuple[str, ...]) -> int:
    """The most memory, in bytes, that the filter had in use at once for a corpus (arguments of `corpus.py`)."""
    make = [sys.executable, str(HERE / "corpus.py"), *corpus]
    run = [sys.executable, "-m", "doorlog", "run", "--quiet", *(f"--to={target}" for target in targets)]
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nowhere:
        rejects = str(Path(folder) / "rejects.ndjson")
        source = subprocess.Popen(make, stdout=subprocess.PIPE)
        child = subprocess.Popen([*run, "--rejects", rejects], env=environment(), stdin=source.stdout, stdout=nowhere)
        assert source.stdout is not None
        source.stdout.close()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode or source.wait():
        raise SystemExit(f"doorlog run ended with {child.returncode}, the corpus with {source.returncode}")
    return used.ru_maxrss * _PEAK_UNIT


def main() -> None:
    """Prints the peaks as a table."""
    parser = argparse.ArgumentParser(description="The peak memory of doorlog run, for a short and a long stream.")
    parser.add_argument("--records", type=int, default=200_000, help="how many the long stream has")
    records: int = parser.parse_args().records
    few = records // 10
    print(f"| peak memory, MB | {few:,} records | {records:,} records |\n|---|---|---|")
    mixed, files = ["--mixed"], ["--log-files-of", str(few)]
    for what, sort, targets in (
        ("ecs", mixed, ("ecs",)),
        ("ecs and ocsf", mixed, ("ecs", "ocsf")),
        (f"ecs, log files of {few:,}", files, ("ecs",)),
    ):
        short, long = (peak([*sort, str(count)], targets) / 1e6 for count in (few, records))
        print(f"| {what} | {short:.0f} | {long:.0f} |")


if __name__ == "__main__":
    main()
