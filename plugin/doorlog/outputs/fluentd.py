"""Send events to Fluentd, or anything else that speaks the Forward protocol, and know when it has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count

from doorlog.forward.address import ForwardAddress
from doorlog.forward.batch import Owner, Receipt, Refused, Row, rows
from doorlog.forward.connection import Connection, Stop
from doorlog.forward.protocol import entry_time
from doorlog.forward.sender import Sender, Unconfirmed
from doorlog.forward.settings import ForwardSettings
from doorlog.forward.spool import Spool
from doorlog.forward.waiting import Store, Waiting
from doorlog.outputs.encode import packed, packer
from doorlog.outputs.event import DeliveryFailed, Event


class ForwardOutput:
    """Events in PackedForward messages, each confirmed by a server before the next one goes out.

    `put` returns when the events are in the queue (in memory, or in the spool), `write` when a server has confirmed
    them. `refused` takes an event that a server can't be brought to take, and says whether it is kept; `failed` is
    called, by the sender's thread, when that gives up.
    """

    def __init__(
        self,
        address: ForwardAddress,
        settings: ForwardSettings,
        targets: Sequence[str],
        *,
        name: str = "output",
        stop: Stop = lambda: None,
        refused: Callable[[Refused], bool] | None = None,
        failed: Callable[[], None] = lambda: None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.where, self._tag = str(address), address.tag
        self._tags = {targets[0]: address.tag} if len(targets) == 1 else {}
        self._pack = packer().pack
        self.store: Store
        if settings.spool is None:
            self.store = Waiting(settings.queue_bytes, settings.linger)
        else:
            self.store = Spool(settings.spool / f"{name}.sqlite", settings.spool_bytes, stop)
        connections = [Connection(server, settings, stop) for server in address.servers]
        self.sender = Sender(
            connections,
            self.store,
            settings.patience,
            compress=settings.compress,
            stop=stop,
            refused=refused,
            failed=failed,
            note=note,
        )

    def put(
        self,
        events: Iterable[Event],
        place: Callable[[], int] | None = None,
        done: Callable[[], None] | None = None,
        *,
        wait: bool = True,
    ) -> Receipt:
        """Take the events in when there is room, or at once; the receipt says what becomes of them.

        `place` tells, of the event just taken, which record of the burst it belongs to; `done` is called, by another
        thread, when all are settled. Raises DeliveryFailed once nothing more can be delivered.
        """
        receipt, burst = self._rows(events, place, done)
        if not wait:
            for row in burst:
                self.store.force(row)
            return receipt
        try:
            # What a spool has taken is safe, also when the sender has stopped for now.
            self.store.put(burst, self._check_fatal if self.store.kept else self.sender.check)
        except Unconfirmed as failure:
            raise self._failed(receipt, failure) from None
        return receipt

    def write(self, events: Iterable[Event]) -> None:
        """Return when a server has confirmed all events; those of one target stay in order."""
        receipt = self.put(events)
        try:
            self.sender.wait(lambda: not receipt.left)
        except Unconfirmed as failure:
            raise self._failed(receipt, failure) from None

    def flush(self) -> None:
        """Return when a server has confirmed all that was ever put. Raises DeliveryFailed."""
        try:
            self.sender.wait(lambda: not self.store.waiting)
        except Unconfirmed as failure:
            raise self._all_failed(failure) from None

    def check(self) -> None:
        """Raises DeliveryFailed if the sender has given up."""
        try:
            self.sender.check()
        except Unconfirmed as failure:
            raise self._all_failed(failure) from None

    def close(self) -> int:
        """Close the connection and end the thread; returns how many events are not confirmed."""
        self.sender.close()
        return self.store.waiting

    def _check_fatal(self) -> None:
        if not isinstance(self.sender.failure, Unconfirmed):
            self.sender.check()

    def row(self, event: Event, owner: Owner) -> Row:
        """One event as a row, for whoever puts it in place of another."""
        entry = entry_time(event.time_ns) + packed(self._pack, event.document)
        return Row(self._tag_of(event.target), [entry], len(entry), [owner])

    def _rows(
        self, events: Iterable[Event], place: Callable[[], int] | None, done: Callable[[], None] | None
    ) -> tuple[Receipt, list[Row]]:
        receipt = Receipt(done=done)
        place = place or count().__next__
        entries: dict[str, list[tuple[bytes, Owner]]] = {}
        pack = self._pack
        for document, target, time_ns, _ in events:
            entry = entry_time(time_ns) + packed(pack, document)
            receipt.total += 1
            own = entries.get(target)
            if own is None:
                own = entries[target] = []
            own.append((entry, (receipt, place())))
        receipt.left = receipt.total
        return receipt, [row for target, own in entries.items() for row in rows(self._tag_of(target), own)]

    def _tag_of(self, target: str) -> str:
        return self._tags.get(target) or f"{self._tag}.{target}"

    def _failed(self, receipt: Receipt, failure: Unconfirmed) -> DeliveryFailed:
        missing = f"{receipt.left} of {receipt.total} events not confirmed"
        return DeliveryFailed(f"{self.where}: {missing}: {failure}", receipt.total - receipt.left)

    def _all_failed(self, failure: Unconfirmed) -> DeliveryFailed:
        kept = ", but kept in the spool and sent at the next start" if self.store.kept else ""
        return DeliveryFailed(f"{self.where}: {self.store.waiting} events not confirmed{kept}: {failure}", 0)
