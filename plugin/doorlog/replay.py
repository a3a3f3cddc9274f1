"""The way back from reject documents to what was rejected."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

import orjson

from doorlog.intake import Intake, Limits
from doorlog.intake.limits import KEPT_BYTES
from doorlog.record import Found, Json, Reject, Skip
from doorlog.rejects import REFUSED

SKIPS = {
    "not-a-reject": "A document in the input of replay that is no reject.",
    "refused-event": "The reject of an event that a Fluentd server refused; there is no record in it to replay.",
    "truncated-reject": "A reject that holds only a part of what was to be read, so that there is nothing to replay.",
}
"""The name of each kind of skip that a replay gives, and what it is."""

_GROWTH = 2
"""A document is longer than its raw text: quotes are escaped in it, and its reason stands around it."""


class Replay:
    """Finds records in a stream of reject documents, one a line; each is read as an input of its own.

    A line may have Fluentd's time and tag before its document. `line` is the document's line, `index` the place among
    what its text held.
    """

    def __init__(self, limits: Limits, format: Literal["auto", "json", "msgpack"]) -> None:
        self.broken = False
        self._limits, self._format = limits, format
        self._most = limits.line_bytes * _GROWTH
        self._parts: list[bytes] = []
        self._held = 0
        self._line = 1

    def read(self, data: bytes) -> list[Found]:
        """What the lines hold that became complete with these bytes."""
        found: list[Found] = []
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._hold(end)
            found += self._take()
            self._line += 1
        self._hold(rest)
        return found

    def end(self) -> list[Found]:
        """What a last line holds that has no end."""
        return self._take()

    def _hold(self, part: bytes) -> None:
        # Of a line that is too long, no more than a reject keeps is held.
        if self._held <= self._most:
            self._parts.append(part)
        self._held += len(part)

    def _take(self) -> list[Found]:
        line, length = b"".join(self._parts), self._held
        self._parts, self._held = [], 0
        if not line.strip():
            return []
        if length > self._most:
            return [(Reject("too_long", (), line[: min(self._most, KEPT_BYTES)]), self._line, 0, None)]
        inner = _inner(line, self._limits, self._format)
        return [(what, self._line, index, None) for index, (what, *_) in enumerate(inner)]


def _inner(line: bytes, limits: Limits, format: Literal["auto", "json", "msgpack"]) -> list[Found]:
    try:
        document = orjson.loads(line[max(0, line.find(b"{")) :])
    except orjson.JSONDecodeError:
        return [(Reject("not_json", (), line), 0, 0, None)]
    if not _is_reject(document):
        return [(Skip("not-a-reject"), 0, 0, None)]
    if document["reason"] == REFUSED:
        return [(Skip("refused-event"), 0, 0, None)]
    if document.get("truncated"):
        return [(Skip("truncated-reject"), 0, 0, None)]
    try:
        raw = _raw(document)
    except (binascii.Error, ValueError):
        return [(Reject("bad_encoding", (), line), 0, 0, None)]
    stream = Intake(limits, "json" if "record" in document else format)
    return stream.feed(raw) + stream.end() or [(Skip("empty"), 0, 0, None)]


def _is_reject(document: object) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("reason"), str):
        return False
    raw = [document.get("record"), document.get("text"), document.get("bytes")]
    fits = isinstance(raw[0], dict), isinstance(raw[1], str), isinstance(raw[2], str)
    return isinstance(document.get("source"), dict) and sum(fits) == 1


def _raw(document: Json) -> bytes:
    if "record" in document:
        return orjson.dumps(document["record"])
    if "text" in document:
        return str(document["text"]).encode()
    return base64.b64decode(document["bytes"], validate=True)
