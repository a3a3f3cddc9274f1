"""The line of a file that a finding speaks of, and how much of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from doorlog.diagnostics import Finding

# A quoted text, a tag, or what runs to a blank or to a sign of YAML's; a colon parts only before a blank.
_WORD = re.compile(r""" "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' | (?:[^\s,\[\]{}:] | :(?!\s|$))+ """, re.VERBOSE)


def every(found: Mapping[str, Sequence[Finding]]) -> list[Finding]:
    """The findings in all mappings, in the order of files and places; what two of them share is there once."""
    return sorted({finding for findings in found.values() for finding in findings})


class Spot(NamedTuple):
    """A line of a file, and the columns from 1 of what is meant in it, the last one excluded."""

    line: str
    begin: int
    end: int


def spot(finding: Finding) -> Spot | None:
    """The place of a finding in its file's text; None if the file can't be read any more, or has no such line."""
    lines = _lines(finding.file)
    if not 1 <= finding.line <= len(lines):
        return None
    line = lines[finding.line - 1]
    word = _WORD.match(line, finding.column - 1)
    return Spot(line, finding.column, (word.end() if word else finding.column) + 1)


@cache
def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text("utf-8", "replace").split("\n")
    except OSError:
        return []
