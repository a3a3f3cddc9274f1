"""Findings as GitHub's workflow commands, which show them beside the line of a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorlog.diagnostics import Finding
from doorlog.log import visible
from doorlog.reports.source import every, spot

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def report(found: Mapping[str, Sequence[Finding]]) -> str:
    """One command a line: `::error file=...,line=...,col=...,endColumn=...,title=CODE::MESSAGE`."""
    return "\n".join(map(_command, every(found)))


def _command(finding: Finding) -> str:
    found = spot(finding)
    properties = {
        "file": finding.file,
        "line": finding.line,
        "col": finding.column,
        "endColumn": found.end if found else finding.column,
        "title": finding.code,
    }
    named = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {named}::{_data(visible(finding.message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
