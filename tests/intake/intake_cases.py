"""What the tests of intake share: records in documented shapes, carriers around them, and a count of what came out."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from doorlog.intake import Intake, Limits
from doorlog.record import Found, Json, Reject, Skip


def sign_in(name: Any = "alice", **other: Any) -> Json:
    """A console sign-in, with what the test wants different."""
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDACKCEVSQ6C2EXAMPLE",
            "accountId": "111122223333",
            "accessKeyId": "",
            "userName": name,
        },
        "eventTime": "2024-05-02T08:15:30Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "Mozilla/5.0",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MobileVersion": "No", "MFAUsed": "Yes"},
        "eventID": "11111111-2222-4333-8444-555555555555",
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        **other,
    }


def take(data: bytes, limits: Limits | None = None, format: Any = "auto", chunk: int = 0) -> list[Found]:
    """All that a stream gives, fed at once or in chunks."""
    intake = Intake(limits, format)
    found = []
    for at in range(0, len(data), chunk or max(1, len(data))):
        found += intake.feed(data[at : at + (chunk or len(data))])
    return found + intake.end()


def take_value(value: Any, limits: Limits | None = None) -> list[Found]:
    return take(json.dumps(value).encode() + b"\n", limits)


def named(found: Iterable[Found]) -> list[str]:
    """What each thing found is, in order."""
    return [_name(what) for what, *_ in found]


def counted(found: Iterable[Found]) -> dict[str, int]:
    return dict(Counter(named(found)))


def records(found: Iterable[Found]) -> list[Json]:
    return [what for what, *_ in found if isinstance(what, dict)]


def rejects(found: Iterable[Found]) -> list[Reject]:
    return [what for what, *_ in found if isinstance(what, Reject)]


def _name(what: Json | Skip | Reject) -> str:
    if isinstance(what, Skip):
        return f"skip {what.name}"
    return f"reject {what.reason}" if isinstance(what, Reject) else "record"


def text(value: Any) -> str:
    return json.dumps(value)


def packed(value: Any) -> str:
    """JSON as base64 of gzip, as CloudWatch Logs sends it."""
    return base64.b64encode(gzip.compress(json.dumps(value).encode())).decode()


def plain(value: Any) -> str:
    """JSON as base64."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def subscription(messages: list[str], stream: str = "111122223333_CloudTrail_us-east-1") -> Json:
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": "trail",
        "logStream": stream,
        "subscriptionFilters": ["all"],
        "logEvents": [{"id": str(i), "timestamp": 1714637730000, "message": m} for i, m in enumerate(messages)],
    }


def _sqs(body: str) -> Json:
    return {"messageId": "m-1", "receiptHandle": "r", "body": body, "attributes": {}, "eventSource": "aws:sqs"}


def _sns(message: str) -> Json:
    return {
        "Type": "Notification",
        "MessageId": "n-1",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:t",
        "Message": message,
    }


def _eventbridge(record: Json) -> Json:
    return {
        "version": "0",
        "id": "e-1",
        "detail-type": "AWS Console Sign In via CloudTrail",
        "source": "aws.signin",
        "account": "111122223333",
        "time": "2024-05-02T08:15:30Z",
        "region": "us-east-1",
        "resources": [],
        "detail": record,
    }


def _kinesis(data: str) -> Json:
    return {"kinesis": {"partitionKey": "a", "sequenceNumber": "1", "data": data}, "eventSource": "aws:kinesis"}


def _wazuh(record: Json) -> Json:
    return {"integration": "aws", "aws": {**record, "source": "cloudtrail", "log_info": {"s3bucket": "b"}}}


CARRIERS: dict[str, Callable[[list[Json]], Any]] = {
    "S3 log file": lambda records: {"Records": records},
    "JSON array": lambda records: records,
    "EventBridge events": lambda records: [_eventbridge(record) for record in records],
    "LookupEvents": lambda records: {
        "Events": [{"EventId": "1", "EventTime": 1714637730.0, "CloudTrailEvent": text(record)} for record in records]
    },
    "CloudWatch Logs subscription, decoded": lambda records: subscription([text(record) for record in records]),
    "CloudWatch Logs subscription to Lambda": lambda records: {
        "awslogs": {"data": packed(subscription([text(record) for record in records]))}
    },
    "CloudWatch Logs subscription by Kinesis": lambda records: {
        "Records": [_kinesis(packed(subscription([text(record)]))) for record in records]
    },
    "Kinesis with plain records": lambda records: {"Records": [_kinesis(plain(record)) for record in records]},
    "Firehose transform": lambda records: {
        "invocationId": "i",
        "records": [{"recordId": "1", "data": plain(record)} for record in records],
    },
    "Firehose HTTP endpoint": lambda records: {"requestId": "i", "records": [{"data": plain(r)} for r in records]},
    "CloudWatch Logs get-log-events": lambda records: {
        "events": [{"timestamp": 1714637730000, "message": text(record)} for record in records]
    },
    "SQS to Lambda": lambda records: {"Records": [_sqs(text(record)) for record in records]},
    "SQS received": lambda records: {"Messages": [{"MessageId": "m", "Body": text(record)} for record in records]},
    "SNS": lambda records: [_sns(text(record)) for record in records],
    "SNS to Lambda": lambda records: {"Records": [{"EventSource": "aws:sns", "Sns": _sns(text(r))} for r in records]},
    "SQS of SNS of EventBridge": lambda records: {
        "Records": [_sqs(text(_sns(text(_eventbridge(record))))) for record in records]
    },
    "CloudTrail Lake eventJson": lambda records: [{"eventJson": text(record)} for record in records],
    "CloudTrail Lake query result": lambda records: {
        "QueryStatus": "FINISHED",
        "QueryResultRows": [[{"eventID": "1"}, {"eventJson": text(record)}] for record in records],
    },
    "PutAuditEvents": lambda records: {"auditEvents": [{"id": "1", "eventData": text(record)} for record in records]},
    "Filebeat message": lambda records: [
        {"message": text(record), "event": {"dataset": "aws.cloudtrail"}, "aws": {"s3": {}}} for record in records
    ],
    "Filebeat event.original": lambda records: [
        {"event": {"original": text(record), "kind": "event"}, "message": "other"} for record in records
    ],
    "Wazuh": lambda records: [_wazuh(record) for record in records],
    "Wazuh alert": lambda records: [{"rule": {"level": 3}, "data": _wazuh(record)} for record in records],
    "Fluentd in_s3": lambda records: {"Records": records, "s3_bucket": "b", "s3_key": "k"},
    "Fluentd log": lambda records: [{"log": text(record) + "\n"} for record in records],
    "Fluentd record": lambda records: [{"record": record} for record in records],
    "Splunk HEC": lambda records: [{"event": record, "sourcetype": "aws:cloudtrail"} for record in records],
    "texts in an array": lambda records: [text(record) for record in records],
}
"""Every carrier of records that intake knows, as a function that puts records into it."""
