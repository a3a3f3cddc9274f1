"""The one loop: read what is there, settle everything found in it, read again.

A burst is what one read brings. Its events and rejects are written before the next read, so a live record is out
within milliseconds and a backlog goes at full speed. Nothing waits here for more input, and nothing piles up: while
an output takes nothing, nothing is read.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Protocol, cast

from doorlog.counts import Counts
from doorlog.errors import InputFailed
from doorlog.outputs import DeliveryFailed, Event, ForwardOutput, Output, Receipt
from doorlog.outputs.stdout import StreamOutput
from doorlog.record import Found, Json, Reject, Skip
from doorlog.rejects import REFUSED, Rejected, Rejects
from doorlog.stopping import Stopping

SLICE = 1000
"""Events of so many records are written at once: one line can hold a hundred thousand, and their events are large."""


class Stream(Protocol):
    """Finds records in a stream of bytes, as `doorlog.intake.Intake` does; `broken` says that it can find no more."""

    @property
    def broken(self) -> bool: ...

    def read(self, data: bytes) -> Iterable[Found]: ...

    def end(self) -> list[Found]: ...


class Normalize(Protocol):
    """Makes events of a record, as `doorlog.normalize.Normalizer` does: one for each target, in their order.

    None stands where a target has no event of a record."""

    @property
    def targets(self) -> tuple[str, ...]: ...

    @property
    def counted(self) -> Counter[str]: ...

    def __call__(self, record: Json) -> tuple[Json | None, ...] | Skip | Reject: ...

    def time_ns(self, record: Json) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One input: a file, or stdin where there is no path."""

    name: str
    path: Path | None = None

    @contextmanager
    def opened(self) -> Iterator[int]:
        """A descriptor to read from."""
        if self.path is None:
            yield 0
            return
        with _told(self.name):
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield fd
        finally:
            os.close(fd)


class Way:
    """Takes what intake finds to where it belongs, and keeps the books."""

    def __init__(
        self,
        normalize: Normalize,
        output: Output,
        rejects: Rejects,
        counts: Counts,
        timed: bool = False,
    ) -> None:
        self._normalize, self._output, self._rejects, self._counts = normalize, output, rejects, counts
        self._targets = normalize.targets
        self._records = self._read = 0
        self._queue = output if isinstance(output, ForwardOutput) else None
        self._plain: bool = getattr(output, "plain", False)
        # Bursts in the queue, and how many records each holds.
        self._waiting: deque[tuple[Receipt, int]] = deque()
        # Only Fluentd wants the time beside the event, and finding it costs as much as a field.
        self._time_ns = normalize.time_ns if timed else None

    def settle(self, found: Iterable[Found], source: str) -> None:
        """Returns when each thing found is delivered, rejected, skipped, or in the output's queue.

        Raises where an output fails.
        """
        things = iter(found)
        try:
            while self._settle(islice(things, SLICE), source) == SLICE:
                pass
        finally:
            # Where an output failed, what else the burst brought has been read all the same.
            self._counts.found(sum(1 for _ in things))

    def finish(self) -> None:
        """Returns when what is in the output's queue is delivered; raises where that fails."""
        if self._queue is not None:
            self._queue.flush()

    def tell(self) -> None:
        """Enters what is known of bursts in the queue, also of parts of them; for the end, however it comes."""
        self._confirm(at_the_end=True)

    def _settle(self, found: Iterable[Found], source: str) -> int:
        """How many things there were."""
        rejected: list[Rejected] = []
        events = self._events(found, source, rejected)
        try:
            if self._plain:
                self._deliver(events)
            else:
                # Without a first event there is nothing to deliver, and servers need not hear of it.
                for first in events:
                    self._deliver(chain((first,), events))
            if self._queue is None:
                self._counts.deliver(self._records)
        finally:
            events.close()
            # These go their own way, also where the events could not go theirs.
            self._take(rejected)
        return self._read

    def _take(self, rejected: list[Rejected]) -> None:
        """What a burst has beside its events."""
        if self._normalize.counted:
            self._counts.counted.update(self._normalize.counted)
            self._normalize.counted.clear()
        if rejected:
            self._rejects.take(rejected)
            for one in rejected:
                self._counts.reject(one.reject.reason)

    def _events(
        self, found: Iterable[Found], source: str, rejected: list[Rejected]
    ) -> Generator[Event | Json, None, None]:
        """Each record's events as they are asked for, so that the output encodes them while they are at hand.

        An output that takes documents alone gets just these.
        """
        normalize, targets, time_ns, new = self._normalize, self._targets, self._time_ns, tuple.__new__
        plain = self._plain
        self._records = read = plain_records = 0
        try:
            for what, line, index, carried in found:
                read += 1
                outcome = normalize(what) if what.__class__ is dict else what
                if outcome.__class__ is tuple and plain:
                    for document in outcome:
                        if document is not None:
                            yield document  # type: ignore[misc]
                    plain_records += 1
                elif outcome.__class__ is tuple:
                    moment = time_ns(what) or 0 if time_ns and isinstance(what, dict) else 0
                    for document, target in zip(outcome, targets):  # noqa: B905 - `strict` costs, and both are ours
                        if document is not None:
                            # What `Event(...)` does, at half its cost.
                            yield new(Event, (document, target, moment, carried))
                    self._records += 1
                elif isinstance(outcome, Reject):
                    rejected.append(Rejected(outcome, source, line, index, carried))
                elif isinstance(outcome, Skip):
                    self._counts.skip(outcome.name)
        finally:
            self._read = read
            self._records += plain_records
            self._counts.found(read)

    def _deliver(self, events: Iterator[Event | Json]) -> None:
        if self._queue is not None:
            self._put(self._queue, cast("Iterator[Event]", events))
            return
        try:
            if self._plain:
                cast(StreamOutput, self._output).write_documents(cast("Iterator[Json]", events))
            else:
                self._output.write(cast("Iterator[Event]", events))
        except DeliveryFailed as failure:
            # With one target, events are confirmed in the order of their records.
            self._counts.deliver(failure.confirmed if len(self._targets) == 1 else 0)
            raise

    def _put(self, queue: ForwardOutput, events: Iterator[Event]) -> None:
        try:
            receipt = queue.put(events, lambda: self._records)
        except DeliveryFailed as failure:
            self._counts.deliver(failure.confirmed if len(self._targets) == 1 else 0)
            raise
        self._waiting.append((receipt, self._records))
        self._confirm()

    def _confirm(self, at_the_end: bool = False) -> None:
        """Enters what servers have confirmed or refused: whole bursts, and at the end also what is known of parts."""
        waiting = self._waiting
        while waiting and (at_the_end or not waiting[0][0].left):
            receipt, records = waiting.popleft()
            if receipt.left:
                # With one target, every event is a record.
                records = receipt.total - receipt.left if len(self._targets) == 1 else len(receipt.refused)
            self._counts.deliver(records - len(receipt.refused))
            for _ in receipt.refused:
                self._counts.reject(REFUSED)


def run(sources: Sequence[Source], stream: Callable[[], Stream], way: Way, stopping: Stopping) -> list[str]:
    """Reads the sources to their ends, or until stopped; returns, in words, what was left unread."""
    try:
        left = _run(sources, stream, way, stopping)
        try:
            way.finish()
        except DeliveryFailed as failure:
            raise DeliveryFailed("; ".join((*left, str(failure))), failure.confirmed) from None
        return left
    finally:
        way.tell()


def _run(sources: Sequence[Source], stream: Callable[[], Stream], way: Way, stopping: Stopping) -> list[str]:
    left: list[str] = []
    for place, source in enumerate(sources):
        records = stream()
        with source.opened() as fd:
            while data := _read(stopping, fd, source.name):
                way.settle(records.read(data), source.name)
                if records.broken:
                    break
        if not stopping.unread:
            # Where more is there, what is unfinished is not torn: whoever reads the input again gets it whole.
            way.settle(records.end(), source.name)
        # Its end may show it too: what is cut off lacks records that nobody can count.
        if records.broken:
            left.append(f"{source.name} can't be read further; its last reject says why")
        if stopping.over:
            unread = sources[place if stopping.unread else place + 1 :]
            left += [f"{each.name} was not read to its end within the grace after {stopping.by}" for each in unread]
            break
    return left


def _read(stopping: Stopping, fd: int, name: str) -> bytes:
    with _told(name):
        return stopping.read(fd)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputFailed(f"can't read {name}: {os.strerror(error.errno or 0)}") from None
