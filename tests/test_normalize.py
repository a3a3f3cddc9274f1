"""The main path: which records become events, which are skipped, and for which reasons one is rejected."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from doorlog.normalize import NOT_SIGN_IN, Normalizer, normalizer
from doorlog.record import Reject, Skip
from doorlog.rejects import REASONS

Json = dict[str, Any]

SIGN_IN: Json = {
    "eventVersion": "1.08",
    "userIdentity": {"type": "IAMUser", "accountId": "111122223333", "userName": "alice"},
    "eventTime": "2024-06-11T09:15:27Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "responseElements": {"ConsoleLogin": "Success"},
    "eventType": "AwsConsoleSignIn",
}


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(["ecs", "ocsf"])


def result(normalize: Normalizer, **changes: Any) -> Any:
    return normalize({key: value for key, value in (SIGN_IN | changes).items() if value is not ...})


def rejected(normalize: Normalizer, **changes: Any) -> Reject:
    found = result(normalize, **changes)
    assert isinstance(found, Reject), found
    return found


def test_a_sign_in_gives_an_event_for_each_target_in_the_order_asked_for() -> None:
    for targets in (["ecs", "ocsf"], ["ocsf", "ecs"], ["ocsf"], ["ecs"]):
        normalize = normalizer(targets)
        events = normalize(SIGN_IN)
        assert normalize.targets == tuple(targets)
        assert isinstance(events, tuple)
        assert ["ecs" if "ecs" in event else "ocsf" for event in events if event] == targets


@pytest.mark.parametrize(
    ("source", "name", "skip"),
    [
        ("sts.amazonaws.com", "AssumeRole", "near-sign-in"),
        ("sts.amazonaws.com", "AssumeRoleWithSAML", "near-sign-in"),
        ("sts.amazonaws.com", "GetSessionToken", "near-sign-in"),
        ("sts.amazonaws.com", "GetCallerIdentity", NOT_SIGN_IN),
        ("iam.amazonaws.com", "EnableMFADevice", "near-sign-in"),
        ("iam.amazonaws.com", "ChangePassword", "near-sign-in"),
        ("iam.amazonaws.com", "UpdateLoginProfile", "near-sign-in"),
        ("iam.amazonaws.com", "CreateUser", NOT_SIGN_IN),
        ("sso.amazonaws.com", "CreateToken", "near-sign-in"),
        ("sso.amazonaws.com", "ListApplications", "near-sign-in"),
        ("sso-directory.amazonaws.com", "CreateUser", "near-sign-in"),
        ("s3.amazonaws.com", "GetObject", NOT_SIGN_IN),
        ("signin.amazonaws.com.example", "ConsoleLogin", NOT_SIGN_IN),
        ("SIGNIN.amazonaws.com", "ConsoleLogin", NOT_SIGN_IN),
    ],
)
def test_what_is_no_sign_in_is_skipped_by_name(normalize: Normalizer, source: str, name: str, skip: str) -> None:
    assert result(normalize, eventSource=source, eventName=name, eventType="AwsApiCall") == Skip(skip)


@pytest.mark.parametrize(
    "name",
    ["GetResourcePolicy", "PutConsoleAuthorizationConfiguration", "ListResourcePermissionStatements"],
)
def test_administering_sign_in_is_near_it(normalize: Normalizer, name: str) -> None:
    assert result(normalize, eventName=name, eventType="AwsApiCall") == Skip("near-sign-in")


@pytest.mark.parametrize(
    "changes",
    [
        {"eventName": "Unheard", "eventType": "AwsConsoleSignIn"},
        {"eventName": "Unheard", "eventType": "AwsConsoleSignin"},
        {"eventName": "Unheard", "eventType": "AwsServiceEvent", "serviceEventDetails": {"Unheard": "Success"}},
        {"eventName": "Unheard\n", "eventType": "AWSCONSOLESIGNIN"},
    ],
)
def test_an_unknown_sign_in_event_passes_under_its_own_name(normalize: Normalizer, changes: Json) -> None:
    ecs, ocsf = result(normalize, **changes)
    assert (ecs["event"]["action"], ocsf["activity_name"]) == (changes["eventName"], changes["eventName"])
    assert (ecs["event"]["category"], ocsf["activity_id"]) == (["authentication"], 99)


@pytest.mark.parametrize(
    ("changes", "path", "rule"),
    [
        ({"eventTime": ...}, "$.eventTime", "required"),
        ({"eventTime": None}, "$.eventTime", "type"),
        ({"eventTime": 1718097327}, "$.eventTime", "type"),
        ({"eventTime": ""}, "$.eventTime", "pattern"),
        ({"eventTime": "yesterday"}, "$.eventTime", "pattern"),
        ({"userIdentity": "alice"}, "$.userIdentity", "type"),
        ({"userIdentity": {"type": 5}}, "$.userIdentity.type", "type"),
        ({"userIdentity": {"sessionContext": {"attributes": []}}}, "$.userIdentity.sessionContext.attributes", "type"),
        ({"sourceIPAddress": ["203.0.113.5"]}, "$.sourceIPAddress", "type"),
        ({"tlsDetails": "TLSv1.3"}, "$.tlsDetails", "type"),
        # What tells the kind is damaged: no skip, since nobody can say that it was no sign-in.
        ({"eventName": ...}, "$.eventName", "required"),
        ({"eventName": None}, "$.eventName", "type"),
        ({"eventName": {"a": 1}}, "$.eventName", "type"),
        ({"eventSource": ["signin.amazonaws.com"]}, "$.eventSource", "type"),
    ],
)
def test_a_record_that_the_schema_refuses_is_rejected_with_its_problems(
    normalize: Normalizer, changes: Json, path: str, rule: str
) -> None:
    reject = rejected(normalize, **changes)
    assert reject.reason == "invalid_record"
    assert (path, rule) in {(problem.path, problem.rule) for problem in reject.problems}


@pytest.mark.parametrize(
    "time",
    [
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-06-31T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-06-11T24:00:00Z",
        "2024-06-11T09:60:00Z",
        "0000-01-01T00:00:00Z",
        "2024-06-11T09:15:27Z\n",
        "2024-06-11T09:15:27+99:00",
        "\uff12024-06-11T09:15:27Z",
    ],
)
def test_a_time_that_does_not_exist_is_rejected_and_never_taken_for_now(normalize: Normalizer, time: str) -> None:
    assert rejected(normalize, eventTime=time).reason in ("invalid_record", "bad_time")


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2024-06-11T09:15:27Z", 1718097327),
        ("2024-06-11T09:15:27.5Z", 1718097327.5),
        ("2024-06-11T11:15:27+02:00", 1718097327),
        ("2024-06-11 09:15:27", 1718097327),
        ("20240611T091527Z", 1718097327),
        ("2024-02-29T23:59:59Z", 1709251199),
    ],
)
def test_the_time_of_an_event_is_that_of_its_record(normalize: Normalizer, time: str, seconds: float) -> None:
    assert normalize.time_ns(SIGN_IN | {"eventTime": time}) == int(seconds * 10**9)
    assert result(normalize, eventTime=time)[1]["time"] == int(seconds * 1000)


@pytest.mark.parametrize(
    "time", ["1969-12-31T23:59:59Z", "1999-12-31T23:59:59Z", "2106-02-07T06:28:16Z", "9999-12-31T23:59:59Z"]
)
def test_a_time_beyond_what_a_target_takes_is_an_event_or_a_reject_with_a_reason(
    normalize: Normalizer, time: str
) -> None:
    for targets in (["ecs"], ["ocsf"]):
        found = normalizer(targets)(SIGN_IN | {"eventTime": time})
        if isinstance(found, Reject):
            assert found.reason in ("not_conformant", "bad_time")
            assert found.problems[0].path
        else:
            assert isinstance(found, tuple)


def test_a_reject_holds_the_record_itself_and_no_value_in_its_problems(normalize: Normalizer) -> None:
    record = SIGN_IN | {"userIdentity": {"type": ["hunter2"], "arn": {"hunter2": 1}}, "tlsDetails": "hunter2"}
    reject = normalize(record)
    assert isinstance(reject, Reject)
    assert reject.raw is record
    assert "hunter2" not in str(reject.problems)
    assert len(reject.problems) == 3


def test_every_reason_is_one_that_people_are_told_about(normalize: Normalizer) -> None:
    for changes in ({"eventTime": "x"}, {"eventTime": "1999-01-01T00:00:00Z"}, {"eventName": 5}, {"tlsDetails": 5}):
        assert rejected(normalize, **changes).reason in REASONS


@pytest.mark.parametrize("record", [{}, {"eventName": "ConsoleLogin"}, {"Records": []}, {"": ""}, {"eventTime": {}}])
def test_an_object_that_is_no_record_raises_nothing(normalize: Normalizer, record: Json) -> None:
    assert isinstance(normalize(record), Reject | Skip)


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("levels", [10, 100, 240, 900, 5000, 50000])
def test_deep_nesting_raises_nothing(normalize: Normalizer, levels: int) -> None:
    found = result(normalize, additionalEventData=deep(levels), newField=deep(levels))
    if levels <= 240:
        assert isinstance(found, tuple)
        assert not isinstance(found, Reject | Skip)
    else:
        assert isinstance(found, tuple | Reject)


def test_many_members_are_no_trouble(normalize: Normalizer) -> None:
    found = result(normalize, additionalEventData={f"key{number}": number for number in range(100_000)})
    assert found[1]["unmapped"]["additionalEventData"]["key99999"] == 99999


def test_a_fault_of_ours_is_a_reject_and_not_an_end(normalize: Normalizer, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(record: Json) -> None:
        raise ZeroDivisionError("hunter2")

    broken = normalizer(["ecs"])
    broken(SIGN_IN)
    failing = SimpleNamespace(by_shape=lambda record: None, learn=lambda record: None, general=fail)
    monkeypatch.setattr(broken, "_functions", dict.fromkeys(broken._functions, failing))
    monkeypatch.setattr(broken, "_short", {})
    reject = broken(SIGN_IN)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.problems[0].expected) == ("mapping_failed", "ZeroDivisionError")
    assert "hunter2" not in str(reject.problems)


@pytest.mark.parametrize("target", ["ecs", "ocsf"])
def test_no_event_says_now(target: str) -> None:
    """The same record gives the same event at any time: nothing of the clock is in it."""
    once = normalizer([target])(copy.deepcopy(SIGN_IN))
    again = normalizer([target])(copy.deepcopy(SIGN_IN))
    assert once == again
