"""CIM, ASIM and UDM: every record's event is one of its list, says what took place, and keeps every value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from both_functions import Both
from hypothesis import HealthCheck, given, settings
from leaves import Json, changed, leaves, told, values
from list_check import KEYS, TYPES, field_list, findings
from odd_records import records as odd_records
from test_kept import VARIANTS, event_of, like

from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject, Skip

TARGETS = ("cim", "asim", "udm")


@pytest.fixture(scope="module")
def third() -> Normalizer:
    return normalizer(TARGETS)


@pytest.fixture(scope="module")
def ecs() -> Normalizer:
    return normalizer(["ecs"])


def events_of(normalize: Normalizer, record: Json) -> dict[str, Json]:
    """The events of a record by target, those that there are."""
    events = normalize(record)
    assert isinstance(events, tuple) and not isinstance(events, Skip), events
    return {target: event for target, event in zip(normalize.targets, events, strict=True) if event is not None}


@pytest.mark.parametrize("target", TARGETS)
def test_a_list_says_of_each_field_what_it_is_and_where_that_is_documented(target: str) -> None:
    listed = field_list(target)
    assert listed["target"] == target and listed["caption"] and all("://" in url for url in listed["source"])
    for path, known in listed["fields"].items():
        assert set(known) <= KEYS and known["type"] in TYPES and known["about"].endswith("."), path
    assert set(listed["fixed"]) <= set(listed["fields"])


def test_every_event_conforms_to_its_list(third: Normalizer, our_records: dict[str, Json]) -> None:
    wrong = [
        f"{name}: {target}: {finding}"
        for name, record in our_records.items()
        for target, event in events_of(third, record).items()
        for finding in findings(event, field_list(target))
    ]
    assert wrong == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=odd_records())
def test_any_record_gives_events_that_conform(third: Normalizer, record: Json) -> None:
    events = third(record)
    if not isinstance(events, Skip | Reject):
        for target, event in zip(third.targets, events, strict=True):
            assert event is None or findings(event, field_list(target)) == []


def test_every_kind_of_event_is_said_in_every_target_but_changes_of_an_account_in_asim(
    third: Normalizer, our_records: dict[str, Json]
) -> None:
    missing = {
        (name, target) for name, record in our_records.items() for target in {*TARGETS} - {*events_of(third, record)}
    }
    changes = ("password-", "email-updated", "account-name-updated")
    assert {target for _, target in missing} == {"asim"}
    assert {name for name, _ in missing} == {name for name in our_records if name.startswith(changes)}


def verdicts(events: dict[str, Json]) -> tuple[Any, ...]:
    """What each target says of what came of it."""
    return (
        events["cim"].get("action"),
        (events["asim"]["EventType"], events["asim"]["EventResult"]) if "asim" in events else None,
        (events["udm"]["metadata"]["event_type"], events["udm"]["security_result"][0]["action"][0]),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("iam-user-success", ("success", ("Logon", "Success"), ("USER_LOGIN", "ALLOW"))),
        ("iam-user-failure", ("failure", ("Logon", "Failure"), ("USER_LOGIN", "BLOCK"))),
        ("iam-user-no-result", ("pending", ("Logon", "NA"), ("USER_LOGIN", "UNKNOWN_ACTION"))),
        ("root-failure-at-mfa", ("failure", ("Logon", "Failure"), ("USER_LOGIN", "BLOCK"))),
        ("check-mfa", ("pending", ("Logon", "Partial"), ("USER_UNCATEGORIZED", "CHALLENGE"))),
        ("check-mfa-failure", ("failure", ("Logon", "Failure"), ("USER_UNCATEGORIZED", "BLOCK"))),
        ("credential-verification-password", ("pending", ("Logon", "Partial"), ("USER_UNCATEGORIZED", "CHALLENGE"))),
        ("credential-verification-failure", ("failure", ("Logon", "Failure"), ("USER_UNCATEGORIZED", "BLOCK"))),
        ("user-authentication-password", ("success", ("Logon", "Success"), ("USER_LOGIN", "ALLOW"))),
        ("switch-role", ("success", ("Elevate", "Success"), ("USER_LOGIN", "ALLOW"))),
        ("switch-role-failure", ("failure", ("Elevate", "Failure"), ("USER_LOGIN", "BLOCK"))),
        ("exit-role", (None, ("Logoff", "Success"), ("USER_LOGOUT", "ALLOW"))),
        ("renew-role", (None, ("Logon", "NA"), ("USER_UNCATEGORIZED", "ALLOW"))),
        ("unknown-event", (None, ("Logon", "NA"), ("USER_UNCATEGORIZED", "ALLOW"))),
        ("password-updated", (None, None, ("USER_CHANGE_PASSWORD", "ALLOW"))),
        ("password-updated-failure", (None, None, ("USER_CHANGE_PASSWORD", "BLOCK"))),
        ("password-recovery-requested", (None, None, ("USER_UNCATEGORIZED", "ALLOW"))),
    ],
)
def test_an_event_says_what_came_of_it(
    third: Normalizer, our_records: dict[str, Json], name: str, expected: tuple[Any, ...]
) -> None:
    assert verdicts(events_of(third, our_records[name])) == expected


def test_only_what_succeeded_is_a_success_and_every_failure_is_one(
    third: Normalizer, ecs: Normalizer, our_records: dict[str, Json]
) -> None:
    for name, record in our_records.items():
        outcome = events_of(ecs, record)["ecs"]["event"]["outcome"]
        action, result, (_, decided) = verdicts(events_of(third, record))
        assert outcome == "success" or (action, result and result[1], decided) != ("success", "Success", "ALLOW"), name
        if outcome != "success":
            assert action != "success" and (result is None or result[1] not in ("Success", "Partial")), name
            assert decided != "ALLOW", name
        if outcome == "failure":
            assert action in ("failure", None) and (result is None or result[1] == "Failure"), name
            assert decided == "BLOCK", name


@pytest.mark.parametrize(
    ("name", "method", "asim", "mechanism"),
    [
        ("iam-user-success", "PASSWORD", "Username & Password", ["USERNAME_PASSWORD"]),
        ("iam-user-success-virtual-mfa", "MFA", "Multi factor authentication", ["USERNAME_PASSWORD", "OTP"]),
        ("iam-user-success-passkey", "MFA", "Multi factor authentication", ["USERNAME_PASSWORD", "HARDWARE_KEY"]),
        ("role-success", None, None, None),
        ("saml-role-success", "SAML", None, None),
        ("user-authentication-external-idp", "SAML", "Other", ["MECHANISM_OTHER"]),
    ],
)
def test_an_event_says_how_the_user_proved_who_it_is(
    third: Normalizer, our_records: dict[str, Json], name: str, method: str, asim: str, mechanism: list[str]
) -> None:
    events = events_of(third, our_records[name])
    assert events["cim"].get("authentication_method") == method
    assert events["asim"].get("LogonMethod") == asim
    assert events["udm"]["extensions"]["auth"].get("mechanism") == mechanism


def test_a_role_switch_names_who_switches_and_to_what(third: Normalizer, our_records: dict[str, Json]) -> None:
    events = events_of(third, our_records["switch-role"])
    record = our_records["switch-role"]
    switcher = record["additionalEventData"]["SwitchFrom"]
    assert events["cim"]["src_user_id"] == events["asim"]["ActorUserId"] == switcher
    assert events["udm"]["principal"]["user"]["userid"] == switcher
    own = record["userIdentity"]["arn"]
    assert (
        events["cim"]["user_id"] == events["asim"]["TargetUserId"] == events["udm"]["target"]["user"]["userid"] == own
    )


def test_a_masked_user_is_nobody(third: Normalizer, our_records: dict[str, Json]) -> None:
    events = events_of(third, our_records["unknown-user-failure"])
    assert "user" not in events["cim"] and "TargetUsername" not in events["asim"]
    assert events["asim"]["EventResultDetails"] == "No such user"
    assert "user_display_name" not in events["udm"]["target"].get("user", {})


def test_a_text_that_is_nowhere_else_is_found_in_the_event(our_records: dict[str, Json]) -> None:
    both = Both(TARGETS[:1] + TARGETS[2:]), Both(TARGETS[1:2])
    lost = []
    for name, record in list(our_records.items())[::4]:
        for number, (path, value) in enumerate(leaves(record), 1):
            for text in like(value, number + 7000) if isinstance(value, str) else ():
                for normalize in both:
                    events = event_of(normalize, changed(record, path, text))
                    for target, event in zip(normalize.targets, events or (), strict=False):
                        if ("str", text) not in values(event):
                            lost.append(f"{name}: {target}: {told(path)}: {text[:40]!r}")
    assert lost == []


def test_different_values_give_different_events(our_records: dict[str, Json]) -> None:
    both = Both(TARGETS[:1] + TARGETS[2:]), Both(TARGETS[1:2])
    same = []
    seen: set[tuple[str, str]] = set()
    for name, record in our_records.items():
        for path, _ in leaves(record):
            place = (str(record["eventName"]), told(path))
            if place in seen:
                continue
            seen.add(place)
            for normalize in both:
                told_apart: dict[tuple[str, str], Any] = {}
                for value in VARIANTS:
                    events = event_of(normalize, changed(record, path, value))
                    for target, event in zip(normalize.targets, events or (), strict=False):
                        text = json.dumps(event, sort_keys=True)
                        if (target, text) in told_apart:
                            same.append(f"{name}: {target}: {told(path)}: {told_apart[target, text]!r} and {value!r}")
                        told_apart[target, text] = value
    assert same == []
