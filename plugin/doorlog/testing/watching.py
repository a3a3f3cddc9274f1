"""Waits for files to change."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

ENDINGS = frozenset({".yaml", ".yml", ".json", ".csv"})
EVERY = 0.3
"""Seconds between two looks; what is watched are a few dozen files."""


def changes(folders: Iterable[Path]) -> Iterator[None]:
    """Gives something each time that a file of a mapping, its tests or its tables in these folders has changed.

    It goes on for ever, and counts from the call: what changes before the first is asked for is not missed.
    """
    folders = list(folders)
    return _changes(folders, _seen(folders))


def _changes(folders: list[Path], before: dict[Path, tuple[int, int]]) -> Iterator[None]:
    while True:
        now = _seen(folders)
        if now != before:
            before = now
            yield
        time.sleep(EVERY)


def _seen(folders: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """What there is, with times and sizes."""
    found = {}
    for folder in folders:
        for file in (*folder.glob("*"), *folder.glob("tests/*"), *folder.glob("records/*")):
            if file.suffix in ENDINGS:
                try:
                    stat = file.stat()
                except OSError:  # it went away in between
                    continue
                found[file] = (stat.st_mtime_ns, stat.st_size)
    return found
