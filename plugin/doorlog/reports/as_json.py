"""Findings as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from doorlog.diagnostics import CODES, Finding
from doorlog.reports.source import every, spot


def report(found: Mapping[str, Sequence[Finding]]) -> str:
    """`mappings`: those that were checked; `findings`: each with its place, columns from 1; and how many there are."""
    findings = every(found)
    severities = [finding.severity for finding in findings]
    document = {
        "mappings": list(found),
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "notes": severities.count("note"),
        "findings": [_finding(finding) for finding in findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, object]:
    found = spot(finding)
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_column": found.end if found else finding.column,
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "about": CODES[finding.code],
    }
