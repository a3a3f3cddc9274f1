"""Numbered records whose content follows from the number, and the verdict on what arrived of them.

Whoever knows a number knows its record, and so its event: nothing has to be remembered to see whether an event that
arrived is whole, belongs to a record that was sent, and came once or more often.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import msgpack  # type: ignore[import-untyped]

from doorlog.normalize import Normalizer, normalizer

_ROOT = Path(__file__).resolve().parents[2]
_EXAMPLE: dict[str, Any] = json.loads((_ROOT / "examples" / "signins.ndjson").read_bytes().splitlines()[0])


def record(number: int) -> dict[str, Any]:
    """The record with this number."""
    digest = hashlib.blake2b(str(number).encode(), digest_size=16).digest()
    return {
        **_EXAMPLE,
        "eventID": f"number-{number}",
        "eventTime": f"2024-06-10T{digest[0] % 24:02d}:{digest[1] % 60:02d}:{digest[2] % 60:02d}Z",
        "sourceIPAddress": f"203.0.113.{digest[3]}",
        "userAgent": "Mozilla/5.0 " + digest.hex() * (1 + digest[4] % 8),
        "userIdentity": {**_EXAMPLE["userIdentity"], "userName": f"user-{digest.hex()}"},
    }


def line(number: int) -> bytes:
    """The record as one line of JSON."""
    return json.dumps(record(number)).encode() + b"\n"


Arrived: TypeAlias = tuple[str, int, dict[str, Any]]
"""The tag of an event, its time in nanoseconds, and its document."""


@dataclass
class Verdict:
    """What arrived, held against what was sent and acknowledged."""

    acknowledged: int = 0
    arrived: int = 0
    refused: int = 0
    duplicates: int = 0
    lost: list[int] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every acknowledged number arrived, whole, and none that was not sent."""
        return not (self.lost or self.invented or self.damaged)


class Oracle:
    """Judges events of one mapping."""

    def __init__(self, mapping: str = "ecs") -> None:
        self._normalize: Normalizer = normalizer([mapping])

    def event(self, number: int) -> tuple[dict[str, Any], int]:
        """The event that the record of this number gives, and its time in nanoseconds."""
        made = self._normalize(record(number))
        assert isinstance(made, tuple) and isinstance(made[0], dict)
        time_ns = self._normalize.time_ns(record(number))
        assert time_ns is not None
        return made[0], time_ns

    def judge(self, arrived: Iterable[Arrived], sent: int, acknowledged: Collection[int]) -> Verdict:
        """The verdict on what arrived, when the numbers below `sent` were sent."""
        times: Counter[int] = Counter()
        refused: Counter[int] = Counter()
        verdict = Verdict(acknowledged=len(acknowledged))
        for tag, time_ns, document in arrived:
            if document.get("reason") == "torn_text":
                # A process that ends in the middle of a line says so; its source sends the record again.
                continue
            number = number_of(document)
            if tag.endswith("reject"):
                refused[number or 0] += 1
                time_ns, document = _inner(time_ns, document)
            if number is None or not 0 <= number < sent:
                verdict.invented.append(str(document.get("event", document))[:200])
                continue
            times[number] += 1
            if (document, time_ns) != self.event(number):
                verdict.damaged.append(number)
        verdict.arrived, verdict.refused = len(times), len(refused)
        verdict.duplicates = times.total() - len(times)
        verdict.lost = sorted(set(acknowledged) - times.keys())
        return verdict


def unpacked(entries: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """The time in nanoseconds and the document of each entry."""
    unpacker = msgpack.Unpacker(max_buffer_size=len(entries) or 1)
    unpacker.feed(entries)
    for moment, document in unpacker:
        if isinstance(moment, msgpack.ExtType):
            seconds, rest = int.from_bytes(moment.data[:4], "big"), int.from_bytes(moment.data[4:], "big")
            yield seconds * 1_000_000_000 + rest, document
        else:
            yield moment * 1_000_000_000, document


def numbers(entries: bytes) -> set[int]:
    """The numbers of the events among these entries, refused ones included."""
    found = (number_of(document) for _, document in unpacked(entries))
    return {number for number in found if number is not None}


def number_of(document: dict[str, Any]) -> int | None:
    """The number of an event, or of the event that a reject holds because a server refused it."""
    name = str(_inner(0, document)[1].get("event", {}).get("id", ""))
    return int(name.removeprefix("number-")) if name.startswith("number-") else None


def _inner(time_ns: int, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The event itself, where this is the reject that a server's refusal made of it."""
    if document.get("reason") != "refused":
        return time_ns, document
    return next(unpacked(base64.b64decode(document["bytes"])))
