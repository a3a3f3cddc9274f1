"""Rejects without an output: told once for each reason, then summed up, and never with a value."""

from __future__ import annotations

import pytest

from doorlog.log import Log
from doorlog.record import Problem, Reject
from doorlog.rejects import Rejected, RejectNotes

SECRET = "hunter2"


def bad(line: int, index: int = 0) -> Rejected:
    reject = Reject("invalid_record", (Problem("$.eventTime", "pattern", "a time"),), {"eventTime": SECRET})
    return Rejected(reject, "x.json", line, index, None)


def unreadable(line: int) -> Rejected:
    return Rejected(Reject("not_json", (), SECRET.encode()), "x.json", line, 0, None)


def test_the_first_of_each_reason_is_told_with_its_place(capfd: pytest.CaptureFixture[str]) -> None:
    RejectNotes(Log(), clock=lambda: 0.0).take([bad(3, index=2), unreadable(4)])
    first, second = capfd.readouterr().err.splitlines()
    assert first.startswith(
        "doorlog: x.json:3 [2]: rejected, invalid_record: $.eventTime: pattern: a time (--rejects PATH keeps"
    )
    assert second.startswith("doorlog: x.json:4: rejected, not_json: The text is not JSON;")


def test_later_ones_are_summed_up_once_in_a_window(capfd: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    notes = RejectNotes(Log(), clock=lambda: now, window=10.0)
    notes.take([bad(1)])
    notes.take([bad(2), bad(3)])
    notes.take([bad(4)])
    assert capfd.readouterr().err.splitlines()[1:] == ["doorlog: more rejects: invalid_record 2"]
    now = 10.0
    notes.take([bad(5), unreadable(6)])
    assert capfd.readouterr().err.splitlines()[-1] == "doorlog: more rejects: invalid_record 2"


def test_no_value_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    notes = RejectNotes(Log())
    notes.take([bad(1), unreadable(2), bad(3), unreadable(4)])
    assert SECRET not in capfd.readouterr().err
