"""Where the first value of a text likely ends, and whether a value may end where it does."""

from __future__ import annotations

import re

from doorlog.intake.text import Extent

_PRETTY = {0x7B: re.compile(rb"\n\}"), 0x5B: re.compile(rb"\n\]")}
_COMPACT = {0x7B: re.compile(rb"\}(?=[{\n])"), 0x5B: re.compile(rb"\](?=[\[\n])")}


def likely_end(buffer: bytearray, start: int, stop: int) -> int:
    """Where an object or array that begins at `start` likely ends before `stop`; 0 where nothing says so.

    Pretty-printed ones end with a bracket that begins a line, others before a line feed or the next one's bracket.
    """
    patterns = _PRETTY if buffer[start + 1 : start + 2].isspace() else _COMPACT
    pattern = patterns.get(buffer[start])
    found = pattern.search(buffer, start, stop) if pattern is not None else None
    return found.end() if found is not None else 0


def alone(found: Extent, text: bytes, at_end: bool) -> Extent:
    """Only objects and arrays may share a line; a number could also go on where the text stops."""
    following = text[found.end :].lstrip(b" \t\r")
    if following:
        return found if following.startswith(b"\n") else Extent("broken", found.end, "more text after the value")
    return found if at_end else Extent("partial", len(text))
