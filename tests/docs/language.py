"""What an expression gives and whether a condition holds, for the record that the page shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pages import ROOT, fences, only

from doorlog.normalize import normalizer
from doorlog.record import Reject, Skip

PAGE = ROOT / "docs" / "mapping-language.md"
LINE = re.compile(r"(?P<said>\S.*?)\s+-> (?P<result>.+)")


def said(what: str) -> list[tuple[str, str]]:
    """The lines of all blocks of that name: what is written, and what is said to come of it."""
    found = [LINE.fullmatch(line) for fence in fences(PAGE, what) for line in fence.text.splitlines()]
    return [(match["said"], match["result"]) for match in found if match is not None]


def lines(what: str) -> int:
    """How many lines these blocks have."""
    return sum(len(fence.text.splitlines()) for fence in fences(PAGE, what))


def gives(expression: str, folder: Path) -> Any:
    """The expression's value in an open field, None for nothing."""
    mapping = folder / "tried.yaml"
    mapping.write_text(f"mapping: tried\nextends: ecs\nset:\n  aws.cloudtrail.signin.tried: {expression}\n", "utf-8")
    record = json.loads(only(PAGE, "json record"))
    events = normalizer([str(mapping)])(record)
    assert not isinstance(events, Reject | Skip), events
    (event,) = events
    assert event is not None
    return event["aws"]["cloudtrail"].get("signin", {}).get("tried")
