"""Records in the shapes that AWS documents, with invented values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Become = Callable[[Json], tuple[Json, Json]]
"""A record to its ECS and its OCSF event."""

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
MASK = "HIDDEN_DUE_TO_SECURITY_REASONS"
STORE = f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-1234567890"
USER_ID = "94482488-3041-7026-18f3-be45837cd0e4"

IAM_USER: Json = {
    "type": "IAMUser",
    "principalId": "AIDACKCEVSQ6C2EXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/anaya",
    "accountId": ACCOUNT,
    "accessKeyId": "",
    "userName": "anaya",
}
ROOT: Json = {
    "type": "Root",
    "principalId": ACCOUNT,
    "arn": f"arn:aws:iam::{ACCOUNT}:root",
    "accountId": ACCOUNT,
    "accessKeyId": "",
}
ROLE: Json = {
    "type": "AssumedRole",
    "principalId": "AROADBQP57FF2AEXAMPLE:carla@example.com",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Analysts/carla@example.com",
    "accountId": ACCOUNT,
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "principalId": "AROADBQP57FF2AEXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT}:role/Analysts",
            "accountId": ACCOUNT,
            "userName": "Analysts",
        },
        "attributes": {"creationDate": "2024-06-11T09:15:20Z", "mfaAuthenticated": "false"},
    },
}
FEDERATED: Json = {
    "type": "FederatedUser",
    "principalId": f"{ACCOUNT}:broker-dana",
    "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/broker-dana",
    "accountId": ACCOUNT,
}
# The three shapes in which a user of a directory has been named.
BEFORE_2025: Json = {
    "type": "Unknown",
    "principalId": ACCOUNT,
    "arn": "",
    "accountId": ACCOUNT,
    "accessKeyId": "",
    "userName": "alice",
}
BETWEEN: Json = BEFORE_2025 | {"onBehalfOf": {"userId": USER_ID, "identityStoreArn": STORE}, "credentialId": "c-1"}
SINCE_2025: Json = {
    "type": "IdentityCenterUser",
    "accountId": ACCOUNT,
    "onBehalfOf": {"userId": USER_ID, "identityStoreArn": STORE},
    "credentialId": "c-1",
}
NOBODY: Json = {"type": "Unknown", "principalId": ACCOUNT, "arn": "", "accountId": ACCOUNT, "accessKeyId": ""}


def sign_in(name: str, identity: Any, response: Any = None, data: Any = None, **changes: Any) -> Json:
    """A record of the console's sign-in; `...` as a value takes a member away."""
    record: Json = {
        "eventVersion": "1.08",
        "userIdentity": identity,
        "eventTime": "2024-06-11T09:15:27Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.64",
        "userAgent": BROWSER,
        "requestParameters": None,
        "responseElements": response,
        "additionalEventData": data,
        "eventID": "3fcfb182-98f8-4744-bd45-10a95ab61cb6",
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    return {key: value for key, value in (record | changes).items() if value is not ...}


def console_login(
    identity: Any = IAM_USER, result: str = "Success", mfa: str | None = "No", data: Json | None = None, **changes: Any
) -> Json:
    """A ConsoleLogin; a failed one has AWS's usual words."""
    if result == "Failure":
        changes = {"errorMessage": "Failed authentication"} | changes
    more = {"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No"} | (data or {})
    more |= {} if mfa is None else {"MFAUsed": mfa}
    return sign_in("ConsoleLogin", identity, {"ConsoleLogin": result}, more, **changes)


def step(
    name: str, identity: Json = SINCE_2025, result: str = "Success", data: Json | None = None, **more: Any
) -> Json:
    """A step of a sign-in to a directory, which has its result in serviceEventDetails."""
    workflow = {"AuthWorkflowID": "1c5f9a3e-2f53-4f0c-9d1a-6a1f2d6f7b10"}
    changes = {"eventType": "AwsServiceEvent", "serviceEventDetails": {name: result}} | more
    return sign_in(name, identity, None, workflow | (data or {}), **changes)


def oauth(name: str, grant: str | None = None, success: str = "true", **more: Any) -> Json:
    """An OAuth call of `aws login`: an API call, with its result as a text in additionalEventData."""
    data: Json = {"success": success, "signInSessionArn": f"arn:aws:signin:us-east-1:{ACCOUNT}:session/s-1"}
    if grant:
        data["grant_type"] = grant
    asked = {"client_id": "arn:aws:signin:::devtools/same-device", "code_challenge_method": "SHA-256"}
    changes = {"eventType": "AwsApiCall", "eventVersion": "1.11", "readOnly": True, "requestParameters": asked} | more
    return sign_in(name, ROLE, None, data, **changes)


def switch_role(
    result: str = "Success", origin: str | None = f"arn:aws:iam::{ACCOUNT}:user/anaya", **more: Any
) -> Json:
    """A role switch into another account, as that account records it: without a session context or a key."""
    role = {
        "type": "AssumedRole",
        "principalId": "AROADEVEL0001EXAMPLE:anaya",
        "arn": f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/Admin/anaya",
        "accountId": OTHER_ACCOUNT,
    }
    data = {"RedirectTo": "https://console.aws.amazon.com/s3/"} | ({"SwitchFrom": origin} if origin else {})
    changes = {"recipientAccountId": OTHER_ACCOUNT} | more
    return sign_in("SwitchRole", role, {"SwitchRole": result}, data, **changes)
