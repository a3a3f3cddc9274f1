"""Who signed in, and who did not. The numbers are those of the entries in README.md."""

from __future__ import annotations

import json
from typing import Any

import pytest
from records import (
    ACCOUNT,
    BEFORE_2025,
    BETWEEN,
    FEDERATED,
    IAM_USER,
    MASK,
    NOBODY,
    OTHER_ACCOUNT,
    ROLE,
    ROOT,
    SINCE_2025,
    STORE,
    USER_ID,
    Become,
    Json,
    console_login,
    sign_in,
    step,
    switch_role,
)

from doorlog.record import Reject


def test_trap_12_role_session_and_principal_are_told_apart(become: Become) -> None:
    ecs, ocsf = become(console_login(ROLE))
    assert ecs["user"] == {
        "name": "carla@example.com",
        "id": "AROADBQP57FF2AEXAMPLE:carla@example.com",
        "email": "carla@example.com",
        "roles": ["Analysts"],
    }
    assert ecs["aws"]["cloudtrail"]["signin"]["session_name"] == "carla@example.com"
    assert (ocsf["user"]["name"], ocsf["user"]["uid"]) == ("carla@example.com", ROLE["arn"])
    assert (ocsf["user"]["uid_alt"], ocsf["user"]["type"]) == (ROLE["principalId"], "AssumedRole")
    assert ocsf["actor"]["session"]["issuer"] == f"arn:aws:iam::{ACCOUNT}:role/Analysts"


def test_trap_12_a_role_of_an_instance_is_found_by_its_principal(become: Become) -> None:
    instance = ROLE | {
        "principalId": "AROADBQP57FF2AEXAMPLE:i-0123456789abcdef0",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Analysts/i-0123456789abcdef0",
    }
    ecs, _ = become(console_login(instance))
    assert ":i-" in ecs["user"]["id"]


def test_trap_12_a_role_that_acts_for_a_person_keeps_its_principal(become: Become) -> None:
    record = console_login(ROLE | {"onBehalfOf": {"userId": USER_ID, "identityStoreArn": STORE}})
    ecs, ocsf = become(record)
    assert (ecs["user"]["id"], ocsf["user"]["uid"]) == (ROLE["principalId"], ROLE["arn"])
    assert ecs["aws"]["cloudtrail"]["user_identity"]["on_behalf_of"]["user_id"] == USER_ID


def test_trap_12_without_an_arn_the_principal_has_the_session_name(become: Become) -> None:
    for arn in ("", None, ...):
        identity = {key: value for key, value in (ROLE | {"arn": arn}).items() if value is not ...}
        ecs, _ = become(console_login(identity))
        assert (ecs["user"]["name"], ecs["user"]["roles"]) == ("carla@example.com", ["Analysts"])
        assert ecs["aws"]["cloudtrail"]["signin"]["session_name"] == "carla@example.com"


@pytest.mark.parametrize(
    ("identity", "name", "ids"),
    [
        (BEFORE_2025, "alice", None),
        (BETWEEN, "alice", USER_ID),
        (SINCE_2025, None, USER_ID),
        (SINCE_2025 | {"type": "Unknown"}, None, USER_ID),
        (SINCE_2025 | {"arn": "", "accessKeyId": "", "principalId": ""}, None, USER_ID),
        (BEFORE_2025 | {"userName": "example.com/alice"}, "example.com/alice", None),
        (BEFORE_2025 | {"principalId": "example.com//S-1-5-21-1-2"}, "alice", "example.com//S-1-5-21-1-2"),
    ],
)
def test_trap_13_every_shape_of_a_directory_user_is_understood(
    become: Become, identity: Json, name: str | None, ids: str | None
) -> None:
    ecs, ocsf = become(step("UserAuthentication", identity))
    assert ecs.get("user", {}).get("name") == name
    assert ecs.get("user", {}).get("id") == ids
    assert ocsf["user"].get("name") == name
    assert ocsf["user"].get("uid") == ids
    if "onBehalfOf" in identity:
        assert ocsf["actor"]["idp"]["uid"] == STORE


@pytest.mark.parametrize("identity", [SINCE_2025, NOBODY], ids=["since 2025", "nobody"])
def test_trap_13_the_name_that_was_typed_is_the_name(become: Become, identity: Json) -> None:
    for typed in ("alice", "alice@example.com", "example.com/alice"):
        ecs, ocsf = become(step("CredentialChallenge", identity, data={"UserName": typed}))
        assert (ecs["user"]["name"], ocsf["user"]["name"]) == (typed, typed)
        assert typed in ecs["related"]["user"]


MASKED = [
    console_login({"type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": "", "userName": MASK}, "Failure"),
    console_login(ROOT | {"userName": MASK}, "Failure"),
    step("CredentialVerification", NOBODY, "Failure", {"UserName": MASK}),
    step("CredentialVerification", NOBODY | {"userName": MASK}, "Failure"),
    step("CredentialVerification", NOBODY | {"principalId": MASK}, "Failure"),
    step("CredentialVerification", SINCE_2025 | {"onBehalfOf": {"userId": MASK, "identityStoreArn": STORE}}, "Failure"),
    console_login(IAM_USER | {"userName": MASK, "principalId": MASK, "arn": f"arn:aws:iam::{ACCOUNT}:user/{MASK}"}),
    console_login(ROOT | {"principalId": MASK, "arn": f"arn:aws:iam::{ACCOUNT}:{MASK}"}, "Failure"),
    *(
        console_login(role | {"arn": f"arn:aws:sts::{ACCOUNT}:{resource}/{MASK}", "principalId": principal}, "Failure")
        for role, resource in ((ROLE, "assumed-role/Analysts"), (FEDERATED, "federated-user"))
        for principal in (MASK, f"AROADBQP57FF2AEXAMPLE:{MASK}")
    ),
    *(
        switch_role(origin=origin, result=result)
        for result in ("Success", "Failure")
        for origin in (
            MASK,
            f"arn:aws:iam::{ACCOUNT}:user/{MASK}",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Analysts/{MASK}",
            f"arn:aws:iam::{ACCOUNT}:{MASK}",
        )
    ),
    sign_in("NobodyKnows", {"type": "Unknown", "userName": MASK}, {"NobodyKnows": "Failure"}),
]


@pytest.mark.parametrize("record", MASKED, ids=lambda record: record["eventName"])
def test_trap_14_the_mask_is_nobody(become: Become, record: Json) -> None:
    ecs, ocsf = become(record)
    seen = [ecs.get("user"), ecs.get("related"), ecs["message"], ocsf["user"], ocsf.get("actor"), ocsf["observables"]]
    assert MASK not in json.dumps(seen)
    # It is kept nevertheless: it says that somebody typed what is no user's name.
    assert MASK in json.dumps(ecs["aws"])
    assert MASK in json.dumps(ocsf["unmapped"])


def test_trap_14_a_masked_session_has_no_name(become: Become) -> None:
    ecs, ocsf = become(
        console_login({"type": "AssumedRole", "principalId": f"AROADBQP57FF2AEXAMPLE:{MASK}"}, "Failure")
    )
    assert "user" not in ecs
    assert ocsf["user"]["name"] == "unknown"


def test_trap_15_on_a_role_switch_the_one_who_switches_acts(become: Become) -> None:
    ecs, ocsf = become(switch_role())
    assert ecs["user"]["name"] == "anaya"
    assert ecs["user"]["effective"] == {"name": "anaya", "id": "AROADEVEL0001EXAMPLE:anaya", "roles": ["Admin"]}
    assert (ecs["cloud"]["account"]["id"], ecs["cloud"]["origin"]["account"]["id"]) == (OTHER_ACCOUNT, ACCOUNT)
    actor, user = ocsf["actor"]["user"], ocsf["user"]
    assert (actor["uid"], actor["account"]["uid"]) == (f"arn:aws:iam::{ACCOUNT}:user/anaya", ACCOUNT)
    assert (user["account"]["uid"], user["type"]) == (OTHER_ACCOUNT, "AssumedRole")
    assert (ocsf["activity_name"], ocsf["account_switch_type"]) == ("Account Switch", "Substitute User")


@pytest.mark.parametrize(
    ("origin", "name", "roles", "kind"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/people/anaya", "anaya", None, "User"),
        (f"arn:aws:iam::{ACCOUNT}:root", "root", None, "Admin"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Analysts/carla@example.com", "carla@example.com", ["Analysts"], None),
        (f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/Analysts/carla", "carla", ["Analysts"], None),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/dana", "dana", None, "User"),
        ("somebody", "somebody", None, "Unknown"),
    ],
)
def test_trap_15_whoever_switches_is_named(
    become: Become, origin: Any, name: str, roles: list[str] | None, kind: str | None
) -> None:
    ecs, ocsf = become(switch_role(origin=origin))
    assert (ecs["user"]["name"], ecs["user"].get("roles")) == (name, roles)
    assert ocsf["actor"]["user"]["name"] == name
    assert ocsf["actor"]["user"]["type"] == (kind or "AssumedRole")


@pytest.mark.parametrize("origin", [None, {"arn": "x"}, MASK, f"arn:aws:iam::{ACCOUNT}:user/{MASK}"])
def test_trap_15_the_role_is_not_the_one_who_switched_to_it(become: Become, origin: Any) -> None:
    ecs, ocsf = become(switch_role(origin=origin))
    assert ecs["user"] == {"effective": {"name": "anaya", "id": "AROADEVEL0001EXAMPLE:anaya", "roles": ["Admin"]}}
    assert ecs["message"] == "AWS console role switch by unknown user succeeded"
    from_elsewhere = isinstance(origin, str) and ACCOUNT in origin
    assert ecs["cloud"].get("origin", {}).get("account", {}).get("id") == (ACCOUNT if from_elsewhere else None)
    actor = ocsf.get("actor", {}).get("user", {})
    assert not {"name", "uid", "uid_alt", "email_addr"} & actor.keys()
    assert (ocsf["user"]["name"], ocsf["user"]["account"]["uid"]) == ("anaya", OTHER_ACCOUNT)


def test_trap_15_the_pair_of_a_switch_is_found_by_its_shared_id(become: Become) -> None:
    record = switch_role(sharedEventID="0b0c1d2e-0000-4000-8000-000000000001")
    ecs, ocsf = become(record)
    assert ecs["aws"]["cloudtrail"]["shared_event_id"] == ocsf["metadata"]["correlation_uid"] == record["sharedEventID"]


@pytest.mark.parametrize("alias", [None, "", "example-corp", "AWS ROOT USER", MASK])
def test_trap_16_root_is_root_whatever_name_the_account_has(become: Become, alias: str | None) -> None:
    for principal in (ACCOUNT, "AIDACKCEVSQ6C2EXAMPLE"):
        ecs, ocsf = become(console_login(ROOT | {"userName": alias, "principalId": principal}))
        assert (ecs["user"]["name"], ecs["user"]["id"]) == ("root", principal)
        assert (ocsf["user"]["name"], ocsf["user"]["type"]) == ("root", "Admin")
        assert ecs["message"] == "AWS console sign-in by root user succeeded"


@pytest.mark.parametrize(
    "arn", ["", None, "arn:aws:iam", "anaya", ":::::", "/", f"arn:aws-cn:iam::{ACCOUNT}:user/anaya"]
)
@pytest.mark.parametrize("kind", ["IAMUser", "Root", "AssumedRole", "FederatedUser", "IdentityCenterUser", "New"])
def test_trap_17_an_arn_may_be_empty_absent_or_another_partition_s(become: Become, kind: str, arn: str | None) -> None:
    ecs, ocsf = become(console_login({"type": kind, "arn": arn, "accountId": ACCOUNT, "accessKeyId": ""}, "Failure"))
    own = ecs["aws"]["cloudtrail"]["user_identity"]
    assert ("arn" in own, "access_key_id" in own) == (bool(arn), False)
    assert '""' not in json.dumps([ecs, ocsf])


@pytest.mark.parametrize(
    ("arn", "region", "partition"),
    [
        (f"arn:aws-us-gov:iam::{ACCOUNT}:user/anaya", "us-gov-west-1", "aws-us-gov"),
        (f"arn:aws-cn:iam::{ACCOUNT}:user/anaya", "cn-north-1", "aws-cn"),
        (f"arn:aws-iso-b:iam::{ACCOUNT}:user/anaya", "us-isob-east-1", "aws-iso-b"),
        ("", "us-gov-west-1", "aws-us-gov"),
        ("", "cn-northwest-1", "aws-cn"),
        ("", "us-east-1", None),
    ],
)
def test_trap_17_the_partition_is_the_one_of_the_record(
    become: Become, arn: str, region: str, partition: str | None
) -> None:
    _, ocsf = become(console_login(IAM_USER | {"arn": arn}, awsRegion=region))
    assert ocsf["cloud"].get("cloud_partition") == partition


@pytest.mark.parametrize("identity", [None, ..., {}, {"type": None}, {"type": ""}, {"type": "New", "accountId": ""}])
def test_trap_18_an_identity_may_be_missing(become: Become, identity: Any) -> None:
    ecs, ocsf = become(console_login(identity, "Failure"))
    assert "user" not in ecs
    assert ecs["message"] == "AWS console sign-in by unknown user failed"
    assert ocsf["user"]["name"] == "unknown"


def test_trap_18_an_identity_that_is_no_object_is_a_reject_that_says_so(outcome_of: Any) -> None:
    reject = outcome_of(console_login("anaya"))
    assert isinstance(reject, Reject)
    assert [problem.path for problem in reject.problems] == ["$.userIdentity"]


@pytest.mark.parametrize("kind", ["SAMLUser", "WebIdentityUser"])
def test_trap_18_an_identity_provider_is_kept_and_named(become: Become, kind: str) -> None:
    identity = {"type": kind, "principalId": "example:dana", "userName": "dana", "identityProvider": "idp.example.com"}
    ecs, ocsf = become(console_login(identity))
    assert ecs["aws"]["cloudtrail"]["user_identity"]["identity_provider"] == "idp.example.com"
    assert ecs["aws"]["cloudtrail"]["signin"]["federated"] is True
    assert (ocsf["actor"]["idp"]["uid"], ocsf["user"]["name"], ocsf["user"]["type"]) == (
        "idp.example.com",
        "dana",
        "User",
    )


def test_trap_18_a_federated_user_has_a_name(become: Become) -> None:
    ecs, _ = become(console_login(FEDERATED))
    assert (ecs["user"]["name"], ecs["user"]["id"]) == ("broker-dana", f"{ACCOUNT}:broker-dana")


@pytest.mark.parametrize("kind", ["Root", "Unknown"])
def test_an_external_provider_s_failure_is_not_root_s(become: Become, kind: str) -> None:
    identity = ROOT | {"type": kind}
    response = {"ExternalIdPDirectoryLogin": "Failure"}
    record = sign_in("ExternalIdPDirectoryLogin", identity, response, {"MFAUsed": "No"}, errorMessage="Not valid")
    ecs, ocsf = become(record)
    assert "user" not in ecs
    assert ecs["message"] == "AWS external identity provider sign-in by unknown user failed"
    assert "mfa" not in ecs["aws"]["cloudtrail"]["signin"]
    assert (ocsf["user"]["type"], ocsf["auth_protocol"], ocsf["status"]) == ("Unknown", "SAML", "Failure")
