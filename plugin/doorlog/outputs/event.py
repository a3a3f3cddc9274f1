"""What outputs take and what they promise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from doorlog.errors import OutputFailed
from doorlog.record import Carried, Json


class Event(NamedTuple):
    """One document on its way out.

    `target` is the schema it is written for, or `reject`. `time_ns` is the event's own time in nanoseconds since the
    epoch. `carried` is what the Fluentd record that it came from brought with it.
    """

    document: Json
    target: str
    time_ns: int
    carried: Carried | None


class Output(Protocol):
    """Where events go."""

    def write(self, events: Iterable[Event]) -> None:
        """Deliver a burst of events: when this returns, every one has been written or confirmed.

        The events may be made while they are taken, so that each is encoded while it is at hand.

        Raises OutputClosed when the reader has gone away, OutputFailed when nothing more can be delivered. A burst
        that raises counts as not delivered, as a whole.
        """

    def close(self) -> int | None:
        """Let go of the file or the connection; returns how many events are not delivered, where any are held back."""


class DeliveryFailed(OutputFailed):
    """A server that didn't confirm a burst in time; `confirmed` says how many events of the burst it did confirm."""

    def __init__(self, message: str, confirmed: int) -> None:
        super().__init__(message)
        self.confirmed = confirmed
