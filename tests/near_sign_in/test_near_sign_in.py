"""What is near a sign-in is skipped, or with `near-sign-in` behind the mapping, gives exactly the events beside it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from leaves import changed, leaves
from strict_checks import Strict

from doorlog.mapping.load import load
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject, Skip

HERE = Path(__file__).resolve().parent
RECORDS = sorted(HERE.glob("*.record.json"))

ACCOUNTS = ("change-password", "login-profile", "mfa-device")
"""How the names of records begin that tell of a change of an account, and not of a session."""
ODD: list[Any] = [None, "", " ", "x", "arn:aws:iam::111122223333:role/x/y", 0, 1.5, True, [], ["x"], {}, {"x": "y"}]


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(["ecs+near-sign-in", "ocsf+near-sign-in"])


def written(event: Any) -> str:
    return json.dumps(event, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.name.removesuffix(".record.json"))
def test_a_record_gives_the_events_beside_it(normalize: Normalizer, file: Path, update: bool) -> None:
    events = normalize(json.loads(file.read_text("utf-8")))
    assert not isinstance(events, Skip | Reject), events
    for target, event in zip(normalize.targets, events, strict=True):
        golden = file.with_name(file.name.replace(".record.json", f".{target}.json"))
        if update:
            golden.write_text(written(event), "utf-8")
        assert written(event) == golden.read_text("utf-8")


def test_without_it_all_are_skipped_under_one_name() -> None:
    normalize = normalizer(["ecs", "ocsf"])
    assert {normalize(json.loads(file.read_text("utf-8"))) for file in RECORDS} == {Skip("near-sign-in")}


def test_every_kind_that_is_switched_on_has_a_record(normalize: Normalizer) -> None:
    plain, near = load("ecs"), load("ecs+near-sign-in")
    switched = {kind.name for kind in plain.kinds if kind.skip} - {kind.name for kind in near.kinds if kind.skip}
    kinds = {normalize._kinds(json.loads(file.read_text("utf-8"))) for file in RECORDS}
    assert {kind.name for kind in kinds if kind} == switched
    assert len(switched) > 8


def test_a_target_that_knows_sign_ins_alone_is_given_sessions_alone() -> None:
    normalize = normalizer(["asim+near-sessions"])
    results = {file.name: normalize(json.loads(file.read_text("utf-8"))) for file in RECORDS}
    skipped = {name.partition(".")[0] for name, result in results.items() if isinstance(result, Skip)}
    assert skipped == {name for name in (file.name.partition(".")[0] for file in RECORDS) if name.startswith(ACCOUNTS)}


def test_what_administers_sign_in_stays_skipped(normalize: Normalizer) -> None:
    record = json.loads(RECORDS[0].read_text("utf-8"))
    for source, name in (
        ("signin.amazonaws.com", "PutConsoleAuthorizationConfiguration"),
        ("sso.amazonaws.com", "CreateAccountAssignment"),
        ("sso.amazonaws.com", "ListApplications"),
        ("sso-directory.amazonaws.com", "CreateUser"),
    ):
        assert normalize(record | {"eventSource": source, "eventName": name}) == Skip("near-sign-in")


def test_published_records_and_changed_ones_conform_and_lose_nothing(normalize: Normalizer, shared: Path) -> None:
    strict = Strict(shared)
    files = [*RECORDS, *(shared / "samples" / "near-signin").glob("*.json")]
    mapped = 0
    choose = random.Random(5).choice
    for file in files:
        record = json.loads(file.read_text("utf-8"))
        for path, _ in [((), None), *leaves(record)]:
            seen = changed(record, path, choose(ODD)) if path else record
            events = normalize(seen) if isinstance(seen, dict) else Skip("")
            if isinstance(events, Reject):
                assert events.reason in ("invalid_record", "bad_time"), (file.name, path, events.problems)
            if isinstance(events, Skip | Reject):
                continue
            mapped += 1
            for event in events:
                assert event is not None
                assert strict.findings(event) == [], (file.name, path)
                assert strict.lost(seen, event) == [], (file.name, path)
    assert mapped > 400
