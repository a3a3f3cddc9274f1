"""Records come out of whatever carries them; what a carrier holds besides is skipped by name, or rejected."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from intake_cases import CARRIERS, named, plain, records, rejects, sign_in, subscription, take, take_value, text

from doorlog.intake import Limits
from doorlog.record import Carried


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("layout", ["one line", "pretty", "gzip"])
def test_every_carrier_gives_its_records_unchanged_and_in_order(carrier: str, layout: str) -> None:
    inside = [sign_in("alice"), sign_in("anaya", eventName="CheckMfa"), sign_in("böb\u2028")]
    data = json.dumps(CARRIERS[carrier](inside), indent=2 if layout == "pretty" else None).encode()
    found = take(gzip.compress(data) if layout == "gzip" else data)
    assert records(found) == inside
    assert [list(record) for record in records(found)] == [list(record) for record in inside]
    assert [(line, index) for _, line, index, _ in found] == [(1, 0), (1, 1), (1, 2)]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_carrier_works_inside_of_a_fluentd_message(carrier: str) -> None:
    inside = [sign_in("alice"), sign_in("anaya")]
    assert records(take_value({"message": text(CARRIERS[carrier](inside)), "tag": "x"})) == inside


@pytest.mark.parametrize(
    "value",
    [
        {"Records": []},
        [],
        {"Events": []},
        {"auditEvents": []},
        {"QueryResultRows": []},
        subscription([]),
        subscription([], stream="other"),
        {"Records": [], "s3_bucket": "b"},
    ],
)
def test_an_envelope_without_a_record_is_one_skip(value: Any) -> None:
    assert named(take_value(value)) == ["skip empty"]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"hello": "world"},
        12,
        None,
        True,
        "text",
        {"message": "a line of some log"},
        {"message": "[ERROR] First test message"},
        {"log": text({"level": "info"})},
        {"detail": {"state": "running"}, "detail-type": "EC2 Instance State-change Notification", "source": "aws.ec2"},
        {"data": "no base64 at all"},
        {"Records": "none"},
        {"body": 7},
        {"integration": "aws", "aws": {"source": "guardduty"}},
        {"Records": [{"eventSource": "aws:dynamodb", "eventName": "INSERT", "eventVersion": "1.1", "eventID": "1"}]},
        {"Records": [{"kinesis": {"data": base64.b64encode(b"Hello World").decode()}}]},
        {"Records": [{"kinesis": {"data": base64.b64encode(b"\x00\xff\x80").decode()}}]},
        {"Records": [{"messageId": "1", "body": "this is no json {{{", "eventSource": "aws:sqs"}]},
        subscription(["[ERROR] First test message"], stream="testLogStream"),
    ],
)
def test_other_content_is_a_skip_and_never_an_error(value: Any) -> None:
    assert named(take_value(value)) == ["skip not-cloudtrail"]


def test_what_an_envelope_holds_besides_records_does_not_stop_them() -> None:
    good = sign_in()
    value = {"Records": [good, {"body": "hi", "messageId": "1"}, 5, good, {"eventSource": "aws:s3"}, []]}
    assert named(take_value(value)) == [
        "record",
        "skip not-cloudtrail",
        "skip not-cloudtrail",
        "record",
        "skip s3-notification",
        "skip empty",
    ]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"Events": [{"CloudTrailEvent": "hidden value"}]}, "$.Events.0.CloudTrailEvent"),
        ({"eventJson": '{"eventName": "hidden value'}, "$.eventJson"),
        ({"auditEvents": [{"eventData": "hidden value"}]}, "$.auditEvents.0.eventData"),
        (subscription(["{}", "hidden value"]), "$.logEvents.1.message"),
        (subscription(['{"hidden value'], stream="other"), "$.logEvents.0.message"),
        ({"message": '{"hidden value": 1'}, "$.message"),
        (
            {"Records": [{"kinesis": {"data": base64.b64encode(b'{"hidden value').decode()}}]},
            "$.Records.0.kinesis.data",
        ),
    ],
)
def test_text_that_claims_to_be_a_record_and_is_no_json_is_rejected_alone_and_unquoted(value: Any, path: str) -> None:
    [reject] = rejects(take_value(value))
    assert reject.reason == "not_json"
    assert reject.problems[0].path == path
    assert "hidden" not in str(reject.problems)
    assert isinstance(reject.raw, bytes)
    assert b"hidden value" in reject.raw


@pytest.mark.parametrize(
    "data",
    [
        "no base64!",
        "abc",
        "ümlaut",
        base64.b64encode(gzip.compress(b"{}")[:-4]).decode(),
        base64.b64encode(b"\x1f\x8b\x08nonsense").decode(),
    ],
)
@pytest.mark.parametrize("carrier", ["awslogs", "kinesis", "firehose"])
def test_base64_and_gzip_that_can_t_be_decoded_reject_their_element_only(data: str, carrier: str) -> None:
    good = sign_in()
    value: Any = {
        "awslogs": [{"awslogs": {"data": data}}, good],
        "kinesis": {"Records": [{"kinesis": {"data": data}}, good]},
        "firehose": {"records": [{"recordId": "1", "data": data}, good]},
    }[carrier]
    found = take_value(value)
    assert named(found) == ["reject bad_encoding", "record"]
    assert rejects(found)[0].raw == data.encode()


def test_a_bomb_inside_of_an_envelope_is_rejected_and_its_neighbours_come_out() -> None:
    bomb = base64.b64encode(gzip.compress(b" " * 3_000_000)).decode()
    value = {"Records": [{"kinesis": {"data": bomb}}, sign_in()]}
    assert named(take_value(value, Limits(unfolded_bytes=1_000_000))) == ["reject too_large", "record"]


def test_payloads_of_one_text_share_the_limit_of_what_they_unfold_to() -> None:
    payload = base64.b64encode(gzip.compress(b'"' + b"a" * 600_000 + b'"')).decode()
    value = {"Records": [{"kinesis": {"data": payload}}] * 3}
    found = take_value(value, Limits(unfolded_bytes=1_300_000))
    assert named(found) == ["skip not-cloudtrail", "skip not-cloudtrail", "reject too_large"]
    assert rejects(found)[0].problems[0].expected.endswith(" bytes more in this text (--max-unfolded-bytes)")


def test_a_payload_of_several_values_gives_each() -> None:
    inside = [sign_in("alice"), sign_in("anaya")]
    for glue in (b"", b"\n"):
        data = base64.b64encode(glue.join(json.dumps(record).encode() for record in inside)).decode()
        assert records(take_value({"records": [{"recordId": "1", "data": data}]})) == inside
    torn = base64.b64encode(json.dumps(inside[0]).encode() + b'{"eventName').decode()
    assert named(take_value({"records": [{"recordId": "1", "data": torn}]})) == ["record", "reject not_json"]


def test_envelopes_inside_each_other_without_end_are_too_deep() -> None:
    value: Any = sign_in()
    for _ in range(7):
        value = {"message": text(value)}
    assert records(take_value(value)) == [sign_in()]
    for _ in range(6):
        value = {"message": text(value)}
    assert named(take_value(value)) == ["reject too_deep"]
    value = sign_in()
    for _ in range(40):
        value = {"record": value}
    assert named(take_value(value)) == ["reject too_deep"]


def test_text_inside_of_an_envelope_has_the_limit_of_depth_too() -> None:
    nested = sign_in(requestParameters=json.loads("[" * 63 + "]" * 63))
    assert named(take_value(nested)) == ["record"]
    assert named(take_value({"Events": [{"CloudTrailEvent": text(nested)}]})) == ["reject too_deep"]


def test_a_record_s_own_fields_win_over_an_envelope_s_name() -> None:
    record = sign_in(message="{", data="x", detail={"a": 1}, Records=[])
    assert records(take_value(record)) == [record]


@pytest.mark.parametrize(
    ("tag", "time", "carried"),
    [
        ("aws.trail", "2024-05-02T08:15:30.123456789Z", Carried("aws.trail", "2024-05-02T08:15:30.123456789Z")),
        ("aws.trail", 1714637730, Carried("aws.trail", 1714637730)),
        ("aws.trail", 1714637730.25, Carried("aws.trail", 1714637730.25)),
        (None, 1714637730, Carried(None, 1714637730)),
        ("aws.trail", None, Carried("aws.trail", None)),
        (3, True, Carried(None, None)),
    ],
)
def test_tag_and_time_that_fluentd_injected_are_taken_off_and_carried(tag: Any, time: Any, carried: Carried) -> None:
    for value in (sign_in(), {"Records": [sign_in(), sign_in()]}):
        found = take_value({**value, "__tag": tag, "__time": time})
        assert all(what == sign_in() for what, *_ in found)
        assert {what for *_, what in found} == {carried}


def test_a_record_without_them_carries_nothing() -> None:
    assert [carried for *_, carried in take_value(sign_in())] == [None]


def test_audit_events_from_outside_aws_are_skipped_by_name() -> None:
    data = {"version": "1", "eventSource": "example.com", "eventName": "Login", "eventTime": "2024-05-02T08:15:30Z"}
    assert named(take_value({"auditEvents": [{"id": "1", "eventData": text(data)}]})) == ["skip activity-log"]
    stored = {"eventCategory": "ActivityAuditLog", "eventType": "ActivityLog", "eventVersion": "1", "eventData": data}
    assert named(take_value(stored)) == ["skip activity-log"]


def test_kinesis_that_carries_a_whole_log_file_gives_its_records() -> None:
    value = {"Records": [{"kinesis": {"data": plain({"Records": [sign_in(), sign_in("anaya")]})}}]}
    assert records(take_value(value)) == [sign_in(), sign_in("anaya")]
