"""Whatever a record holds: events that conform, a skip or a reject; never an exception, never a changed record."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leaves import Json, changed, members, objects
from strict_checks import Strict

from doorlog.normalize import Normalizer
from doorlog.record import Reject, Skip
from doorlog.rejects import REASONS
from doorlog.schema import RecordSchema

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            " ",
            "Success",
            "Failure",
            "Yes",
            "No",
            "true",
            "false",
            "IAMUser",
            "Root",
            "AssumedRole",
            "FederatedUser",
            "IdentityCenterUser",
            "Unknown",
            "AWSService",
            "HIDDEN_DUE_TO_SECURITY_REASONS",
            "203.0.113.64",
            "2001:db8::1",
            "::ffff:203.0.113.64",
            "fe80::1%eth0",
            "203.0.113.064",
            "72.xx.xxx.xxx",
            "AWS Internal",
            "signin.amazonaws.com",
            "a.b",
            "A.EXAMPLE.",
            "xn--bcher-kva.example",
            "bücher.example",
            "1.2.3",
            "-a.example",
            "a" * 64 + ".example",
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:sts::111122223333:assumed-role/Admin/alice@example.com",
            "arn:aws:iam::111122223333:mfa/x",
            "arn:aws:iam::111122223333:u2f/x",
            "arn:::::",
            "arn:",
            ":",
            "/",
            "a:b:c",
            "alice@example.com",
            "a@b",
            "@",
            "https://console.aws.amazon.com/console/home?x=1#y",
            "https://",
            "https://a.example",
            "https://a.example?",
            "https://a.example/#",
            "https://u:p@a.example:99999999/",
            "https://[::1]:80/",
            "https://[::1/",
            "http://a b/",
            "HTTP://A.EXAMPLE/",
            "/relative",
            "TLSv1.3",
            "TLSv",
            "PASSWORD",
            "PASSWORD,TOTP",
            "TOTP,TOTP",
            ",",
            ", ,",
            "EXTERNAL_IDP",
            "WEBAUTHN",
            "authorization_code",
            "2024-06-11T09:15:27Z",
            "2024-06-11T09:15:27+25:00",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59",
            "x" * 1025,
            "x" * 66000,
            "\x00",
            "\n",
            "\u2028",
            "\U0001f600",
        ]
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
SOURCES = [
    "signin.amazonaws.com",
    "signin.amazonaws.com",
    "signin.amazonaws.com",
    "sso.amazonaws.com",
    "sts.amazonaws.com",
]
NAMES = [
    "ConsoleLogin",
    "CheckMfa",
    "SwitchRole",
    "ExitRole",
    "RenewRole",
    "GetSigninToken",
    "PasswordUpdated",
    "PasswordRecoveryRequested",
    "EmailUpdated",
    "AccountNameUpdated",
    "ExternalIdPDirectoryLogin",
    "CredentialChallenge",
    "CredentialVerification",
    "UserAuthentication",
    "Authenticate",
    "Federate",
    "Logout",
    "AuthorizeOAuth2Access",
    "CreateOAuth2Token",
    "RevokeOAuth2Token",
    "Unheard",
]
TIMES = st.one_of(
    st.datetimes().map(lambda when: when.isoformat() + "Z"),
    st.sampled_from(
        ["2024-06-11T09:15:27Z", "2024-06-11 09:15:27.123456789", "20240611T091527Z", "2024-06-11T09:15:60Z"]
    ),
)
SCHEMA = RecordSchema()
PATHS = sorted(path for path in SCHEMA.types() if path.count(".") >= 1)


def odd_value(path: str) -> st.SearchStrategy[Any]:
    """Mostly what the schema lets stand there."""
    types = SCHEMA.types().get(path)
    if types is None:
        return ANYTHING
    fitting: list[st.SearchStrategy[Any]] = [TEXTS] if "string" in types else []
    fitting += [st.none()] if "null" in types else []
    fitting += [st.booleans()] if "boolean" in types else []
    fitting += [st.dictionaries(TEXTS, ANYTHING, max_size=2)] if "object" in types else []
    return st.one_of(*fitting, TEXTS) if "string" in types else st.one_of(*fitting)


@st.composite
def records(draw: st.DrawFn) -> Json:
    """Sign-in-shaped records with odd values at any paths."""
    name = draw(st.sampled_from(NAMES))
    record: Json = {
        "eventTime": draw(TIMES),
        "eventSource": draw(st.sampled_from(SOURCES)),
        "eventName": name,
        "eventType": draw(st.sampled_from(["AwsConsoleSignIn", "AwsServiceEvent", "AwsApiCall", None])),
    }
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=25, unique=True)):
        keys = path.split(".")[1:]
        if keys[0] in record and len(keys) == 1:
            continue
        value = draw(odd_value(path))
        try:
            record = changed(record, tuple(keys), value)
        except (TypeError, ValueError, AttributeError):  # something on the way is no object
            continue
    if draw(st.booleans()):
        part = draw(st.sampled_from(["responseElements", "serviceEventDetails"]))
        record[part] = {name: draw(st.sampled_from(["Success", "Failure", "Other", None, 1, ["Success"]]))}
    for place in draw(st.lists(st.sampled_from(sorted(objects(record), key=str)), max_size=2)):
        record = changed(record, (*place, draw(TEXTS)), draw(ANYTHING))
    return record


def check(normalize: Normalizer, strict: Strict | None, record: Json) -> tuple[Json, ...] | None:
    """All that holds of the result for any record; gives the events."""
    before = copy.deepcopy(record)
    result = normalize(record)
    assert json.dumps(record) == json.dumps(before), "the record was changed"
    if isinstance(result, Skip):
        assert result.name
        return None
    if isinstance(result, Reject):
        assert result.reason in REASONS
        assert result.reason != "mapping_failed", result.problems
        assert result.raw is record
        assert result.problems
        return None
    assert len(result) == len(normalize.targets)
    for target, event in zip(normalize.targets, result, strict=True):
        assert all(value not in (None, "", [], {}) for value in inside(event)), target
        assert orjson.loads(orjson.dumps(event)) == event
        if strict is not None:
            assert strict.findings(target, event) == [], target
    return result


def inside(value: Any) -> list[Any]:
    found = [inner for _, inner in members(value)]
    return found + [item for inner in found if isinstance(inner, list) for item in inner]


SETTINGS = settings(
    max_examples=int(os.environ.get("DOORLOG_EXAMPLES", "600")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@SETTINGS
@given(record=records())
def test_any_record_gives_events_a_skip_or_a_reject(normalize: Normalizer, record: Json) -> None:
    check(normalize, None, record)


@SETTINGS
@given(record=records())
def test_any_event_conforms(normalize: Normalizer, strict: Strict, record: Json) -> None:
    check(normalize, strict, record)


@settings(SETTINGS, max_examples=150)
@given(record=records())
def test_any_event_is_the_same_by_the_function_for_its_shape(both: Normalizer, record: Json) -> None:
    check(both, None, record)


@SETTINGS
@given(value=ANYTHING, record=st.dictionaries(TEXTS, ANYTHING, max_size=4))
def test_what_is_no_record_at_all_raises_nothing(normalize: Normalizer, value: Any, record: Json) -> None:
    for name in ("eventTime", "eventSource", "eventName", "userIdentity"):
        check(normalize, None, {**record, name: value})
        whole = {
            "eventTime": "2024-06-11T09:15:27Z",
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
        }
        check(normalize, None, {**whole, **record, name: value})


@SETTINGS
@given(record=records(), seed=st.integers(0, 1000))
def test_the_order_of_a_records_keys_does_not_matter(normalize: Normalizer, record: Json, seed: int) -> None:
    first, second = normalize(record), normalize(shuffled(record, random.Random(seed)))
    if isinstance(first, Reject):
        assert isinstance(second, Reject)
        assert (first.reason, set(first.problems)) == (second.reason, set(second.problems))
    else:
        assert first == second


def shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, list):
        return [shuffled(inner, order) for inner in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    return {key: shuffled(value[key], order) for key in keys}


@pytest.mark.parametrize("value", [True, 5, 1.5, "x", ["x"], {"k": "x"}], ids=repr)
def test_a_custom_field_of_ecs_has_one_type_whatever_comes(
    normalize: Normalizer, shared: Any, our_records: dict[str, Json], value: Any
) -> None:
    """Elasticsearch refuses a document whose field is a text here and an object there."""
    strict = Strict(shared)
    for record in our_records.values():
        for part in ("additionalEventData", "responseElements", "requestParameters", "serviceEventDetails"):
            inner = record.get(part)
            for key in inner if isinstance(inner, dict) else ():
                events = check(normalize, None, changed(record, (part, key), value))
                for event in (*(events or ())[:1], *check(normalize, None, record)[:1]):  # type: ignore[index]
                    assert strict.findings("ecs", event) == []
    assert [conflict["path"] for conflict in strict.ecs.custom_conflicts()] == []


def test_the_same_records_give_the_same_bytes_in_any_process(
    our_records: dict[str, Json], normalize: Normalizer
) -> None:
    code = (
        "import sys, orjson\nfrom doorlog.normalize import normalizer\nnormalize = normalizer(['ecs', 'ocsf'])\n"
        "for line in sys.stdin.buffer:\n for event in normalize(orjson.loads(line)):\n"
        "  sys.stdout.buffer.write(orjson.dumps(event) + b'\\n')\n"
    )
    given_in = b"".join(orjson.dumps(record) + b"\n" for record in our_records.values())
    here = b"".join(orjson.dumps(event) + b"\n" for record in our_records.values() for event in normalize(record))
    for seed in ("0", "1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", code], input=given_in, capture_output=True, timeout=120, env=environment, check=True
        )
        assert done.stdout == here


def test_what_was_normalized_before_does_not_matter(our_records: dict[str, Json], normalize: Normalizer) -> None:
    ordered = [orjson.dumps(normalize(record)) for record in our_records.values()]
    backwards = [orjson.dumps(normalize(record)) for record in reversed(our_records.values())]
    assert ordered == backwards[::-1]


def test_an_event_shares_nothing_that_a_later_one_could_change(
    our_records: dict[str, Json], normalize: Normalizer
) -> None:
    before = {name: orjson.dumps(normalize(record)) for name, record in our_records.items()}
    for record in our_records.values():
        for event in normalize(copy.deepcopy(record)):
            if isinstance(event, dict):
                event.clear()
    assert before == {name: orjson.dumps(normalize(record)) for name, record in our_records.items()}
