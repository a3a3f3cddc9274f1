"""The thread that sends: takes batches from a store, and lets go of each when a server has confirmed it.

At-least-once: a batch without its ack goes out again, with the same bytes and the same chunk id, to the same server or
the next one. A batch that servers end the connection on, again and again, while they confirm a message without events,
is split, until the one event that they can't take stands alone; that one is handed to `refused`.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count

from doorlog.errors import OutputFailed
from doorlog.forward.batch import Batch, Receipt, Refused, Row
from doorlog.forward.connection import SLICE, Connection, Denied, Refusal, Stop, words
from doorlog.forward.settings import Patience
from doorlog.forward.waiting import TICK, Store

BEFORE_SPLIT = 2
"""Times that a batch is refused before it is split: once, a server may just have been restarted."""

BEFORE_REJECT = 5
"""Times that an event alone is refused, by a server that confirmed another message right before each time."""

BEFORE_WORD = 4
"""Attempts that fail before that is told: what a restart takes is no news."""


class Unconfirmed(OutputFailed):
    """A batch that no server confirmed in time; the text says what happened at the last attempt."""


class _Over(Exception):
    """The sender was told to stop."""


class Sender:
    """Sends what is in a store, by a thread of its own, until closed or until it has to give up."""

    def __init__(
        self,
        connections: Sequence[Connection],
        store: Store,
        patience: Patience,
        *,
        compress: bool = False,
        stop: Stop = lambda: None,
        refused: Callable[[Refused], bool] | None = None,
        failed: Callable[[], None] = lambda: None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.failure: OutputFailed | None = None
        """Why nothing more is sent."""
        self.trouble: str | None = None
        """What happened at the last attempt, while it wasn't confirmed."""
        self.sent = self.resent = 0
        """How many messages went out, and how many of them not for the first time."""
        self._connections, self._at = connections, 0
        self._store, self._patience, self._compress, self._stop = store, patience, compress, stop
        self._refused, self._failed, self._note = refused, failed, note
        # What is kept on disk waits as long as it takes.
        self._give_up = float("inf") if store.kept else patience.give_up
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="doorlog-sender", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises the failure, if there is one."""
        if self.failure is not None:
            raise self.failure

    def wait(self, done: Callable[[], bool]) -> None:
        """Returns when `done` says so. Raises what made the sender give up, or Unconfirmed where that takes too long.

        What is kept on disk is never given up by the sender, and so the wait for it has an end here.
        """
        self._store.hurry()
        end = time.monotonic() + self._patience.give_up if self._store.kept else float("inf")
        pause = 0.0005
        while not done():
            self.check()
            asked = self._stop()
            if time.monotonic() > (end if asked is None else min(end, asked + 2 * SLICE)):
                raise Unconfirmed(self.trouble or "no ack in time")
            time.sleep(pause)
            pause = min(0.01, pause * 1.5)

    def close(self) -> None:
        """Ends the thread; what is under way counts as not confirmed."""
        self._over.set()
        for connection in self._connections:
            connection.give_up()
        self._store.close()
        self._thread.join()
        for connection in self._connections:
            connection.close()

    @property
    def connection(self) -> Connection:
        """The one in use; another one's turn comes when it fails."""
        return self._connections[self._at]

    def _run(self) -> None:
        try:
            while (batch := self._store.take()) is not None:
                self._deliver(batch)
                self._store.settled(batch)
        except _Over:
            return
        except OutputFailed as failure:
            self._fail(failure)
        except Exception as error:  # whoever waits for this thread must hear of its end
            self._fail(OutputFailed(f"internal error in the sender: {type(error).__name__}"))
            raise

    def _fail(self, failure: OutputFailed) -> None:
        self.failure = failure
        self._failed()

    def _deliver(self, batch: Batch) -> None:
        message, chunk = batch.message(self._compress)
        give_up = time.monotonic() + self._give_up
        pauses = _pauses()
        refusals = denied = alone = 0
        for attempt in count(1):
            error = self._attempt(message, chunk, attempt, give_up)
            if error is None:
                batch.settle()
                return
            refusals += isinstance(error, Refusal)
            denied = denied + 1 if isinstance(error, Denied) else 0
            if denied >= len(self._connections) and self._give_up < float("inf"):
                # A wrong key won't be right at the next attempt.
                raise Unconfirmed(self.trouble)
            if isinstance(error, Refusal) and refusals >= BEFORE_SPLIT and self._healthy(give_up):
                if len(batch.entries) > 1:
                    for half in batch.halves():
                        self._deliver(half)
                    return
                alone += 1
                if alone < BEFORE_REJECT:
                    continue
                if self._condemn(batch, words(error)):
                    return
            self._at = (self._at + 1) % len(self._connections)
            # Only when all have been tried is there something to wait for.
            self._rest(next(pauses) if self._at == 0 or refusals else 0, give_up)

    def _attempt(self, message: bytes, chunk: str, attempt: int, give_up: float) -> OSError | None:
        """What went wrong, or None if the server has confirmed the message."""
        if self._over.is_set():
            raise _Over
        self.sent += 1
        self.resent += attempt > 1
        try:
            self.connection.deliver(message, chunk, min(give_up, time.monotonic() + self._patience.answer))
        except OSError as error:
            self.trouble = f"{words(error)} (attempt {attempt})"
            if attempt == BEFORE_WORD:
                self._note(f"{self.connection.server}: {self.trouble}; trying on")
            return error
        if attempt >= BEFORE_WORD:
            self._note(f"{self.connection.server}: confirms again")
        self.trouble = None
        return None

    def _healthy(self, give_up: float) -> bool:
        """Whether the server that refused a batch confirms a message without events, so that it must be the batch."""
        return self.connection.takes_anything(min(give_up, time.monotonic() + self._patience.answer))

    def _condemn(self, batch: Batch, cause: str) -> bool:
        [entry], [owner] = batch.entries, batch.owners
        if self._refused is None or not self._refused(Refused(batch.tag, entry, owner, cause)):
            return False
        receipt, place = owner
        receipt.refused.add(place)
        batch.settle()
        return True

    def _rest(self, seconds: float, give_up: float) -> None:
        """Wait before the next attempt; raise Unconfirmed with the last failure once there is no time for one."""
        over = time.monotonic() + seconds
        while True:
            asked = self._stop()
            until = give_up if asked is None else min(give_up, asked)
            now = time.monotonic()
            if now >= until:
                raise Unconfirmed(self.trouble or "no ack in time")
            if now >= over:
                return
            if self._over.wait(min(TICK, over - now, until - now)):
                raise _Over


def replaced(refused: Refused, row: Row) -> Row:
    """The row, counted for whoever waits for the refused event, too."""
    receipt, _ = refused.owner
    receipt.left += len(row.entries)
    return row


def _pauses() -> Iterator[float]:
    """Growing pauses with jitter, so that many senders don't come back to a restarted server all at once."""
    longest = 0.05
    while True:
        yield longest * random.uniform(0.5, 1.0)
        longest = min(5.0, longest * 2)


__all__ = ["Receipt", "Sender", "Unconfirmed", "replaced"]
