"""Events for the outputs to write."""

from __future__ import annotations

from doorlog.outputs import Event

TIME = 1_753_000_000_123_456_789


def signin(number: int, target: str = "ecs") -> Event:
    """One event whose id and time tell it from all others."""
    document = {"event": {"id": str(number), "outcome": "success"}, "user": {"name": "alice"}}
    return Event(document, target, TIME + number, None)
