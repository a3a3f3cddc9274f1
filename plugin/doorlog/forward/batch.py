"""What waits to be sent, and for whom: rows as they were put, batches as they go out, receipts for who put them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from doorlog.forward.protocol import new_chunk, packed_forward

BATCH_EVENTS = 1000
BATCH_BYTES = 512 * 1024
"""A batch ends with the event that reaches either: well below the 6 MB at which Fluent Bit hangs up."""


@dataclass(slots=True)
class Receipt:
    """What becomes of the events of one burst.

    `left` of `total` events are neither confirmed nor refused; `refused` holds the places, in the burst, of the records
    of which a server takes an event under no circumstances. `done` is called once, by the sender's thread.
    """

    total: int = 0
    left: int = 0
    refused: set[int] = field(default_factory=set)
    done: Callable[[], None] | None = None

    def settle(self, events: int) -> None:
        """So many more are confirmed or refused."""
        self.left -= events
        if not self.left and self.done is not None:
            self.done()


Owner: TypeAlias = "tuple[Receipt, int]"
"""Whose an event is: the receipt, and the place of its record in the burst."""


class Row(NamedTuple):
    """Events of one tag that were put together; `size` is that of the entries in bytes."""

    tag: str
    entries: Sequence[bytes]
    size: int
    owners: Sequence[Owner]


class Batch(NamedTuple):
    """Events that go out, or out again, in one message."""

    tag: str
    entries: Sequence[bytes]
    owners: Sequence[Owner]
    rows: tuple[int, ...] = ()
    """The numbers of the rows that a store may forget once the whole batch is settled."""

    def message(self, compress: bool) -> tuple[bytes, str]:
        """The message and its chunk id: made once, and the same at each attempt."""
        chunk = new_chunk()
        return packed_forward(self.tag, self.entries, chunk, compress=compress), chunk

    def halves(self) -> tuple[Batch, Batch]:
        """The same events in two batches."""
        at = len(self.entries) // 2
        return (
            Batch(self.tag, self.entries[:at], self.owners[:at]),
            Batch(self.tag, self.entries[at:], self.owners[at:]),
        )

    def settle(self) -> None:
        """Tells everybody whose events these are that they are confirmed."""
        for receipt, events in _counted(self.owners):
            receipt.settle(events)


class Refused(NamedTuple):
    """One event that a server takes under no circumstances, as it was packed, and what the server did to it."""

    tag: str
    entry: bytes
    owner: Owner
    cause: str


def rows(tag: str, events: Iterable[tuple[bytes, Owner]]) -> Iterator[Row]:
    """The events of one tag in rows, none larger than a batch may be."""
    entries: list[bytes] = []
    owners: list[Owner] = []
    size = 0
    for entry, owner in events:
        entries.append(entry)
        owners.append(owner)
        size += len(entry)
        if size >= BATCH_BYTES or len(entries) >= BATCH_EVENTS:
            yield Row(tag, entries, size, owners)
            entries, owners, size = [], [], 0
    if entries:
        yield Row(tag, entries, size, owners)


def _counted(owners: Sequence[Owner]) -> list[tuple[Receipt, int]]:
    """Each receipt with the number of its events, of which those of one burst stand together."""
    counted: list[tuple[Receipt, int]] = []
    last: Receipt | None = None
    events = 0
    for receipt, _ in owners:
        if receipt is not last:
            if last is not None:
                counted.append((last, events))
            last, events = receipt, 0
        events += 1
    if last is not None:
        counted.append((last, events))
    return counted
