"""What a relay tells of itself while it runs: a file for whoever watches its health, one for Prometheus."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from doorlog.counts import Counts
from doorlog.errors import OutputFailed, UsageError
from doorlog.intake import SKIPS
from doorlog.outputs import ForwardOutput
from doorlog.outputs.file import WRONG_PATH
from doorlog.rejects import REASONS
from doorlog.relay.server import Visits


@dataclass(frozen=True, slots=True)
class Status:
    """Where the figures come from, and the files that they go to."""

    counts: Counts
    output: ForwardOutput
    visits: Visits
    health: Path | None
    metrics: Path | None

    def write(self, state: str) -> None:
        """Writes both files, each in one go, so that no reader sees a half. Raises UsageError, OutputFailed."""
        trouble = self.output.sender.trouble
        if self.health is not None:
            told = {
                "state": "waiting" if state == "ok" and trouble else state,
                "output": trouble or "ok",
                "connections": self.visits.now,
                "queued_events": self.output.store.waiting,
                "in_flight": self.counts.in_flight,
            }
            _replace("--health-file", self.health, json.dumps(told) + "\n")
        if self.metrics is not None:
            _replace("--metrics-file", self.metrics, "".join(self._metrics(trouble is None)))

    def _metrics(self, confirming: bool) -> Iterator[str]:
        counts, sender = self.counts, self.output.sender
        # A counter that begins with its first event has no rise that an alert could see.
        rejected, skipped = (
            {**dict.fromkeys(REASONS, 0), **counts.rejected},
            {**dict.fromkeys(SKIPS, 0), **counts.skipped},
        )
        yield from _family("records_read_total", "counter", "Records found in what clients sent.", counts.read)
        yield from _family("records_delivered_total", "counter", "Records confirmed by a server.", counts.delivered)
        yield from _family("records_rejected_total", "counter", "Rejects, by reason.", rejected, "reason")
        yield from _family("records_skipped_total", "counter", "No sign-ins, by name.", skipped, "name")
        yield from _family("records_in_flight", "gauge", "Records read and not settled.", counts.in_flight)
        yield from _family("queue_events", "gauge", "Events not confirmed yet.", self.output.store.waiting)
        yield from _family("messages_sent_total", "counter", "Messages sent to servers.", sender.sent)
        yield from _family("messages_resent_total", "counter", "Messages sent again.", sender.resent)
        yield from _family("output_confirming", "gauge", "1 unless the last attempt failed.", int(confirming))
        yield from _family("connections", "gauge", "Clients connected.", self.visits.now)
        yield from _family("connections_total", "counter", "Clients that came.", self.visits.ever)
        yield from _family("clients_sent_away_total", "counter", "By reason.", self.visits.sent_away, "reason")


def _family(name: str, kind: str, about: str, value: int | dict[str, int], label: str = "") -> Iterator[str]:
    yield f"# HELP doorlog_{name} {about}\n# TYPE doorlog_{name} {kind}\n"
    if isinstance(value, int):
        yield f"doorlog_{name} {value}\n"
    else:
        for key, number in sorted(value.items()):
            yield f"doorlog_{name}{{{label}={json.dumps(key)}}} {number}\n"


def _replace(option: str, path: Path, text: str) -> None:
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, "utf-8")
        os.replace(new, path)  # noqa: PTH105 - one call for both names
    except OSError as error:
        raised = UsageError if error.errno in WRONG_PATH else OutputFailed
        raise raised(f"{option} {path}: {error.strerror}") from None
