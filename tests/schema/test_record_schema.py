"""What the schema of a sign-in record accepts, refuses and promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from doorlog.record import Json
from doorlog.schema import RecordSchema

SCHEMA = RecordSchema()
BARE = {"eventTime": "2024-06-10T13:05:00Z", "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com"}
NO_SIGN_INS = ("malformed", "negatives", "near-signin", "envelopes")

TIMES = [
    "2024-06-10T13:05:00Z",
    "2024-06-10T13:05:00.1Z",
    "2024-06-10T13:05:00.123456789Z",
    "2024-06-10T13:05:00.123456789+05:30",
    "2024-06-10T13:05:00-0730",
    "2024-06-10 13:05:00.000000000",
    "2024-06-10T13:05:00",
    "20240610T130500Z",
    "20240610T130500.5+0200",
    "2024-02-29T00:00:00Z",
    "2000-02-29T23:59:59Z",
    "2016-12-31T23:59:60Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
]

NO_TIMES = [
    "",
    "redacted",
    "...",
    "2024-06-10",
    "2024-06-10T13:05Z",
    "1718024700",
    "2024-06-10T13:05:00Z\n",
    "\n2024-06-10T13:05:00Z",
    "2024-06-10T13:05:00Z ",
    "2024-06-10T13:05:00 Z",
    "2024-06-10\t13:05:00Z",
    "2024-06-10T13:05:00.Z",
    "2024-06-10T13:05:00.1234567890Z",
    "2024-06-10T13:05:00,5Z",
    "2024-06-10T13:05:00+24:00",
    "2024-06-10T13:05:00+05:60",
    "2024-06-10T24:00:00Z",
    "2024-06-10T13:60:00Z",
    "2024-06-10T13:05:61Z",
    "2024-00-10T13:05:00Z",
    "2024-13-10T13:05:00Z",
    "2024-06-00T13:05:00Z",
    "2024-06-31T13:05:00Z",
    "20240631T130500Z",
    "2024-02-30T13:05:00Z",
    "2023-02-29T13:05:00Z",
    "20230229T130500Z",
    "1900-02-29T13:05:00Z",
    "0000-06-10T13:05:00Z",
    "20240610 130500Z",
    "2024-0610T13:05:00Z",
    "2024-W24-1T13:05:00Z",
    "2024-06-10t13:05:00z",
    "\u0662\u0660\u0662\u0664-06-10T13:05:00Z",
    "Sep 17, 2020 8:04:10 PM",
    "2024-06-10T13:05:00Z" * 1000,
]

ODD_BUT_GOOD: list[Json] = [
    {"userIdentity": None},
    {"userIdentity": {}},
    {"userIdentity": {"type": None, "arn": "", "accountId": "12345678901", "userName": "", "principalId": None}},
    {"userIdentity": {"accountId": "08966example", "sessionContext": None, "onBehalfOf": None}},
    {"userIdentity": {"sessionContext": {"sessionIssuer": {}, "webIdFederationData": {}, "attributes": None}}},
    {"userIdentity": {"sessionContext": {"attributes": {"mfaAuthenticated": True}}}},
    {"requestParameters": "None", "responseElements": "null", "additionalEventData": [1], "serviceEventDetails": 0},
    {"readOnly": "true", "managementEvent": None, "sessionCredentialFromConsole": "true"},
    {"awsRegion": "global", "sourceIPAddress": "225.01.00.16", "userAgent": "x" * 100_000},
    {"eventVersion": "2.0", "eventName": "https://portal.example.com/instance", "eventID": "redacted"},
    {"tlsDetails": None, "addendum": None, "resources": None},
    {"somethingNew": {"with": ["anything", 1.5, None]}, "": 0, "a.b": "\n", "awaRegion": "us-east-1"},
]

BAD: list[tuple[Json, str, str]] = [
    ({"eventName": None}, "$.eventName", "type"),
    ({"eventName": ""}, "$.eventName", "minLength"),
    ({"eventSource": ""}, "$.eventSource", "minLength"),
    ({"eventTime": 1718024700}, "$.eventTime", "type"),
    ({"eventTime": "yesterday"}, "$.eventTime", "pattern"),
    ({"eventTime": "2023-02-29T13:05:00Z"}, "$.eventTime", "not"),
    ({"userIdentity": "AROAEXAMPLE"}, "$.userIdentity", "type"),
    ({"userIdentity": []}, "$.userIdentity", "type"),
    ({"userIdentity": {"accountId": 111122223333}}, "$.userIdentity.accountId", "type"),
    (
        {"userIdentity": {"sessionContext": {"sessionIssuer": "x"}}},
        "$.userIdentity.sessionContext.sessionIssuer",
        "type",
    ),
    ({"awsRegion": ["us-east-1"]}, "$.awsRegion", "type"),
    ({"readOnly": 1}, "$.readOnly", "type"),
    ({"tlsDetails": {"tlsVersion": 1.3}}, "$.tlsDetails.tlsVersion", "type"),
]


def subschemas(schema: Json, path: str = "$") -> Iterator[tuple[str, Json]]:
    """Each property of the schema with its path."""
    for name, below in schema.get("properties", {}).items():
        yield f"{path}.{name}", below
        yield from subschemas(below, f"{path}.{name}")


def accepts(record: Json) -> bool:
    """What both ways of checking say, which must be the same."""
    fast = SCHEMA.proves(record)
    assert fast == (not SCHEMA.problems(record))
    return fast


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA.document)


def test_its_own_examples_are_valid() -> None:
    assert all(accepts(record) for record in SCHEMA.document["examples"])
    for path, schema in subschemas(SCHEMA.document):
        for example in schema.get("examples", []):
            names = path.split(".")[1:]
            value: Any = example
            for name in reversed(names):
                value = {name: value}
            assert accepts({**BARE, **value}), path


def test_every_property_is_described_in_a_sentence() -> None:
    for path, schema in [("$", SCHEMA.document), *subschemas(SCHEMA.document)]:
        description = schema.get("description", "")
        assert description.endswith(".") and len(description) > 15, path


def test_it_is_open_and_has_no_reference_to_fetch() -> None:
    text = json.dumps(SCHEMA.document)
    for keyword in ("additionalProperties", "unevaluatedProperties", "enum", "const", "format", "$ref", "$dynamicRef"):
        assert f'"{keyword}"' not in text


@pytest.mark.parametrize("time", TIMES)
def test_a_time_in_a_documented_spelling_is_accepted(time: str) -> None:
    assert accepts({**BARE, "eventTime": time})


@pytest.mark.parametrize("time", NO_TIMES)
def test_a_text_that_is_no_possible_time_is_refused(time: str) -> None:
    assert not accepts({**BARE, "eventTime": time})


@pytest.mark.parametrize("members", ODD_BUT_GOOD, ids=lambda members: next(iter(members)))
def test_what_published_records_hold_is_accepted(members: Json) -> None:
    assert accepts({**BARE, **members})


@pytest.mark.parametrize(("members", "path", "rule"), BAD, ids=lambda value: str(value)[:40])
def test_what_a_mapping_could_not_rely_on_is_refused(members: Json, path: str, rule: str) -> None:
    record = {**BARE, **members}
    assert not accepts(record)
    assert [(problem.path, problem.rule) for problem in SCHEMA.problems(record)] == [(path, rule)]


@pytest.mark.parametrize("name", sorted(BARE))
def test_when_what_and_where_are_required(name: str) -> None:
    record = {key: value for key, value in BARE.items() if key != name}
    assert not accepts(record)
    assert SCHEMA.problems(record) == ((f"$.{name}", "required", "text"),)


def test_the_records_in_examples_and_golden_files_are_accepted(root: Path) -> None:
    records = [json.loads(line) for line in (root / "examples" / "signins.ndjson").read_bytes().splitlines()]
    records += json.loads((root / "examples" / "s3-log-file.json").read_bytes())["Records"]
    records += [json.loads(file.read_bytes()) for file in (root / "tests" / "golden").rglob("*.record.json")]
    assert len(records) >= 20
    assert [SCHEMA.problems(record) for record in records if not accepts(record)] == []


def test_every_published_sign_in_record_is_accepted(shared: Path) -> None:
    files = [file for file in (shared / "samples").glob("*/*.json") if file.parent.name not in NO_SIGN_INS]
    assert len(files) >= 86
    refused = {file.name: SCHEMA.problems(json.loads(file.read_bytes())) for file in files}
    assert {name: problems for name, problems in refused.items() if problems} == {}
    assert all(SCHEMA.proves(json.loads(file.read_bytes())) for file in files)


def test_every_published_malformed_record_is_refused(shared: Path) -> None:
    files = sorted((shared / "samples" / "malformed").glob("*.json"))
    assert len(files) == 6
    for file in files:
        record = json.loads(file.read_bytes())
        assert not accepts(record)
        assert ("$.eventTime", "required", "text") in SCHEMA.problems(record)


def test_types_are_what_the_schema_guarantees() -> None:
    types = SCHEMA.types()
    assert types["$"] == {"object"}
    assert types["$.eventTime"] == types["$.eventName"] == {"string"}
    assert types["$.userIdentity"] == {"object", "null"}
    assert types["$.userIdentity.arn"] == {"string", "null"}
    assert types["$.userIdentity.sessionContext.attributes.mfaAuthenticated"] == {"string", "boolean", "null"}
    assert "$.responseElements" not in types
    assert "$.additionalEventData.MFAUsed" not in types
