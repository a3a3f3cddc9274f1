"""Whether a second factor was used: yes, no, or nothing said. The numbers are those of the entries in README.md."""

from __future__ import annotations

from typing import Any

import pytest
from records import BEFORE_2025, FEDERATED, IAM_USER, ROLE, ROOT, SINCE_2025, Become, Json, console_login, sign_in, step

SSO_ROLE = ROLE | {
    "arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ReadOnly_0123456789abcdef/carla@example.com",
    "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "AWSReservedSSO_ReadOnly_0123456789abcdef"}},
}
SAML = {"SamlProviderArn": "arn:aws:iam::111122223333:saml-provider/ExampleIdP"}


def mfa(become: Become, record: Json) -> bool | None:
    """What both events say, which has to be the same."""
    ecs, ocsf = become(record)
    said = ecs["aws"]["cloudtrail"].get("signin", {}).get("mfa")
    assert ocsf.get("is_mfa") is said
    assert isinstance(said, bool | None)
    return said


def federated(become: Become, record: Json) -> bool | None:
    found = become(record)[0]["aws"]["cloudtrail"].get("signin", {}).get("federated")
    assert isinstance(found, bool | None)
    return found


@pytest.mark.parametrize("identity", [ROLE, FEDERATED, SSO_ROLE], ids=["role", "federated", "sso"])
def test_trap_8_no_says_nothing_of_who_came_by_a_role_or_federation(become: Become, identity: Json) -> None:
    assert mfa(become, console_login(identity, mfa="No")) is None
    assert mfa(become, console_login(identity, mfa="No", data=SAML)) is None
    assert mfa(become, console_login(identity, mfa="Yes")) is True


@pytest.mark.parametrize("identity", [IAM_USER, ROOT], ids=["user", "root"])
def test_trap_8_no_is_no_for_those_whom_aws_asks(become: Become, identity: Json) -> None:
    assert mfa(become, console_login(identity, mfa="No")) is False
    assert mfa(become, console_login(identity, mfa=None)) is None


def test_trap_8_federation_is_marked(become: Become) -> None:
    assert federated(become, console_login(FEDERATED)) is True
    assert federated(become, console_login(SSO_ROLE)) is True
    assert federated(become, console_login({k: v for k, v in SSO_ROLE.items() if k != "sessionContext"})) is True
    assert federated(become, console_login(ROLE, data=SAML)) is True
    assert federated(become, console_login(ROLE)) is None
    assert federated(become, console_login()) is None


def test_trap_9_yes_on_a_failure_says_at_which_step_it_failed(become: Become) -> None:
    ecs, ocsf = become(console_login(result="Failure", mfa="Yes"))
    assert ecs["message"] == ocsf["message"] == "AWS console sign-in by IAM user anaya failed at the MFA step"
    assert ecs["event"]["outcome"] == "failure"
    assert "session" not in ocsf
    assert ecs["aws"]["cloudtrail"]["console_login"]["additional_eventdata"]["mfa_used"] is True


@pytest.mark.parametrize(
    ("said", "expected"),
    [("Yes", True), ("YES", True), ("yes", True), ("No", False), ("NO", False), ("no", False), ("", None), ("?", None)],
)
def test_trap_10_yes_and_no_count_in_any_case_and_nothing_else_does(
    become: Become, said: str, expected: bool | None
) -> None:
    assert mfa(become, console_login(mfa=said)) is expected


@pytest.mark.parametrize(
    ("identifier", "factor", "kind"),
    [
        ("arn:aws:iam::111122223333:mfa/anaya-phone", "TOTP", "One Time Password (OTP)"),
        ("arn:aws-us-gov:iam::111122223333:mfa/anaya-phone", "TOTP", "One Time Password (OTP)"),
        ("arn:aws:iam::111122223333:u2f/user/anaya/default-ABCDEFGH", "WEBAUTHN", "WebAuthn"),
        ("arn:aws:iam::111122223333:sms-mfa/anaya", "SMS", "SMS"),
        ("GAHT12345678", "HARDWARE", "Hardware Token"),
    ],
)
def test_trap_10_a_device_that_is_named_was_used(become: Become, identifier: str, factor: str, kind: str) -> None:
    for used in ("Yes", None):
        record = console_login(mfa=used, data={"MFAIdentifier": identifier})
        assert mfa(become, record) is True
        ecs, ocsf = become(record)
        assert ecs["aws"]["cloudtrail"]["signin"]["factors"] == ["PASSWORD", factor]
        assert ocsf["auth_factors"][1]["factor_type"] in (kind, "OTP")


@pytest.mark.parametrize("identity", [SINCE_2025, BEFORE_2025], ids=["since 2025", "before"])
@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ("PASSWORD,TOTP", True),
        ("PASSWORD, TOTP", True),
        ("TOTP,PASSWORD", True),
        ("PASSWORD,WEBAUTHN", True),
        ("PASSWORD,EMAIL_OTP", True),
        ("PASSWORD,RESYNC_TOTP", True),
        ("EXTERNAL_IDP,TOTP", True),
        ("WEBAUTHN,TOTP", True),
        ("EMAIL_OTP,WEBAUTHN", True),
        ("PASSWORD,PUSH_NOTIFICATION", True),
        ("RESYNC_TOTP,TOTP", None),
        ("TOTP, TOTP", None),
        ("PASSWORD,PASSWORD", False),
        ("PASSWORD,", False),
        ("PASSWORD", False),
        ("EXTERNAL_IDP", None),
        ("WEBAUTHN", None),
        ("SMARTCARD", None),
        ("TOTP", None),
        ("SOMETHING_NEW", None),
        ("", None),
        (None, None),
        (5, None),
        (["PASSWORD", "TOTP"], None),
    ],
)
def test_trap_11_the_factors_of_a_directory_tell_it(
    become: Become, identity: Json, types: Any, expected: bool | None
) -> None:
    assert mfa(become, step("UserAuthentication", identity, data={"CredentialType": types})) is expected


def test_trap_11_one_factor_of_a_step_says_nothing_of_the_whole(become: Become) -> None:
    for name in ("CredentialChallenge", "CredentialVerification"):
        for kind in ("PASSWORD", "TOTP"):
            assert mfa(become, step(name, data={"CredentialType": kind})) is None


@pytest.mark.parametrize(
    ("kind", "factors"),
    [
        ("Virtual MFA", ["TOTP"]),
        ("U2F MFA", ["U2F"]),
        ("Hardware MFA", ["HARDWARE"]),
        ("Passkey MFA", ["Passkey MFA"]),
        ("Multiple MFA Devices", None),
        ("", None),
    ],
)
def test_trap_11_the_factor_that_a_check_found_is_told_and_says_nothing_of_mfa(
    become: Become, kind: str, factors: list[str] | None
) -> None:
    record = sign_in("CheckMfa", IAM_USER, {"CheckMfa": "Success"}, {"MfaType": kind})
    assert mfa(become, record) is None
    ecs, ocsf = become(record)
    assert ecs["aws"]["cloudtrail"].get("signin", {}).get("factors") == factors
    assert len(ocsf.get("auth_factors", [])) == len(factors or [])
