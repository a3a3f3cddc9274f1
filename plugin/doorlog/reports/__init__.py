"""What was found in mappings, for people and for the tools that show findings where they arise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from doorlog.diagnostics import Finding
from doorlog.reports import as_json, github, sarif, text

Report: TypeAlias = Callable[[Mapping[str, Sequence[Finding]]], str]
"""From the findings in each mapping that was checked to what is shown, without a last newline."""

REPORTS: Mapping[str, Report] = {
    "text": text.report,
    "json": as_json.report,
    "github": github.report,
    "sarif": sarif.report,
}
