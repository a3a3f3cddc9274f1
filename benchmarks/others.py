"""What makes other records of a console sign-in: other events of AWS, and damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from console_login import Json

Change: TypeAlias = Callable[[Json], None]


def _check_mfa(record: Json) -> None:
    record |= {"eventName": "CheckMfa", "responseElements": {"CheckMfa": "Success"}}
    record["additionalEventData"] = {"MfaType": "Virtual MFA"}


def _switch_role(record: Json) -> None:
    account = record["recipientAccountId"]
    record |= {"eventName": "SwitchRole", "responseElements": {"SwitchRole": "Success"}}
    record["additionalEventData"] = {
        "SwitchFrom": f"arn:aws:iam::{account}:user/anaya",
        "RedirectTo": "https://console.aws.amazon.com/s3/home",
    }


def _user_authentication(record: Json) -> None:
    account = record["recipientAccountId"]
    record |= {
        "eventName": "UserAuthentication",
        "eventType": "AwsServiceEvent",
        "userIdentity": {"type": "Unknown", "principalId": account, "accountId": account, "userName": "arnav"},
        "responseElements": None,
        "serviceEventDetails": {"UserAuthentication": "Success"},
        "additionalEventData": {
            "AuthWorkflowID": record["eventID"],
            "CredentialType": "PASSWORD,TOTP",
            "UserName": "arnav",
        },
    }


def _assume_role(record: Json) -> None:
    record |= {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "eventType": "AwsApiCall"}


def _list_buckets(record: Json) -> None:
    record |= {"eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "eventType": "AwsApiCall"}


OTHERS: Sequence[Change] = (_check_mfa, _switch_role, _user_authentication, _assume_role, _list_buckets)
"""Three other sign-in events, one near sign-in, and one far from it."""


def _without_time(record: Json) -> None:
    del record["eventTime"]


def _impossible_time(record: Json) -> None:
    record["eventTime"] = "2024-02-30T10:00:00Z"


def _identity_in_a_list(record: Json) -> None:
    record["userIdentity"] = [record["userIdentity"]]


DAMAGES: Sequence[Change] = (_without_time, _impossible_time, _identity_in_a_list)
"""After each, the record is none that could be normalized."""
