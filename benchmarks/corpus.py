"""A corpus of made-up sign-in records, the same bytes for the same number every time.

    python benchmarks/corpus.py 200000 > corpus.ndjson

All are console sign-ins in the shape that CloudTrail gives them; `--mixed` puts other events among them, near sign-in
and far from it, and some that are damaged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from random import Random

import orjson

from console_login import Json, console_login
from others import DAMAGES, OTHERS
from people import World

SEED = 20240610
_START = datetime(2024, 6, 10, tzinfo=timezone.utc)


def records(count: int, seed: int = SEED) -> Iterator[Json]:
    """Console sign-ins, three seconds apart."""
    random = Random(seed)
    world = World(random)
    for number in range(count):
        yield console_login(random, world, _START + timedelta(seconds=3 * number))


def mixed(count: int, seed: int = SEED) -> Iterator[Json]:
    """Console sign-ins, four of ten made into other events, and one of two hundred damaged."""
    random = Random(f"mixed {seed}")
    for number, record in enumerate(records(count, seed)):
        if number % 200 == 199:
            random.choice(DAMAGES)(record)
        elif number % 10 >= 6:
            random.choice(OTHERS)(record)
        yield record


def lines(found: Iterable[Json]) -> Iterator[bytes]:
    """Each record as one line."""
    for record in found:
        yield orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def log_files(whole: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same lines as CloudTrail's log files have them, so many records to one `Records` in one line."""
    rest = iter(whole)
    while some := [line.rstrip() for line in islice(rest, size)]:
        yield b'{"Records":[' + b",".join(some) + b"]}\n"


def main() -> None:
    """Writes the corpus to stdout."""
    parser = argparse.ArgumentParser(description="A corpus of made-up sign-in records, one a line, on stdout.")
    parser.add_argument("count", type=int, help="how many records")
    parser.add_argument("--mixed", action="store_true", help="with other events, skips and damaged records among them")
    parser.add_argument("--log-files-of", type=int, metavar="COUNT", help="as log files of so many records, one a line")
    asked = parser.parse_args()
    whole = lines(mixed(asked.count) if asked.mixed else records(asked.count))
    sys.stdout.buffer.writelines(log_files(whole, asked.log_files_of) if asked.log_files_of else whole)


if __name__ == "__main__":
    main()
