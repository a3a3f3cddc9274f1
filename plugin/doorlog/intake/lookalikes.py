"""What looks like a CloudTrail record, or stands where one would, and is none: skips, by name."""

from __future__ import annotations

from typing import Any

from doorlog.record import Json

SKIPS = {
    "activity-log": "An event from outside AWS that CloudTrail Lake took in through an integration.",
    "aggregated": "A CloudTrail summary that counts events and holds none of them.",
    "cloudtrail-notification": "CloudTrail's notice that it has written a log file; the records are in that file.",
    "control-message": "CloudWatch Logs' check that a subscription's destination can be reached.",
    "digest": "A CloudTrail digest file, which proves that log files are unchanged.",
    "empty": "An envelope without a record in it.",
    "insight": "A CloudTrail Insights event: an unusual rate of calls, not a call.",
    "network-activity": "A CloudTrail record of traffic through a VPC endpoint.",
    "not-cloudtrail": "JSON, or a message inside an envelope, that is not from CloudTrail.",
    "ocsf": "An event that is already normalized to OCSF, as Security Lake stores them.",
    "s3-notification": "S3's notice that an object was created or deleted; a pointer to records at most.",
    "s3-test-event": "The message that S3 sends when notifications are set up.",
}
"""The name of each kind of skip that intake gives, and what it is."""

_BY_CATEGORY = {
    "ActivityAuditLog": "activity-log",
    "Aggregated": "aggregated",
    "Insight": "insight",
    "NetworkActivity": "network-activity",
}
_BY_TYPE = {
    "ActivityLog": "activity-log",
    "AwsAggregatedEvent": "aggregated",
    "AwsCloudTrailInsight": "insight",
    "AwsVpceEvent": "network-activity",
    "AwsVpceEvents": "network-activity",
}
_OF_A_RECORD = ("eventVersion", "eventTime", "eventName", "userIdentity", "eventID", "awsRegion")


TYPES_OF_RECORDS = ("AwsConsoleSignIn", "AwsApiCall", "AwsServiceEvent", "AwsConsoleSignin", "AWSServiceEvent")
"""The event types of records; an event of another kind has none of them, whatever its category."""


def is_plain(value: Json) -> bool:
    """Whether an object is a CloudTrail record beyond doubt, with nothing to take off; the quick answer for most.

    Where this says no, `lookalike` and `is_record` decide.
    """
    source = value.get("eventSource")
    return (
        source.__class__ is str
        and source.endswith(".amazonaws.com")
        and "eventName" in value
        and value.get("eventType") in TYPES_OF_RECORDS
        and value.get("userIdentity").__class__ is dict
        and "__tag" not in value
        and "__time" not in value
    )


def lookalike(value: Json) -> str | None:
    """The name under which an object is skipped, if it is one of the known kinds that are no record."""
    kind, category = value.get("eventType"), value.get("eventCategory")
    if kind not in TYPES_OF_RECORDS and (name := _named(kind, _BY_TYPE) or _named(category, _BY_CATEGORY)):
        return name
    if value.get("eventSource") == "aws:s3" or (value.get("source") == "aws.s3" and "detail-type" in value):
        return "s3-notification"
    if value.get("Event") == "s3:TestEvent":
        return "s3-test-event"
    if "s3Bucket" in value and "s3ObjectKey" in value:
        return "cloudtrail-notification"
    if value.get("messageType") == "CONTROL_MESSAGE":
        return "control-message"
    if "digestStartTime" in value or "digestS3Object" in value:
        return "digest"
    if "class_uid" in value and ("metadata" in value or "category_uid" in value):
        return "ocsf"
    return None


def is_record(value: Json) -> bool:
    """Whether an object is a CloudTrail record, even a damaged one; to be asked of what is no lookalike.

    A record names an AWS service as its source. Without that it takes three more of the fields that every record has,
    and with the name of something else as its source, four; so that what went wrong is said of it, instead of nothing.
    """
    source = value.get("eventSource")
    if isinstance(source, str) and source:
        if source.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            return True
        if source.startswith("aws:"):
            return False
        return sum(key in value for key in _OF_A_RECORD) >= 4
    return sum(key in value for key in _OF_A_RECORD) >= (2 if "eventSource" in value else 3)


def _named(value: Any, names: dict[str, str]) -> str | None:
    return names.get(value) if isinstance(value, str) else None
