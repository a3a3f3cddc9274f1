"""Send events to Fluentd, or anything else that speaks the Forward protocol, and wait until it has them."""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Iterable, Iterator, Sequence

import msgpack  # type: ignore[import-untyped]

from doorlog.outputs.acked import AckedSender, Unconfirmed
from doorlog.outputs.encode import packed, packer
from doorlog.outputs.event import DeliveryFailed, Event

BATCH_EVENTS = 1000
BATCH_BYTES = 512 * 1024
"""A batch ends with the event that reaches either: well below the 6 MB at which Fluent Bit hangs up."""

_EVENT_TIME = struct.Struct(">3sII")
_EVENT_TIME_HEAD = b"\x92\xd7\x00"
"""An entry is an array of two, of which the first is extension type 0 with 8 bytes: seconds and nanoseconds."""


class ForwardOutput:
    """Events in PackedForward messages, each confirmed by the server before the next one goes out.

    At-least-once: a batch whose ack is lost goes out again, with the same bytes and the same chunk id.
    """

    def __init__(self, sender: AckedSender, where: str, tag: str, targets: Sequence[str]) -> None:
        self._sender, self._where, self._tag = sender, where, tag
        self._tags = {targets[0]: tag} if len(targets) == 1 else {}
        self._pack = packer().pack

    def write(self, events: Iterable[Event]) -> None:
        """Return when the server has confirmed all events; those of one target stay in order."""
        events = list(events)
        confirmed = 0
        for tag, entries in self._batches(events):
            message, chunk = _message(tag, entries)
            try:
                self._sender.deliver(message, chunk)
            except Unconfirmed as failure:
                missing = f"{len(events) - confirmed} of {len(events)} events not confirmed"
                raise DeliveryFailed(f"{self._where}: {missing}: {failure}", confirmed) from None
            confirmed += len(entries)

    def close(self) -> None:
        """Close the connection; every event that `write` returned for is confirmed already."""
        self._sender.close()

    def _batches(self, events: list[Event]) -> Iterator[tuple[str, list[bytes]]]:
        for target, own in _by_target(events).items():
            tag = self._tags.get(target) or f"{self._tag}.{target}"
            entries: list[bytes] = []
            size = 0
            for event in own:
                entry = entry_time(event.time_ns) + packed(self._pack, event.document)
                entries.append(entry)
                size += len(entry)
                if size >= BATCH_BYTES or len(entries) >= BATCH_EVENTS:
                    yield tag, entries
                    entries, size = [], 0
            if entries:
                yield tag, entries


def _by_target(events: list[Event]) -> dict[str, list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event.target, []).append(event)
    return groups


def entry_time(time_ns: int) -> bytes:
    """The beginning of an entry, up to its document.

    EventTime has 32 bits for the seconds. A time before 1970 or after 2106 goes out in the protocol's other form, whole
    seconds as an integer: an event that has come so far is not thrown away for its fraction of a second.
    """
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    if 0 <= seconds < 2**32:
        return _EVENT_TIME.pack(_EVENT_TIME_HEAD, seconds, nanoseconds)
    return b"\x92" + bytes(msgpack.packb(seconds))


def _message(tag: str, entries: list[bytes]) -> tuple[bytes, str]:
    # Fluent Bit hangs up on a chunk id that is no text.
    chunk = base64.b64encode(os.urandom(16)).decode()
    return msgpack.packb([tag, b"".join(entries), {"size": len(entries), "chunk": chunk}]), chunk
