"""What looks like a record is skipped by its name; a damaged record is a record all the same."""

from __future__ import annotations

from typing import Any

import pytest
from intake_cases import named, records, sign_in, take_value, text

from doorlog.intake import SKIPS
from doorlog.intake.lookalikes import is_plain, is_record, lookalike

S3_NOTICE = {
    "eventVersion": "2.5",
    "eventSource": "aws:s3",
    "awsRegion": "us-east-2",
    "eventTime": "2024-05-02T08:15:30.000Z",
    "eventName": "ObjectCreated:Put",
    "userIdentity": {"principalId": "AWS:AIDACKCEVSQ6C2EXAMPLE"},
    "s3": {"bucket": {"name": "amzn-s3-demo-bucket"}, "object": {"key": "a+b%3D.json.gz"}},
}
LOOKALIKES: list[tuple[str, Any]] = [
    ("s3-notification", {"Records": [S3_NOTICE]}),
    (
        "s3-notification",
        {"Records": [{"messageId": "1", "body": text({"Records": [S3_NOTICE]}), "eventSource": "aws:sqs"}]},
    ),
    ("s3-notification", {"Type": "Notification", "TopicArn": "t", "Message": text({"Records": [S3_NOTICE]})}),
    ("s3-notification", {"detail-type": "Object Created", "source": "aws.s3", "detail": {"bucket": {"name": "b"}}}),
    ("s3-test-event", {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "amzn-s3-demo-bucket"}),
    ("cloudtrail-notification", {"s3Bucket": "b", "s3ObjectKey": ["AWSLogs/111122223333/CloudTrail/x.json.gz"]}),
    ("cloudtrail-notification", {"Type": "Notification", "Message": text({"s3Bucket": "b", "s3ObjectKey": ["k"]})}),
    ("digest", {"awsAccountId": "111122223333", "digestStartTime": "2024-05-02T08:00:00Z", "logFiles": []}),
    (
        "insight",
        {"eventType": "AwsCloudTrailInsight", "eventCategory": "Insight", "eventID": "1", "insightDetails": {}},
    ),
    ("network-activity", sign_in(eventType="AwsVpceEvent", eventCategory="NetworkActivity")),
    ("network-activity", sign_in(eventType="AwsVpceEvents", eventCategory=None)),
    (
        "aggregated",
        {"eventType": "AwsAggregatedEvent", "eventCategory": "Aggregated", "eventSource": "s3.amazonaws.com"},
    ),
    ("control-message", {"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL MESSAGE: ..."}]}),
    ("ocsf", {"class_uid": 3002, "category_uid": 3, "metadata": {"version": "1.1.0"}, "time": 1714637730000}),
    ("activity-log", {"eventType": "ActivityLog", "eventCategory": "ActivityAuditLog", "eventData": {}}),
    ("empty", {"Records": []}),
    ("not-cloudtrail", {"level": "info"}),
]


@pytest.mark.parametrize(("name", "value"), LOOKALIKES)
def test_each_lookalike_is_one_skip_by_its_name(name: str, value: Any) -> None:
    assert named(take_value(value)) == [f"skip {name}"]


def test_every_published_name_is_in_use_and_described_in_a_sentence() -> None:
    assert {name for name, _ in LOOKALIKES} == set(SKIPS)
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in SKIPS.values())


@pytest.mark.parametrize(
    "damaged",
    [
        {"eventName": None, "eventSource": "signin.amazonaws.com"},
        {"eventSource": "signin.amazonaws.com"},
        {"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com", "userIdentity": "AROAEXAMPLE"},
        {"eventName": ["x"], "eventSource": "signin.amazonaws.com", "eventType": {}, "eventCategory": []},
        {key: item for key, item in sign_in().items() if key != "eventSource"},
        {key: item for key, item in sign_in().items() if key != "eventName"},
        sign_in(eventSource=None),
        sign_in(eventSource=""),
        sign_in(eventSource=7),
        sign_in(eventSource="redacted"),
        sign_in(eventSource="signin.amazonaws.com.cn"),
        sign_in(eventType="SomethingNew", eventCategory="New"),
        sign_in(userIdentity=None),
        {"eventVersion": "1.08", "eventTime": "x", "eventID": "1"},
    ],
)
def test_a_damaged_record_comes_out_as_it_is_to_be_rejected_with_its_reason(damaged: Any) -> None:
    assert records(take_value(damaged)) == [damaged]


@pytest.mark.parametrize(
    "other",
    [
        {"eventName": "click", "eventTime": "2024-05-02T08:15:30Z"},
        {"eventSource": "web", "eventName": "click", "eventTime": "x", "userIdentity": {}},
        {
            "eventSource": "aws:kinesis",
            "eventName": "aws:kinesis:record",
            "eventVersion": "1.0",
            "eventID": "1",
            "awsRegion": "x",
        },
    ],
)
def test_other_events_with_some_of_the_same_names_are_no_records(other: Any) -> None:
    assert named(take_value(other)) == ["skip not-cloudtrail"]


def test_the_quick_answer_never_contradicts_the_full_one() -> None:
    variants: list[Any] = [sign_in(), *(value for _, value in LOOKALIKES)]
    other: list[Any] = [None, "", 1, [], {}, "aws:s3", "Insight"]
    variants += [{**sign_in(), key: item} for key in sign_in() for item in other]
    quick = [value for value in variants if is_plain(value)]
    assert len(quick) > 20
    assert all(lookalike(value) is None and is_record(value) for value in quick)
