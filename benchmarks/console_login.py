"""One made-up console sign-in, in the shape that CloudTrail gives it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from people import KINDS, Person, World

FAILURES = 0.18
"""Of all sign-ins. Only IAM users and root fail at the console; others have been let in by somebody else before."""

_SHARE_THAT_FAILS = FAILURES / (KINDS["IAMUser"] + KINDS["Root"])
_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"

Json = dict[str, Any]


def console_login(random: Random, world: World, moment: datetime) -> Json:
    """The record of a sign-in at a moment, by somebody of this world."""
    person = world.person()
    failed = person.kind in ("IAMUser", "Root") and random.random() < _SHARE_THAT_FAILS
    nobody = failed and person.kind == "IAMUser" and random.random() < 0.2
    record: Json = {
        "eventVersion": "1.08",
        "userIdentity": _nobody(person) if nobody else _identity(random, person, moment, failed),
        "eventTime": written(moment),
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": person.region,
        "sourceIPAddress": world.addresses.one(),
        "userAgent": world.agents.one(),
    }
    if failed:
        record["errorMessage"] = "No username found in supplied account" if nobody else "Failed authentication"
    return record | {
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Failure" if failed else "Success"},
        "additionalEventData": _circumstances(random, person, failed),
        "eventID": str(UUID(int=random.getrandbits(128), version=4)),
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": person.account,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3" if random.random() < 0.9 else "TLSv1.2",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{person.region}.signin.aws.amazon.com",
        },
    }


def _nobody(person: Person) -> Json:
    """What AWS tells of a name that no user has."""
    return {"type": "IAMUser", "accountId": person.account, "accessKeyId": "", "userName": _HIDDEN}


def _identity(random: Random, person: Person, moment: datetime, failed: bool) -> Json:
    account = person.account
    if person.kind == "Root":
        arn = f"arn:aws:iam::{account}:root"
        return {"type": "Root", "principalId": account, "arn": arn, "accountId": account, "accessKeyId": ""}
    if person.kind == "IAMUser":
        own = {} if failed else {"arn": f"arn:aws:iam::{account}:user/{person.name}"}
        own = {"type": "IAMUser", "principalId": person.id, **own, "accountId": account, "accessKeyId": ""}
        return own | {"userName": person.name}
    key = "ASIA" + "".join(random.choices("ABCDEFGHJKLMNPQR234567", k=9)) + "EXAMPLE"
    begun = written(moment - timedelta(seconds=random.randrange(90)))
    attributes = {"creationDate": begun, "mfaAuthenticated": "false"}
    if person.kind == "FederatedUser":
        return {
            "type": "FederatedUser",
            "principalId": f"{account}:{person.name}",
            "arn": f"arn:aws:sts::{account}:federated-user/{person.name}",
            "accountId": account,
            "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "IAMUser",
                    "principalId": person.id,
                    "arn": f"arn:aws:iam::{account}:user/federation-broker",
                    "accountId": account,
                    "userName": "federation-broker",
                },
                "attributes": attributes,
            },
        }
    return {
        "type": "AssumedRole",
        "principalId": f"{person.id}:{person.name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{person.role}/{person.name}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": person.id,
                "arn": f"arn:aws:iam::{account}:role/{person.role}",
                "accountId": account,
                "userName": person.role,
            },
            "webIdFederationData": {},
            "attributes": attributes,
        },
    }


def _circumstances(random: Random, person: Person, failed: bool) -> Json:
    given: Json = {}
    if person.kind != "AssumedRole":
        given["LoginTo"] = _page(random, person)
    elif random.random() < 0.5:
        given["SamlProviderArn"] = f"arn:aws:iam::{person.account}:saml-provider/ExampleIdP"
    given["MobileVersion"] = "Yes" if random.random() < 0.02 else "No"
    if person.mfa and person.kind in ("IAMUser", "Root"):
        if not failed:
            given["MFAIdentifier"] = f"arn:aws:iam::{person.account}:mfa/{person.name}-phone"
        given["MFAUsed"] = "Yes"
    else:
        given["MFAUsed"] = "No"
    return given


def _page(random: Random, person: Person) -> str:
    """Where the console went: two of three times with a state of its own, as the sign-in page makes them."""
    if random.random() < 0.33:
        return "https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true"
    state = f"hashArgsFromTB_{person.region}_{random.getrandbits(64):016x}"
    return f"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state={state}"


def written(moment: datetime) -> str:
    """A moment as records have it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
