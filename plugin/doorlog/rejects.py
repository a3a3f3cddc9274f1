"""Rejects: why a thing can't be normalized, the document that keeps it, and the way back from that document.

A reject is never lost. It goes, with its reason, its problems, where it came from and its raw text, to the reject
output; `doorlog replay` feeds it through again once the reason is mended.
"""

from __future__ import annotations

import base64
import codecs
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from doorlog import __version__
from doorlog.log import Log
from doorlog.outputs import Event, Output
from doorlog.record import Carried, Json, Problem, Reject

REASONS: dict[str, str] = {
    "not_json": "The text is not JSON; see what wrote it, or whether --input-format is right.",
    "torn_text": "The input ended in the middle of a value; replay the rest once the whole text is there.",
    "too_long": "One value is longer than --max-line-bytes allows; only its beginning is kept.",
    "too_deep": "A value is nested deeper than --max-depth allows.",
    "too_large": "What is compressed grows beyond --max-decompressed-bytes, --max-ratio or --max-unfolded-bytes.",
    "bad_gzip": "The compressed input is damaged or incomplete and is not read further; fetch it again.",
    "bad_encoding": "An envelope holds content that its encoding (base64, gzip, UTF-8) can't be read from.",
    "bad_msgpack": "The input is not MessagePack, or damaged, and is not read further; see what wrote it.",
    "invalid_record": "The record does not satisfy the schema (doorlog schema signin-record); the problems say where.",
    "bad_time": "The record's eventTime is no time that an event can carry.",
    "not_conformant": "A target demands what the record does not have; the problem names it, a mapping can supply it.",
    "refused": "A Fluentd server ends the connection on this event, again and again, and takes others; see its log.",
    "mapping_failed": "The mapping failed on this record, which is a bug; please report it with the problems.",
}
"""Every reason there is: its code, and one sentence that says what it means and what to do."""

CUT = frozenset({"too_long", "too_large", "bad_gzip", "bad_msgpack"})
"""The reasons whose raw text may be only a part of what was to be read, so that it can't be replayed."""

REFUSED = "refused"
"""The reason of what is no fault of the record: an output's server doesn't take its event."""

TARGET = "reject"
"""The name under which reject documents stand among an output's events."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A reject and where it was found."""

    reject: Reject
    source: str
    line: int
    index: int
    carried: Carried | None


def document(rejected: Rejected) -> Json:
    """The reject as one JSON object, as `schemas/reject.schema.json` describes it."""
    reject = rejected.reject
    made: Json = {
        "reason": reject.reason,
        "message": REASONS[reject.reason],
        "problems": [problem._asdict() for problem in reject.problems],
        "source": {"name": rejected.source, "line": rejected.line, "index": rejected.index},
    }
    cut = reject.reason in CUT
    if isinstance(reject.raw, dict):
        made["record"] = reject.raw
    else:
        made.update(_text(reject.raw, cut))
    if cut:
        made["truncated"] = True
    made["doorlog"] = {"version": __version__}
    return made


def _text(raw: bytes, cut: bool) -> Json:
    try:
        # A text that was cut may end inside a character; the decoder leaves such an end off.
        return {"text": codecs.getincrementaldecoder("utf-8")().decode(raw, final=not cut)}
    except UnicodeDecodeError:
        return {"bytes": base64.b64encode(raw).decode("ascii")}


def of_event(event: bytes, output: str, cause: str) -> Rejected:
    """The reject of an event that the server behind `output` refuses, as it was packed."""
    problem = Problem("$", "forward", f"an event that the server takes ({cause})")
    return Rejected(Reject(REFUSED, (problem,), event), output, 1, 0, None)


class Rejects(Protocol):
    """Where rejects go."""

    def take(self, rejects: list[Rejected]) -> None:
        """Returns when the rejects are kept; raises OutputFailed where they can't be."""


class RejectDocuments:
    """Rejects as documents on an output."""

    def __init__(self, output: Output, clock: Callable[[], int] = time.time_ns) -> None:
        self._output = output
        self._clock = clock

    def take(self, rejects: list[Rejected]) -> None:
        # An unreadable text has no time of its own; Fluentd shows when it was rejected.
        now = self._clock()
        self._output.write([Event(document(rejected), TARGET, now, rejected.carried) for rejected in rejects])


class RejectNotes:
    """Rejects as messages, where no output for them was asked for.

    The first of each reason is told with its place; later ones are summed up, at most once in `window` seconds.
    """

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic, window: float = 10.0) -> None:
        self._log = log
        self._clock = clock
        self._window = window
        self._told: set[str] = set()
        self._more: Counter[str] = Counter()
        self._next = 0.0

    def take(self, rejects: list[Rejected]) -> None:
        for rejected in rejects:
            reason = rejected.reject.reason
            if reason in self._told:
                self._more[reason] += 1
                continue
            hint = "" if self._told else " (--rejects PATH keeps what is rejected)"
            self._told.add(reason)
            self._log.note(_first(rejected) + hint)
        now = self._clock()
        if self._more and now >= self._next:
            more = ", ".join(f"{reason} {number}" for reason, number in sorted(self._more.items()))
            self._log.note(f"more rejects: {more}")
            self._more.clear()
            self._next = now + self._window


def _first(rejected: Rejected) -> str:
    reject = rejected.reject
    place = f"{rejected.source}:{rejected.line}" + (f" [{rejected.index}]" if rejected.index else "")
    problems = [f"{path[:200]}: {rule}: {expected}" for path, rule, expected in reject.problems[:3]]
    return f"{place}: rejected, {reject.reason}: {'; '.join(problems) or REASONS[reject.reason]}"
