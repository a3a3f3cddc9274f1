"""What a relay does with entries: normalizes them, queues the events, and keeps the books."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator

from doorlog.counts import Counts
from doorlog.outputs import Event, ForwardOutput, Receipt
from doorlog.record import Carried, Found, Reject, Skip
from doorlog.rejects import REFUSED, TARGET, Rejected, Rejects, document
from doorlog.relay.messages import nanoseconds
from doorlog.run import Normalize


class Work:
    """Takes what was found in entries; what it counts as delivered, a server has confirmed.

    Rejects go to the same output as the events, or, where there are `rejects`, to those.
    """

    def __init__(
        self, normalize: Normalize, output: ForwardOutput, counts: Counts, rejects: Rejects | None = None
    ) -> None:
        self._normalize, self._output, self._counts, self._rejects = normalize, output, counts, rejects
        self._place = 0
        # Bursts under way, with the number of their records, and the reasons of their rejects by place.
        self._under_way: deque[tuple[Receipt, int, dict[int, str]]] = deque()

    def room(self) -> bool:
        """Whether more may be taken; what is taken without makes the queue longer than it should be."""
        return self._output.store.room()

    def hurry(self) -> None:
        """Has what waits go out at once."""
        self._output.store.hurry()

    def take(self, found: list[Found], source: str, done: Callable[[], None]) -> bool:
        """Queues the events; `done` is called, by another thread, when all of them are confirmed.

        False if there is nothing to confirm, so that nothing will be called.
        """
        self._counts.found(len(found))
        rejected: dict[int, Rejected] = {}
        receipt = self._output.put(self._events(found, source, rejected), lambda: self._place, done, wait=False)
        if self._normalize.counted:
            self._counts.counted.update(self._normalize.counted)
            self._normalize.counted.clear()
        if self._rejects is not None and rejected:
            self._rejects.take(list(rejected.values()))
        reasons = {place: each.reject.reason for place, each in rejected.items()}
        self._under_way.append((receipt, self._place - len(rejected), reasons))
        self.count()
        return receipt.total > 0

    def count(self) -> None:
        """Enters what has been confirmed or refused since, in the order in which it came."""
        waiting = self._under_way
        while waiting and not waiting[0][0].left:
            receipt, records, reasons = waiting.popleft()
            # A reject that was refused was sent again in another form, and keeps its reason here.
            refused = len(receipt.refused - reasons.keys())
            self._counts.deliver(records - refused)
            for reason in (*reasons.values(), *[REFUSED] * refused):
                self._counts.reject(reason)

    def _events(self, found: list[Found], source: str, rejected: dict[int, Rejected]) -> Iterator[Event]:
        self._place = 0
        for what, line, index, carried in found:
            outcome = self._normalize(what) if isinstance(what, dict) else what
            if isinstance(outcome, Skip):
                self._counts.skip(outcome.name)
                continue
            if isinstance(outcome, Reject):
                rejected[self._place] = Rejected(outcome, source, line, index, carried)
                if self._rejects is None:
                    yield Event(document(rejected[self._place]), TARGET, _received(carried), None)
            else:
                moment = self._normalize.time_ns(what) or 0 if isinstance(what, dict) else 0
                for one, target in zip(outcome, self._normalize.targets, strict=True):
                    if one is not None:
                        yield Event(one, target, moment, None)
            self._place += 1


def _received(carried: Carried | None) -> int:
    """When Fluentd had the record of a reject, which has no time of its own to trust."""
    moment = nanoseconds(carried.time) if carried is not None and isinstance(carried.time, bytes) else None
    return time.time_ns() if moment is None else moment
