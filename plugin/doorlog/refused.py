"""What becomes of an event that a Forward server refuses: a reject, like a record that can't be normalized."""

from __future__ import annotations

import time

import msgpack  # type: ignore[import-untyped]

from doorlog.forward.sender import replaced
from doorlog.outputs import Event, ForwardOutput, Refused
from doorlog.rejects import REFUSED, TARGET, Rejected, Rejects, document, of_event


def keep(rejects: Rejects, output: ForwardOutput, refused: Refused) -> bool:
    """Gives the event to the rejects; when this returns, it is kept there."""
    rejects.take([_reject(output, refused)])
    return True


def keep_in_place(output: ForwardOutput, refused: Refused) -> bool:
    """Sends a reject in the event's place, by the same output; no, if a reject of this sort was refused already.

    Its content is base64: whatever the server can't take in the event, this text it can.
    """
    if _is_reject(refused.entry):
        return False
    event = Event(document(_reject(output, refused)), TARGET, time.time_ns(), None)
    output.store.force(replaced(refused, output.row(event, refused.owner)))
    return True


def _reject(output: ForwardOutput, refused: Refused) -> Rejected:
    return of_event(refused.entry, output.where, refused.cause)


def _is_reject(entry: bytes) -> bool:
    _, event = msgpack.unpackb(entry, strict_map_key=False, unicode_errors="replace")
    return isinstance(event, dict) and event.get("reason") == REFUSED
