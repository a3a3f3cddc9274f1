"""Nothing read gets lost: with the real intake and mappings, every mixture and every byte is accounted for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from stand_ins import Kept

from doorlog.counts import Counts
from doorlog.intake import Intake, Limits
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Found
from doorlog.rejects import document
from doorlog.run import Way

GOOD = {
    "eventTime": "2024-06-10T13:05:00Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "eventVersion": "1.08",
    "userIdentity": {"type": "Root", "accountId": "111122223333"},
    "responseElements": {"ConsoleLogin": "Success"},
    "eventType": "AwsConsoleSignIn",
}
LINES = {
    "good": json.dumps(GOOD).encode(),
    "envelope": json.dumps({"Records": [GOOD, GOOD]}).encode(),
    "invalid": json.dumps({**GOOD, "eventTime": "yesterday"}).encode(),
    "other": json.dumps({**GOOD, "eventSource": "s3.amazonaws.com", "eventName": "GetObject"}).encode(),
    "empty": b'{"Records": []}',
    "foreign": b'{"a": 1}',
    "noise": b'{"eventName": oops}',
    "deep": b'{"a":' * 70 + b"1" + b"}" * 70,
    "blank": b"",
}
DELIVERED = {"good": 1, "envelope": 2}
REJECTED = {"invalid": "invalid_record", "noise": "not_json", "deep": "too_deep"}
SKIPPED = {"other": 1, "empty": 1, "foreign": 1}

Pass = Callable[[bytes, int], tuple[Counts, Kept, Kept]]


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(["ecs", "ocsf"])


@pytest.fixture(scope="module")
def passed(normalize: Normalizer) -> Pass:
    """Takes bytes, in reads of some size, all the way."""

    def through(data: bytes, size: int) -> tuple[Counts, Kept, Kept]:
        counts, output, rejects = Counts(), Kept(), Kept()
        way = Way(normalize, output, rejects, counts)
        intake = Intake(Limits(), "auto")
        for start in range(0, len(data), size):
            found: list[Found] = intake.feed(data[start : start + size])
            way.settle(found, "test")
        way.settle(intake.end(), "test")
        return counts, output, rejects

    return through


@pytest.fixture(scope="module")
def checker(root: Path) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads((root / "schemas" / "reject.schema.json").read_bytes()))


@settings(deadline=None)
@given(mixture=st.lists(st.sampled_from(sorted(LINES)), max_size=30), size=st.integers(1, 5000))
def test_every_mixture_adds_up_however_it_is_read(passed: Pass, mixture: list[str], size: int) -> None:
    lines = ["good", *mixture]  # the first line decides that each line stands alone
    counts, output, rejects = passed(b"".join(LINES[name] + b"\n" for name in lines), size)
    assert counts.balanced
    assert counts.in_flight == 0
    assert counts.delivered == sum(DELIVERED.get(name, 0) for name in lines)
    assert counts.skipped.total() == sum(SKIPPED.get(name, 0) for name in lines)
    assert [each.reject.reason for each in rejects.rejects] == [REJECTED[name] for name in lines if name in REJECTED]
    assert [each.line for each in rejects.rejects] == [at + 1 for at, name in enumerate(lines) if name in REJECTED]
    assert [event.target for event in output.events] == ["ecs", "ocsf"] * counts.delivered


@settings(deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=200),
        st.lists(st.one_of(st.sampled_from(sorted(LINES.values())), st.binary(max_size=20)), max_size=6).map(
            b"\n".join
        ),
    ),
    size=st.integers(1, 300),
)
def test_any_bytes_are_accounted_for_and_every_reject_can_be_written(
    passed: Pass, checker: Draft202012Validator, data: bytes, size: int
) -> None:
    counts, _, rejects = passed(data, size)
    assert counts.balanced
    assert counts.in_flight == 0
    for each in rejects.rejects:
        written = orjson.loads(orjson.dumps(document(each)))
        assert list(checker.iter_errors(written)) == []
