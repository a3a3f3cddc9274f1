"""What is of another type, spelling or version than one expects. The numbers are those of the entries in README.md."""

from __future__ import annotations

import itertools
import json
from typing import Any

import orjson
import pytest
from records import ACCOUNT, IAM_USER, Become, Json, console_login, sign_in, step

from doorlog.intake import Intake
from doorlog.normalize import normalizer
from doorlog.record import Reject, Skip

PARTS = {
    "requestParameters": "request_parameters",
    "responseElements": "response_elements",
    "additionalEventData": "additional_eventdata",
    "serviceEventDetails": "service_event_details",
}


@pytest.mark.parametrize("value", ["null", "None", "text", 5, 7.5, True, ["a", {"b": 1}], [[1]], {"a": {"b": ["c"]}}])
@pytest.mark.parametrize("part", PARTS)
def test_trap_25_a_free_part_of_any_type_is_kept_as_an_object(become: Become, part: str, value: Any) -> None:
    ecs, _ = become(console_login(**{part: value}))
    kept = ecs["aws"]["cloudtrail"]["flattened"][PARTS[part]]
    assert kept == (value if isinstance(value, dict) else {"value": value})


@pytest.mark.parametrize("value", [None, "", {}, ...])
@pytest.mark.parametrize("part", [*PARTS, "tlsDetails", "userIdentity", "resources", "addendum"])
def test_trap_25_null_missing_and_empty_are_the_same(become: Become, part: str, value: Any) -> None:
    if value == "" and part in ("tlsDetails", "userIdentity", "addendum"):
        value = None
    assert become(console_login(**{part: value})) == become(console_login(**{part: None}))


@pytest.mark.parametrize(
    ("written", "expected"), [(True, True), (False, False), ("true", True), ("false", False), ("True", True)]
)
def test_trap_26_a_truth_value_may_be_a_text(become: Become, written: Any, expected: bool) -> None:
    ecs, _ = become(console_login(readOnly=written, managementEvent=written))
    own = ecs["aws"]["cloudtrail"]
    assert (own["read_only"], own["management_event"]) == (expected, expected)
    session = {"sessionContext": {"attributes": {"mfaAuthenticated": written}}}
    _, ocsf = become(console_login({"type": "AssumedRole"} | session, sessionCredentialFromConsole="true"))
    assert ocsf.get("actor", {}).get("session", {}).get("is_mfa") == (expected or None)
    assert ocsf["unmapped"]["sessionCredentialFromConsole"] == "true"


@pytest.mark.parametrize("kind", ["AwsConsoleSignIn", "AwsConsoleSignin", "AwsApiCall", "AwsServiceEvent", None, ...])
def test_trap_27_a_kind_is_told_by_its_name_however_the_type_is_spelt(become: Become, kind: Any) -> None:
    ecs, ocsf = become(console_login(eventType=kind))
    assert (ecs["event"]["type"], ocsf["type_uid"]) == (["start"], 300201)


@pytest.mark.parametrize("kind", ["AwsServiceEvent", "AWSServiceEvent", None, ...])
def test_trap_27_a_step_is_told_by_its_name_however_the_type_is_spelt(become: Become, kind: Any) -> None:
    ecs, ocsf = become(step("UserAuthentication", eventType=kind))
    assert (ecs["event"]["outcome"], ocsf["type_uid"]) == ("success", 300201)


@pytest.mark.parametrize(
    "version", ["1.0", "1.01", "1.02", "1.05", "1.08", "1.10", "1.11", "1.99", "2.0", "", None, ...]
)
def test_trap_27_any_version_of_the_record_passes_and_stays_a_text(become: Become, version: Any) -> None:
    ecs, ocsf = become(console_login(eventVersion=version))
    expected = version if isinstance(version, str) and version else None
    assert ecs["aws"]["cloudtrail"].get("event_version") == ocsf["metadata"].get("log_version") == expected


def test_trap_27_new_values_of_known_members_pass(become: Become) -> None:
    record = console_login({"type": "NewIdentity", "accountId": ACCOUNT}, eventCategory="New", awsRegion="zz-new-9")
    ecs, ocsf = become(record)
    assert ecs["aws"]["cloudtrail"]["user_identity"]["type"] == "NewIdentity"
    assert (ocsf["user"]["type_id"], ocsf["user"]["type"]) == (99, "NewIdentity")


def test_trap_27_new_members_pass_and_are_kept(become: Become) -> None:
    record = console_login(IAM_USER | {"newMember": {"a": 1}}, newMember=["x"], tlsDetails={"newMember": "y"})
    ecs, ocsf = become(record)
    left = ecs["aws"]["cloudtrail"]["flattened"]["unmapped"]
    assert (left["newMember"], left["userIdentity"]["newMember"], left["tlsDetails"]) == (
        ["x"],
        {"a": 1},
        {"newMember": "y"},
    )
    assert ocsf["unmapped"]["newMember"] == ["x"]


@pytest.mark.parametrize("account", ["11112222333", "08966example", "redacted", "1", "1111222233334", ""])
def test_trap_28_an_account_of_any_form_passes(become: Become, account: str) -> None:
    ecs, ocsf = become(console_login(IAM_USER | {"accountId": account}, recipientAccountId=account))
    assert ecs.get("cloud", {}).get("account", {}).get("id") == (account or None)
    assert ocsf["cloud"].get("account", {}).get("uid") == (account or None)


def test_trap_28_a_principal_of_any_form_passes(become: Become) -> None:
    for principal in ("redacted", "example.com//S-1-5-21-1-2", "AROA****************:User", "x" * 300):
        ecs, _ = become(console_login(IAM_USER | {"principalId": principal}))
        assert ecs["user"]["id"] == principal


def test_trap_28_a_name_that_is_a_url_is_a_name(become: Become) -> None:
    name = "https://portal.sso.us-east-1.amazonaws.com/instance/appinstances"
    ecs, ocsf = become(sign_in(name, IAM_USER, {name: "Success"}))
    assert (ecs["event"]["action"], ocsf["activity_name"], ecs["event"]["outcome"]) == (name, name, "success")


def test_trap_29_the_shared_id_is_read_as_aws_writes_it(become: Become) -> None:
    ecs, _ = become(console_login(sharedEventID="s-1", sharedEventId="s-2"))
    assert ecs["aws"]["cloudtrail"]["shared_event_id"] == "s-1"
    assert ecs["aws"]["cloudtrail"]["flattened"]["unmapped"]["sharedEventId"] == "s-2"


def test_trap_30_a_broken_record_costs_itself_alone() -> None:
    good = orjson.dumps(console_login())
    intake = Intake()
    found = intake.feed(b'%s\n{"eventName": "ConsoleLogin", }\n%s\n' % (good, good)) + intake.end()
    assert [type(what).__name__ for what, *_ in found] == ["dict", "Reject", "dict"]
    reject = found[1][0]
    assert isinstance(reject, Reject)
    assert isinstance(reject.raw, bytes)
    assert (reject.reason, reject.raw.strip()) == ("not_json", b'{"eventName": "ConsoleLogin", }')


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"Records":[]}', "empty"),
        ('{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{}}]}', None),
        ('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}', "s3-test-event"),
        ('{"awsAccountId":"111122223333","digestStartTime":"2024-06-11T09:00:00Z","logFiles":[]}', "digest"),
        (
            '{"eventType":"AwsCloudTrailInsight","insightDetails":{"eventName":"x"},"eventCategory":"Insight"}',
            "insight",
        ),
    ],
)
def test_trap_31_what_only_looks_like_records_is_a_skip_by_its_content(
    outcome_of: Any, text: str, name: str | None
) -> None:
    intake = Intake()
    found = [what for what, *_ in intake.feed(text.encode()) + intake.end()]
    results = [outcome_of(what) if isinstance(what, dict) else what for what in found]
    assert all(isinstance(result, Skip) for result in results)
    assert name is None or [result.name for result in results] == [name]


SECRET = "https://d-1234567890.awsapps.com/start/?state=s3cret&auth_code=s3cret two&wdc_csrf_token=s3cret"


def test_trap_32_secrets_of_a_url_are_hidden_on_request_and_nothing_unasked(become: Become) -> None:
    record = step("UserAuthentication", data={"LoginTo": SECRET})
    assert "s3cret" in json.dumps(become(record)[0])
    events = normalizer(["ecs+masked", "ocsf+masked"])(record)
    assert isinstance(events, tuple)
    assert not isinstance(events, Skip | Reject)
    assert all("s3cret" not in json.dumps(event) for event in events)
    assert (events[0] or {})["url"]["domain"] == "d-1234567890.awsapps.com"


def test_trap_33_a_url_is_decoded_once_and_written_as_it_is(become: Become) -> None:
    text = r'"https://console.aws.amazon.com/x?a\u003d1\u0026b=%255C&c=%20"'
    record = console_login(data={"LoginTo": json.loads(text)})
    ecs, ocsf = become(record)
    assert ecs["url"]["query"] == ocsf["http_request"]["url"]["query_string"] == "a=1&b=%255C&c=%20"
    assert ecs["url"]["original"] == "https://console.aws.amazon.com/x?a=1&b=%255C&c=%20"


def test_trap_33_a_blank_in_a_url_loses_nothing(become: Become) -> None:
    url = "https://d-1234567890.awsapps.com/start/?auth_code=two words"
    ecs, ocsf = become(step("UserAuthentication", data={"LoginTo": url}))
    assert ecs["aws"]["cloudtrail"]["console_login"]["additional_eventdata"]["login_to"] == url
    assert url in json.dumps(ocsf)


@pytest.mark.parametrize(
    "changes",
    [
        {"eventType": "AwsConsoleSignIn"},
        {"eventType": "AwsConsoleSignin"},
        {"eventType": "AwsServiceEvent", "responseElements": None, "serviceEventDetails": {"PasskeyAdded": "Success"}},
        {"eventType": "AwsServiceEvent", "responseElements": None, "serviceEventDetails": {"x": 1}},
        {"eventType": ..., "eventVersion": "1.01"},
        {"eventType": "AwsApiCall", "responseElements": None, "eventName": "ExchangeOAuth2Token"},
    ],
)
def test_trap_34_a_sign_in_event_that_nobody_knows_passes_and_is_counted(become: Become, changes: Json) -> None:
    record = sign_in("PasskeyAdded", IAM_USER, {"PasskeyAdded": "Success"}, {"new": [1]}, **changes)
    ecs, ocsf = become(record)
    assert (ecs["event"]["action"], ecs["event"]["type"]) == (record["eventName"], ["info"])
    assert (ocsf["activity_id"], ocsf["activity_name"]) == (99, record["eventName"])
    normalize = normalizer(["ecs"])
    normalize(record)
    assert normalize.counted == {"unknown-sign-in": 1}


@pytest.mark.parametrize(
    ("name", "source", "type_uid"),
    [
        ("ConsoleLogin", "signin.amazonaws.com", 300201),
        ("CheckMfa", "signin.amazonaws.com", 300206),
        ("CredentialChallenge", "signin.amazonaws.com", 300206),
        ("CredentialVerification", "signin.amazonaws.com", 300206),
        ("UserAuthentication", "signin.amazonaws.com", 300201),
        ("Authenticate", "sso.amazonaws.com", 300201),
        ("Federate", "sso.amazonaws.com", 300201),
        ("Logout", "sso.amazonaws.com", 300202),
        ("SwitchRole", "signin.amazonaws.com", 300207),
        ("ExitRole", "signin.amazonaws.com", 300202),
        ("RenewRole", "signin.amazonaws.com", 300299),
        ("GetSigninToken", "signin.amazonaws.com", 300206),
        ("PasswordRecoveryRequested", "signin.amazonaws.com", 300104),
        ("PasswordRecoveryCompleted", "signin.amazonaws.com", 300104),
        ("PasswordUpdated", "signin.amazonaws.com", 300103),
        ("EmailUpdated", "signin.amazonaws.com", 300199),
        ("AccountNameUpdated", "signin.amazonaws.com", 300199),
        ("ExternalIdPDirectoryLogin", "signin.amazonaws.com", 300201),
        ("AuthorizeOAuth2Access", "signin.amazonaws.com", 300206),
        ("RevokeOAuth2Token", "signin.amazonaws.com", 300299),
    ],
)
def test_trap_35_every_kind_has_its_class_an_outcome_and_a_user(
    become: Become, name: str, source: str, type_uid: int
) -> None:
    record = sign_in(name, IAM_USER, {name: "Success"}, eventSource=source, requestID="r-1")
    _, ocsf = become(record)
    assert (ocsf["type_uid"], ocsf["status"], ocsf["category_name"]) == (
        type_uid,
        "Success",
        "Identity & Access Management",
    )
    assert (ocsf["user"]["name"], ocsf["actor"]["user"]["name"], ocsf["api"]["request"]["uid"]) == (
        "anaya",
        "anaya",
        "r-1",
    )
    assert "is_mfa" not in ocsf


def test_trap_35_an_empty_request_id_is_none(become: Become) -> None:
    _, ocsf = become(console_login(requestID=""))
    assert "request" not in ocsf["api"]


ODD: list[Any] = [None, "", " ", "x", 0, -1, 1.5, True, [], ["x"], [None], {}, {"x": None}, {"": "x"}, "x" * 70000]


def test_whatever_stands_in_the_free_parts_conforms_and_is_kept(become: Become) -> None:
    known = ["LoginTo", "MobileVersion", "MFAUsed", "MFAIdentifier", "MfaType", "SamlProviderArn", "SwitchFrom"]
    known += ["RedirectTo", "AuthWorkflowID", "CredentialType", "UserName", "grant_type", "success", "signInSessionArn"]
    for key, value in itertools.product(known, ODD):
        become(console_login(data={key: value}))
        become(switch_role_with({key: value}))
        become(step("UserAuthentication", data={key: value}))


def switch_role_with(data: Json) -> Json:
    return sign_in("SwitchRole", {"type": "AssumedRole"}, {"SwitchRole": "Success"}, data)
