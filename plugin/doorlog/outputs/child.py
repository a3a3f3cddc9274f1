"""The keys by which Fluentd's exec_filter learns the tag and the time of what its child prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from doorlog.outputs.event import Event
from doorlog.record import Json

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z")


@dataclass(frozen=True, slots=True)
class ChildKeys:
    """Puts a tag (`PREFIX.TARGET`) and a time on each document, under keys that `<extract>` takes off again."""

    tag_prefix: str = "doorlog"
    tag_key: str = "__tag"
    time_key: str = "__time"

    def document(self, event: Event) -> Json:
        """The event's document with both keys; the event itself is left as it was."""
        return {
            **event.document,
            self.tag_key: f"{self.tag_prefix}.{event.target}",
            self.time_key: _time(event),
        }


def time_text(time_ns: int) -> str:
    """The time as Ruby's `%Y-%m-%dT%H:%M:%S.%NZ` writes it, with nine digits: a float would lose nanoseconds."""
    seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
    return f"{_second(seconds)}.{nanoseconds:09d}Z"


def _time(event: Event) -> str:
    # A reject has no time of its own to trust: it keeps the one under which its record came.
    if event.target == "reject" and event.carried is not None:
        carried = event.carried.time
        if isinstance(carried, str) and _TEXT.fullmatch(carried):
            return carried
    return time_text(event.time_ns)


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat(timespec="seconds")
