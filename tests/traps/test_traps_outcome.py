"""What came of a sign-in, and what counts as one. The numbers are those of the entries in README.md."""

from __future__ import annotations

import pytest
from records import IAM_USER, NOBODY, ROLE, ROOT, Become, Json, console_login, oauth, sign_in, step, switch_role


def outcomes(become: Become, record: Json) -> tuple[str, str]:
    ecs, ocsf = become(record)
    return ecs["event"]["outcome"], ocsf["status"]


SUCCESS, FAILURE, UNKNOWN = ("success", "Success"), ("failure", "Failure"), ("unknown", "Unknown")


@pytest.mark.parametrize(
    "record",
    [
        step("CredentialVerification", NOBODY, "Failure"),
        switch_role("Failure"),
        sign_in("CheckMfa", IAM_USER, {"CheckMfa": "Failure"}, {"MfaType": "Virtual MFA"}),
        sign_in("PasswordUpdated", ROOT, {"PasswordUpdated": "Failure"}),
        sign_in("NobodyKnows", ROOT, {"NobodyKnows": "Failure"}),
        console_login(result="Failure", errorMessage=...),
        console_login(result="Failure", errorMessage=None),
        console_login(result="Failure", errorMessage=""),
    ],
    ids=lambda record: record["eventName"],
)
def test_trap_1_a_failure_without_an_error_is_a_failure(become: Become, record: Json) -> None:
    assert outcomes(become, record) == FAILURE


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (step("UserAuthentication"), SUCCESS),
        (oauth("CreateOAuth2Token", "authorization_code"), SUCCESS),
        (oauth("CreateOAuth2Token", "authorization_code", success="false"), FAILURE),
        (oauth("AuthorizeOAuth2Access"), SUCCESS),
        (console_login(responseElements=None), UNKNOWN),
        (console_login(responseElements={}), UNKNOWN),
        (console_login(responseElements="null"), UNKNOWN),
        (console_login(responseElements={"ConsoleLogin": "Maybe"}), UNKNOWN),
        (console_login(responseElements={"CheckMfa": "Success"}), UNKNOWN),
        (console_login(responseElements=None, errorMessage="Failed authentication"), FAILURE),
        (console_login(responseElements=None, errorCode="AccessDenied"), FAILURE),
        (console_login(responseElements={"ConsoleLogin": "Success"}, errorMessage="x"), SUCCESS),
        (step("UserAuthentication", responseElements={"UserAuthentication": "Failure"}), FAILURE),
        (step("UserAuthentication", result="Failure", data={"success": "true"}), FAILURE),
        (oauth("CreateOAuth2Token", "authorization_code", errorCode="AccessDenied"), SUCCESS),
        (oauth("CreateOAuth2Token", "authorization_code", success="", errorCode="AccessDenied"), FAILURE),
        (sign_in("Authenticate", None, eventSource="sso.amazonaws.com", eventType="AwsServiceEvent"), UNKNOWN),
    ],
)
def test_trap_2_the_result_is_looked_for_in_its_order_and_never_guessed(
    become: Become, record: Json, expected: tuple[str, str]
) -> None:
    assert outcomes(become, record) == expected


@pytest.mark.parametrize("result", ["Success", "Failure"])
def test_trap_3_a_result_beside_an_object_is_found(become: Become, result: str) -> None:
    response = {"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE"}, "GetSigninToken": result}
    record = sign_in("GetSigninToken", ROLE, response, {"MFAUsed": "No"}, userAgent="Jersey/${project.version}")
    ecs, ocsf = become(record)
    assert (ecs["event"]["outcome"], ocsf["status"]) == (result.lower(), result)
    assert ecs["aws"]["cloudtrail"]["flattened"]["response_elements"] == response
    assert ocsf["api"]["response"]["data"] == response


STEPS = [
    sign_in("CheckMfa", IAM_USER, {"CheckMfa": "Success"}, {"MfaType": "U2F MFA"}),
    step("CredentialChallenge", data={"CredentialType": "PASSWORD"}),
    step("CredentialVerification", data={"CredentialType": "TOTP"}),
    sign_in("GetSigninToken", ROLE, {"GetSigninToken": "Success"}),
    oauth("AuthorizeOAuth2Access"),
]
LOGONS = [console_login(), step("UserAuthentication"), oauth("CreateOAuth2Token", "authorization_code")]


def test_trap_4_a_step_is_no_logon_and_a_sign_in_is_one(become: Become) -> None:
    for record in STEPS:
        ecs, ocsf = become(record)
        assert (ecs["event"]["category"], ecs["event"]["type"]) == (["authentication"], ["info"]), record["eventName"]
        assert (ocsf["activity_name"], ocsf["type_uid"]) == ("Preauth", 300206)
    for record in LOGONS:
        ecs, ocsf = become(record)
        assert (ecs["event"]["category"], ecs["event"]["type"]) == (["authentication", "session"], ["start"])
        assert (ocsf["activity_name"], ocsf["type_uid"]) == ("Logon", 300201)


@pytest.mark.parametrize("grant", ["refresh_token", "client_credentials", None, ""])
def test_trap_4_a_token_that_is_refreshed_is_no_logon(become: Become, grant: str | None) -> None:
    ecs, ocsf = become(oauth("CreateOAuth2Token", grant))
    assert ecs["event"]["type"] == ["info"]
    assert (ocsf["activity_id"], ocsf["activity_name"]) == (99, "CreateOAuth2Token")


def test_trap_4_the_steps_of_one_sign_in_are_tied_together(become: Become) -> None:
    for name in ("CredentialChallenge", "CredentialVerification", "UserAuthentication"):
        record = step(name)
        workflow = record["additionalEventData"]["AuthWorkflowID"]
        ecs, ocsf = become(record)
        assert ecs["aws"]["cloudtrail"]["signin"]["auth_workflow_id"] == workflow
        assert ocsf["metadata"]["correlation_uid"] == workflow


def test_trap_5_a_failed_factor_is_a_failed_authentication_event(become: Become) -> None:
    ecs, ocsf = become(step("CredentialVerification", NOBODY, "Failure", {"CredentialType": "PASSWORD"}))
    assert (ecs["event"]["category"], ecs["event"]["outcome"]) == (["authentication"], "failure")
    assert (ocsf["class_name"], ocsf["status"], ocsf["severity"]) == ("Authentication", "Failure", "Low")


def test_trap_6_a_failure_of_root_is_like_any_other(become: Become) -> None:
    ecs, ocsf = become(console_login(ROOT, "Failure"))
    assert (ecs["event"]["outcome"], ecs["event"]["type"], ecs["user"]["name"]) == ("failure", ["start"], "root")
    assert (ocsf["type_uid"], ocsf["status"], ocsf["user"]["type"]) == (300201, "Failure", "Admin")


@pytest.mark.parametrize("what", ["resource-based policy", "resource control policy"])
@pytest.mark.parametrize("mfa", ["Yes", "No"])
def test_trap_7_a_denial_by_policy_keeps_its_reason(become: Become, what: str, mfa: str) -> None:
    reason = f"Authorization denied because of a {what}"
    ecs, ocsf = become(console_login(result="Failure", mfa=mfa, errorMessage=reason))
    assert ecs["message"] == ocsf["message"] == "AWS console sign-in by IAM user anaya was denied by a policy"
    assert (ecs["event"]["outcome"], ecs["event"]["reason"], ecs["error"]["message"]) == ("failure", reason, reason)
    assert (ocsf["status"], ocsf["status_detail"]) == ("Failure", reason)
