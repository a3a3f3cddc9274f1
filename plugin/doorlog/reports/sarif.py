"""Findings as SARIF 2.1.0, the format that code-scanning services take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import doorlog
from doorlog.diagnostics import CODES, Finding, severity_of
from doorlog.reports.source import every, spot


def report(found: Mapping[str, Sequence[Finding]]) -> str:
    """One run, with every code as a rule, and each finding as a result."""
    codes = list(CODES)
    driver = {"name": "doorlog", "version": doorlog.__version__, "rules": [_rule(code) for code in codes]}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, codes.index(finding.code)) for finding in every(found)],
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rule(code: str) -> dict[str, object]:
    return {
        "id": code,
        "shortDescription": {"text": CODES[code]},
        "help": {"text": f"{CODES[code]} docs/diagnostics.md#{code} says what to do, with an example."},
        "defaultConfiguration": {"level": severity_of(code)},
    }


def _result(finding: Finding, index: int) -> dict[str, object]:
    found = spot(finding)
    region = {"startLine": finding.line, "startColumn": finding.column}
    if found is not None:
        region["endColumn"] = found.end
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(finding.file)}, "region": region}}],
    }


def _uri(file: str) -> str:
    """A path as a reference: relative ones stay so, as services want them from the root of the repository."""
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
