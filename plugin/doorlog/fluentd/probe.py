"""A synthetic sign-in, sent on its way, and what became of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from glob import glob
from pathlib import Path
from typing import NamedTuple

from doorlog.record import Json

PATIENCE = 20.0
"""Seconds to wait for the event to arrive; Fluentd's buffers hold it for some."""


class Arrived(NamedTuple):
    """A line that holds the probe's event: the file, what stands before the document, and the document."""

    file: str
    before: str
    document: Json


def record(number: int) -> Json:
    """A successful sign-in that nobody made: a documentation account and address, and an id that is recognized."""
    moment = datetime.fromtimestamp(number // 1_000_000_000, timezone.utc).replace(tzinfo=None).isoformat()
    user = "doorlog-doctor"
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDADOORLOGDOCTOR0000",
            "arn": f"arn:aws:iam::111122223333:user/{user}",
            "accountId": "111122223333",
            "userName": user,
        },
        "eventTime": f"{moment}Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.64",
        "userAgent": "doorlog doctor",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"LoginTo": "https://console.aws.amazon.com/", "MFAUsed": "Yes"},
        "eventID": f"doorlog-doctor-{number}",
        "eventType": "AwsConsoleSignIn",
        "recipientAccountId": "111122223333",
    }


def arrived(patterns: Iterable[str], mark: str, clock: Callable[[], float] = time.monotonic) -> Arrived | None:
    """The first line with the mark in a file that a pattern names, as soon as there is one; None after a while."""
    until = clock() + PATIENCE
    while True:
        for name in sorted({name for pattern in patterns for name in glob(pattern) if Path(name).is_file()}):  # noqa: PTH207
            found = _line(Path(name), mark.encode())
            if found is not None:
                return found
        if clock() > until:
            return None
        time.sleep(0.1)


def _line(path: Path, mark: bytes) -> Arrived | None:
    with path.open("rb") as file:
        for line in file:
            if mark in line and line.endswith(b"\n"):
                before, brace, rest = line.partition(b"{")
                try:
                    return Arrived(str(path), before.decode("utf-8", "replace"), json.loads(brace + rest))
                except ValueError:
                    return Arrived(str(path), before.decode("utf-8", "replace"), {})
    return None


def judged(found: Arrived | None, expected: Json, seconds: float, patterns: Iterable[str]) -> tuple[str, bool]:
    """What there is to say of the arrival, and whether it is fine."""
    if found is None:
        return f"nothing arrived in {', '.join(patterns)} within {PATIENCE:g} s", False
    head = f"{found.file}: the event arrived after {seconds:.1f} s"
    wrong = sorted(
        key for key in expected.keys() | found.document.keys() if found.document.get(key) != expected.get(key)
    )
    if "eventID" in found.document:
        return f"{head}, but it is still the record; Doorlog is not on its way", False
    if wrong:
        return f"{head}, but not as it was made; other are: {', '.join(wrong)}", False
    return f"{head}, as it should: fine", True
