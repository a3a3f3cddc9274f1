"""Events that wait in memory for their turn to be sent."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from doorlog.forward.batch import BATCH_BYTES, BATCH_EVENTS, Batch, Row

TICK = 0.2
"""Nobody waits longer than so many seconds without looking whether there is still a reason to."""


class Store(Protocol):
    """Where rows wait: put by one thread, taken by another, forgotten when they are settled."""

    @property
    def kept(self) -> bool:
        """Whether what is put outlives the process, so that there is no reason to give up."""

    @property
    def waiting(self) -> int:
        """How many events are here, those under way included."""

    def put(self, rows: list[Row], check: Callable[[], None]) -> None:
        """Returns when there was room; calls `check` while there is none, which raises where that is hopeless."""

    def force(self, row: Row) -> None:
        """Takes a row whether or not there is room; for the thread that makes room."""

    def room(self) -> bool:
        """Whether a row could be put now without waiting."""

    def take(self) -> Batch | None:
        """The next batch, once one is due; None after `close`."""

    def settled(self, batch: Batch) -> None:
        """Forgets the rows of a batch."""

    def hurry(self) -> None:
        """What is here now is due at once."""

    def close(self) -> None:
        """Ends the waiting of the thread that takes."""


class Waiting:
    """A queue in memory, bounded in bytes: while it is full, nothing more is taken in."""

    kept = False

    def __init__(self, bytes: int, linger: float) -> None:
        self._bytes, self._linger = bytes, linger
        self._lanes: dict[str, _Lane] = {}
        self._taken = _Lane()
        self._size = self._events = 0
        self._hurry = self._closed = False
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        return self._events

    def put(self, rows: list[Row], check: Callable[[], None]) -> None:
        for row in rows:
            with self._changed:
                check()
                while not self.room():
                    self._changed.wait(TICK)
                    check()
                self._add(row)

    def force(self, row: Row) -> None:
        with self._changed:
            self._add(row)

    def room(self) -> bool:
        return self._size < self._bytes

    def take(self) -> Batch | None:
        with self._changed:
            while not self._closed:
                wait = self._due()
                if wait is not None and wait <= 0:
                    return self._next()
                self._changed.wait(wait)
            return None

    def settled(self, batch: Batch) -> None:
        with self._changed:
            self._size -= self._taken.size
            self._events -= self._taken.events
            self._taken = _Lane()
            self._changed.notify_all()

    def hurry(self) -> None:
        with self._changed:
            self._hurry = True
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _add(self, row: Row) -> None:
        self._lanes.setdefault(row.tag, _Lane()).add(row)
        self._size += row.size
        self._events += len(row.entries)
        self._changed.notify_all()

    def _due(self) -> float | None:
        """In how many seconds the next batch is due; None if nothing waits."""
        if not self._lanes:
            self._hurry = False
            return None
        if self._hurry or not self.room() or any(lane.full for lane in self._lanes.values()):
            return 0
        return min(lane.since for lane in self._lanes.values()) + self._linger - time.monotonic()

    def _next(self) -> Batch:
        """As many rows of the tag that has waited longest as one message holds."""
        tag = min(self._lanes, key=lambda tag: self._lanes[tag].since)
        lane = self._lanes[tag]
        while lane.rows and self._taken.takes(lane.rows[0]):
            self._taken.add(lane.shift())
        if not lane.rows:
            del self._lanes[tag]
        return joined(list(self._taken.rows))


class _Lane:
    """Rows of one tag in their order, and what they come to."""

    __slots__ = ("_times", "events", "rows", "size")

    def __init__(self) -> None:
        self.rows: deque[Row] = deque()
        self._times: deque[float] = deque()
        self.size = self.events = 0

    @property
    def since(self) -> float:
        return self._times[0]

    @property
    def full(self) -> bool:
        return self.size >= BATCH_BYTES or self.events >= BATCH_EVENTS

    def takes(self, row: Row) -> bool:
        """Whether the row may join these in one message; the first one always may."""
        fits = self.size + row.size <= BATCH_BYTES and self.events + len(row.entries) <= BATCH_EVENTS
        return fits or not self.rows

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self._times.append(time.monotonic())
        self.size += row.size
        self.events += len(row.entries)

    def shift(self) -> Row:
        row = self.rows.popleft()
        self._times.popleft()
        self.size -= row.size
        self.events -= len(row.entries)
        return row


def joined(rows: list[Row], numbers: tuple[int, ...] = ()) -> Batch:
    """The rows, all of one tag, as one batch."""
    if len(rows) == 1:
        return Batch(rows[0].tag, rows[0].entries, rows[0].owners, numbers)
    return Batch(
        rows[0].tag,
        [entry for row in rows for entry in row.entries],
        [owner for row in rows for owner in row.owners],
        numbers,
    )
