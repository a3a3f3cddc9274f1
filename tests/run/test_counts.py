"""The books: everything read is settled once, and a line tells people how."""

from __future__ import annotations

from doorlog.counts import Counts


def test_the_summary_names_reasons_and_skips_most_frequent_first() -> None:
    counts = Counts()
    counts.found(7)
    counts.deliver(2)
    for reason in ("not_json", "invalid_record", "invalid_record"):
        counts.reject(reason)
    counts.skip("near-sign-in")
    assert counts.balanced
    assert counts.summary() == (
        "read 7, delivered 2, rejected 3 (invalid_record 2, not_json 1), skipped 1 (near-sign-in 1), not delivered 1"
    )


def test_the_summary_names_the_kinds_that_are_counted_by_name() -> None:
    counts = Counts()
    counts.found(3)
    counts.deliver(3)
    counts.counted.update(["unknown-sign-in"])
    assert counts.balanced
    assert counts.summary() == "read 3, delivered 3 (unknown-sign-in 1), rejected 0, skipped 0"


def test_nothing_read_is_told_plainly() -> None:
    assert Counts().summary() == "read 0, delivered 0, rejected 0, skipped 0"


def test_what_is_settled_twice_unbalances_the_books() -> None:
    counts = Counts()
    counts.found(1)
    counts.deliver(1)
    assert counts.balanced
    counts.skip("empty")
    assert not counts.balanced


def test_what_is_settled_without_being_in_flight_unbalances_the_books() -> None:
    counts = Counts(read=3, delivered=2)
    assert not counts.balanced
