"""The command as its users run it, and records to feed it with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

Done: TypeAlias = "subprocess.CompletedProcess[bytes]"
Doorlog: TypeAlias = Callable[..., Done]
Start: TypeAlias = Callable[..., "subprocess.Popen[bytes]"]


def environment(root: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORLOG_")}
    # As under systemd: no locale, so that text mode anywhere would show.
    return {**kept, "PYTHONPATH": str(root / "plugin"), "LC_ALL": "C", "PYTHONUTF8": "0", **more}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "doorlog", *map(str, arguments)]


def record(**more: Any) -> dict[str, Any]:
    """A successful sign-in of an IAM user, with what the test says otherwise."""
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "arn": "arn:aws:iam::111122223333:user/anaya",
            "accountId": "111122223333",
            "userName": "anaya",
        },
        "eventTime": "2024-06-10T13:05:00Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.64",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"LoginTo": "https://console.aws.amazon.com/console/home", "MFAUsed": "Yes"},
        "eventID": "3fcfb182-98f8-4744-bd45-10aEXAMPLE01",
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        **more,
    }


def line(**more: Any) -> bytes:
    """The record on one line."""
    return json.dumps(record(**more)).encode() + b"\n"


GOOD = line()
BAD = line(eventTime="yesterday")
SKIPPED = json.dumps({"Records": []}).encode() + b"\n"
NOISE = b'{"eventName": oops}\n'
