"""Rows of tables that were made of records become records again, with CloudTrail's names and types."""

from __future__ import annotations

import json
from typing import Any

from intake_cases import named, records, sign_in, take_value, text

ATHENA = {
    "eventversion": "1.08",
    "useridentity": {
        "type": "AssumedRole",
        "principalid": "AROACKCEVSQ6C2EXAMPLE:anaya",
        "accountid": "111122223333",
        "sessioncontext": {
            "attributes": {"mfaauthenticated": "false", "creationdate": "2024-05-02T08:00:00Z"},
            "sessionissuer": {"type": "Role", "principalid": "AROACKCEVSQ6C2EXAMPLE", "username": "Admin"},
        },
    },
    "eventtime": "2024-05-02T08:15:30Z",
    "eventsource": "signin.amazonaws.com",
    "eventname": "ConsoleLogin",
    "sourceipaddress": "203.0.113.7",
    "requestparameters": None,
    "responseelements": '{"ConsoleLogin":"Success"}',
    "additionaleventdata": '{"MFAUsed":"No","lowercase":1}',
    "resources": [
        {"arn": "arn:aws:iam::111122223333:role/Admin", "accountid": "111122223333", "type": "AWS::IAM::Role"}
    ],
    "readonly": "false",
    "managementevent": "True",
    "tlsdetails": '{"tlsVersion":"TLSv1.3"}',
    "serviceeventdetails": "{torn",
    "vpcendpointaccountid": None,
    "region": "us-east-1",
}


def test_an_athena_row_gets_the_record_s_names_and_types_back() -> None:
    [record] = records(take_value(ATHENA))
    assert record == {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROACKCEVSQ6C2EXAMPLE:anaya",
            "accountId": "111122223333",
            "sessionContext": {
                "attributes": {"mfaAuthenticated": "false", "creationDate": "2024-05-02T08:00:00Z"},
                "sessionIssuer": {"type": "Role", "principalId": "AROACKCEVSQ6C2EXAMPLE", "userName": "Admin"},
            },
        },
        "eventTime": "2024-05-02T08:15:30Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "sourceIPAddress": "203.0.113.7",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MFAUsed": "No", "lowercase": 1},
        "resources": [
            {"ARN": "arn:aws:iam::111122223333:role/Admin", "accountId": "111122223333", "type": "AWS::IAM::Role"}
        ],
        "readOnly": False,
        "managementEvent": True,
        "tlsDetails": {"tlsVersion": "TLSv1.3"},
        "serviceEventDetails": "{torn",
        "vpcEndpointAccountId": None,
        "region": "us-east-1",
    }


def test_rows_come_out_of_arrays_and_fluentd_too() -> None:
    assert named(take_value([ATHENA, {"message": text(ATHENA)}])) == ["record", "record"]


def test_a_damaged_row_is_a_record_and_a_lookalike_stays_one() -> None:
    assert named(take_value({"eventversion": "1.08", "eventtime": "x"})) == ["skip not-cloudtrail"]
    assert named(take_value({**ATHENA, "eventname": None})) == ["record"]
    assert named(take_value({**ATHENA, "eventtype": "AwsVpceEvent"})) == ["skip network-activity"]


def test_a_lake_query_result_of_text_columns_is_parsed_column_by_column() -> None:
    record = sign_in()
    cells = [
        {key: item if isinstance(item, str) else json.dumps(item)} for key, item in record.items() if item is not None
    ]
    [restored] = records(take_value({"QueryResultRows": [cells]}))
    assert restored == {key: item for key, item in record.items() if item is not None}


def test_a_record_whose_user_identity_is_json_text_gets_it_parsed() -> None:
    record = sign_in()
    assert records(take_value({**record, "userIdentity": text(record["userIdentity"]), "readOnly": "false"})) == [
        record
    ]


def test_a_sentinel_row_becomes_the_record_that_it_was_made_of() -> None:
    row: dict[str, Any] = {
        "TimeGenerated": "2024-05-02T08:15:30Z",
        "AwsEventId": "11111111-2222-4333-8444-555555555555",
        "EventVersion": "1.09",
        "EventSource": "signin.amazonaws.com",
        "EventTypeName": "AwsConsoleSignIn",
        "EventName": "ConsoleLogin",
        "UserIdentityType": "IAMUser",
        "UserIdentityUserName": "alice",
        "UserIdentityArn": "",
        "SessionMfaAuthenticated": None,
        "SessionIssuerUserName": "Admin",
        "AWSRegion": "us-east-1",
        "SourceIpAddress": "203.0.113.7",
        "ResponseElements": '{"ConsoleLogin":"Failure"}',
        "ReadOnly": "false",
        "TlsVersion": "TLSv1.3",
        "TenantId": "t",
        "Type": "AWSCloudTrail",
    }
    assert records(take_value(row)) == [
        {
            "eventTime": "2024-05-02T08:15:30Z",
            "eventID": "11111111-2222-4333-8444-555555555555",
            "eventVersion": "1.09",
            "eventSource": "signin.amazonaws.com",
            "eventType": "AwsConsoleSignIn",
            "eventName": "ConsoleLogin",
            "userIdentity": {
                "type": "IAMUser",
                "userName": "alice",
                "sessionContext": {"sessionIssuer": {"userName": "Admin"}},
            },
            "awsRegion": "us-east-1",
            "sourceIPAddress": "203.0.113.7",
            "responseElements": {"ConsoleLogin": "Failure"},
            "readOnly": False,
            "tlsDetails": {"tlsVersion": "TLSv1.3"},
        }
    ]
