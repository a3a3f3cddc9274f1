"""Findings for people: where, what and what to do, then the line with a mark below what is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from doorlog.diagnostics import Finding
from doorlog.log import visible
from doorlog.reports.source import Spot, every, spot

MOST_SHOWN = 160
"""Of a longer line only what is around the place is shown."""

_COLOURS = {"error": "31", "warning": "33", "note": "36"}


def report(found: Mapping[str, Sequence[Finding]], coloured: bool = False) -> str:
    """Each finding with its line, then for each mapping how many there are."""
    shown = [_finding(finding, coloured) for finding in every(found)]
    return "\n".join([*shown, *(f"{visible(name)}: {_sum(findings)}" for name, findings in found.items())])


def _finding(finding: Finding, coloured: bool) -> str:
    where = f"{finding.file}:{finding.line}:{finding.column}: "
    said = f"{finding.severity}: "
    if coloured:
        where, said = f"\033[1m{visible(where)}\033[0m", f"\033[{_COLOURS[finding.severity]};1m{said}\033[0m"
    else:
        where = visible(where)
    head = f"{where}{said}{visible(finding.message)} [{finding.code}]"
    found = spot(finding)
    if found is None or not found.line.strip():
        return head
    number = str(finding.line)
    before, meant, after = _shown(found)
    mark = "^" * max(1, len(meant))
    if coloured:
        mark = f"\033[{_COLOURS[finding.severity]}m{mark}\033[0m"
    return "\n".join(
        [head, f"  {number} | {before}{meant}{after}", f"  {' ' * len(number)} | {' ' * len(before)}{mark}"]
    )


def _shown(found: Spot) -> tuple[str, str, str]:
    """What stands before what is meant, that itself, and what follows; of a long line not all."""
    line = found.line.expandtabs(1)
    begin, end = found.begin - 1, min(found.end - 1, found.begin - 1 + MOST_SHOWN)
    before, meant, after = visible(line[:begin]), visible(line[begin:end]), visible(line[end:])
    room = max(0, MOST_SHOWN - len(meant)) // 2
    if len(before) + len(meant) + len(after) > MOST_SHOWN:
        before = before if len(before) <= room else f"...{before[-room:]}" if room else "..."
        after = after if len(after) <= room else f"{after[:room]}..."
    return before, meant, after


def _sum(findings: Sequence[Finding]) -> str:
    severities = [finding.severity for finding in findings]
    counts = [_many(severities.count(severity), severity) for severity in ("error", "warning", "note")]
    if not {"error", "warning"} & set(severities):
        counts.insert(0, "fine")
    return ", ".join(filter(None, counts))


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count > 1)}" if count else ""
