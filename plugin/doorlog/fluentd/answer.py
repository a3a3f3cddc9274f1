"""The answer to one batch of the Fluentd filter plugin."""

from __future__ import annotations

from collections.abc import Iterable

import msgpack  # type: ignore[import-untyped]

from doorlog.forward.protocol import entry_time
from doorlog.outputs.encode import packed, packer
from doorlog.outputs.event import Event
from doorlog.rejects import TARGET

_PAIR = b"\x92"


class Answer:
    """An output that keeps what it is given until the batch is through.

    An answer is `[events, number, rejects]`: the events as an event stream of Fluentd's (pairs of time and document,
    one behind the other, in one bin value), how many they are, and an array of such pairs for the rejects. Each has its
    entry's time, or, with `event_time`, the time of the event itself.
    """

    def __init__(self, event_time: bool) -> None:
        self._event_time = event_time
        self._pack = packer().pack
        self._events: list[bytes] = []
        self._rejects: list[bytes] = []

    def write(self, events: Iterable[Event]) -> None:
        """Take events, or reject documents, into the answer."""
        pack, own_time = self._pack, self._event_time
        for document, target, time_ns, carried in events:
            if target == TARGET:
                self._rejects.append(_head(carried and carried.time, time_ns) + packed(pack, document))
            elif own_time:
                self._events.append(entry_time(time_ns) + packed(pack, document))
            else:
                self._events.append(_head(carried and carried.time, time_ns) + packed(pack, document))

    def taken(self) -> bytes:
        """The answer, after which the next one begins."""
        number = len(self._events)
        header = msgpack.Packer(autoreset=False)
        header.pack_array_header(3)
        header.pack(b"".join(self._events))
        header.pack(number)
        header.pack_array_header(len(self._rejects))
        answer = b"".join((header.bytes(), *self._rejects))
        self._events.clear()
        self._rejects.clear()
        return answer

    def close(self) -> None:
        """Nothing is open."""


def _head(time: object, time_ns: int) -> bytes:
    """The beginning of a pair, up to its document; an entry that had no readable time gets this one."""
    return _PAIR + time if isinstance(time, bytes) else entry_time(time_ns)
