"""Every leaf of a record is kept: put anything there, and it is found in the event, or the event tells it apart."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from typing import Any

import pytest
from leaves import Json, Path, changed, leaves, members, objects, own, told, values

from doorlog.normalize import Normalizer
from doorlog.record import Reject, Skip
from doorlog.schema import RecordSchema

ODD_KEYS = [
    "newKey",
    "",
    " ",
    "a.b",
    ".",
    "$",
    "__class__",
    "__proto__",
    "@timestamp",
    "unmapped",
    "value",
    "flattened",
    "é\u2028",
    "\x00",
    "k" * 5000,
]

# Different values at one path, each of which must give an event of its own.
VARIANTS: list[Any] = [
    "Yes",
    "YES",
    "No",
    "no",
    "true",
    "TRUE",
    "false",
    True,
    False,
    0,
    1,
    1.0,
    "1",
    "0",
    "PASSWORD",
    "password",
    "PASSWORD,TOTP",
    "PASSWORD, TOTP",
    "PASSWORD,PASSWORD",
    "HIDDEN_DUE_TO_SECURITY_REASONS",
    "Success",
    "success",
    "Failure",
    "unknown",
    "TLSv1.3",
    "1.3",
    "TLSv",
    "tls",
    "root",
    "2024-06-11T09:15:27Z",
    "2024-06-11T09:15:27.000Z",
    "2024-06-11T11:15:27+02:00",
    "20240611T091527Z",
    "203.0.113.9",
    "203.0.113.009",
    "2001:db8::9",
    "2001:DB8::9",
    "https://a.example/p?q#f",
    "HTTPS://a.example/p?q#f",
    "https://a.example/p?q# f",
    "a@b.example",
    "a.example",
    "A.example",
    "arn:aws:iam::111122223333:user/x",
    "arn:aws:iam::111122223333:user/y/x",
    "x" * 1024,
    "x" * 1025,
    "x" * 70000,
    " x",
    "x ",
    "x\n",
    "\u2028",
    ["x"],
    ["x", "y"],
    [["x"]],
    [1, "1", True],
    {"k": "x"},
    {"k": {"k": "x"}},
    {"": "x"},
]


@pytest.fixture(scope="module")
def types() -> dict[str, frozenset[str]]:
    return dict(RecordSchema().types())


def event_of(normalize: Normalizer, record: Json) -> tuple[Json, ...] | None:
    """The events of a record, None for what is no sign-in any more or is refused with a reason."""
    result = normalize(record)
    if isinstance(result, Skip):
        return None
    if isinstance(result, Reject):
        assert result.reason in ("invalid_record", "bad_time", "not_conformant"), result.problems
        return None
    return result


def like(value: str, number: int) -> Iterator[str]:
    """Texts that are nowhere else: of the same class as this one, odd, and too long for many a field."""
    yield f"sentinel-{number}"
    yield f"two words {number}"
    yield f"s{number}" + "x" * 1100
    if number % 7 == 0:
        yield f"s{number}" + "x" * 66000
    yield f"ünïcödé\u2028{number}\x00'\"{{}}\\"
    yield f" s{number} "
    if value.startswith("arn:"):
        yield value + f"x{number}"
        yield value + "x" * 1100 + str(number)
    if "://" in value:
        yield f"https://u:p@s{number}.example:8443/a%20b/?q=%23&r={number}#f{number}"
        yield f"https://s{number}.example/a b"
    if "." in value and " " not in value and ":" not in value:
        yield f"s{number}.example.org"
    if value[:2] == "20":
        yield f"2024-06-11T09:{number % 60:02d}:27.{number:06d}Z"
        yield f"2024-06-11 09:{number % 60:02d}:27.{number:06d}"
    if "@" in value:
        yield f"s{number}@example.com"
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return
    yield f"2001:db8::{number:x}"
    yield f"2001:DB8:0::{number:x}"
    yield f"198.51.100.{number % 200:03d}"


def test_a_text_that_is_nowhere_else_is_found_in_the_event(both: Normalizer, our_records: dict[str, Json]) -> None:
    lost = []
    tried = 0
    for name, record in our_records.items():
        for number, (path, value) in enumerate(leaves(record), 1):
            if not isinstance(value, str):
                continue
            for text in like(value, number + 7000):
                events = event_of(both, changed(record, path, text))
                if events is None:
                    continue
                tried += 1
                for target, event in zip(both.targets, events, strict=True):
                    if ("str", text) not in values(own(event)):
                        lost.append(f"{name}: {target}: {told(path)}: {text[:40]!r}")
    assert lost == []
    assert tried > 10_000


def test_a_tls_version_is_told_by_its_number_and_its_protocol(
    normalize: Normalizer, our_records: dict[str, Json]
) -> None:
    record = changed(our_records["iam-user-success"], ("tlsDetails", "tlsVersion"), "TLSv7.sentinel")
    events = event_of(normalize, record)
    assert events is not None
    assert (events[0]["tls"]["version"], events[0]["tls"]["version_protocol"]) == ("7.sentinel", "tls")
    assert events[1]["unmapped"]["tlsDetails"]["tlsVersion"] == "TLSv7.sentinel"


def test_all_texts_at_once_are_found_in_the_event(normalize: Normalizer, our_records: dict[str, Json]) -> None:
    keep = ("eventTime", "eventSource", "eventName", "eventType")
    for name, record in our_records.items():
        texts = []
        mixed: Json = record
        for number, (path, value) in enumerate(leaves(record)):
            if isinstance(value, str) and path[0] not in keep:
                texts.append(f"{'x' * (1100 if number % 2 else 1)}{number}")
                mixed = changed(mixed, path, texts[-1])
        events = event_of(normalize, mixed)
        assert events is not None
        for target, event in zip(normalize.targets, events, strict=True):
            lost = [text[-9:] for text in texts if ("str", text) not in values(own(event))]
            assert lost == [], f"{name}: {target}"


def test_different_values_give_different_events(
    both: Normalizer, our_records: dict[str, Json], types: dict[str, frozenset[str]]
) -> None:
    """Whatever is cast, looked up or split can be told from its other spellings."""
    same = []
    seen: set[tuple[str, str]] = set()
    for name, record in our_records.items():
        for path, _ in leaves(record):
            place = (str(record["eventName"]), told(path))
            if place in seen:
                continue
            seen.add(place)
            told_apart: dict[tuple[str, str], Any] = {}
            for value in VARIANTS:
                events = event_of(both, changed(record, path, value))
                for target, event in zip(both.targets, events or (), strict=False):
                    text = json.dumps(event, sort_keys=True)
                    if (target, text) in told_apart:
                        before = told_apart[target, text]
                        same.append(f"{name}: {target}: {told(path)}: {str(before)[:40]!r} and {str(value)[:40]!r}")
                    told_apart[target, text] = value
    assert same == []
    assert len(seen) > 400


# Of these, each is written to the field that shows the other where it is missing: who it was, and whose account.
SAID_BY_EITHER = [
    {"userIdentity.accountId", "recipientAccountId"},
    {"userIdentity.userName", "additionalEventData.UserName"},
    {"userIdentity.principalId", "userIdentity.onBehalfOf.userId"},
    {"userIdentity.principalId", "userIdentity.arn"},
]


def test_the_same_text_at_two_places_is_kept_twice(normalize: Normalizer, our_records: dict[str, Json]) -> None:
    """Of two paths that could be kept by one rule, one alone and both together are told apart."""
    same = []
    kinds = {record["eventName"] + str(record.get("userIdentity")): name for name, record in our_records.items()}
    keep = ("eventTime", "eventSource", "eventName", "eventType")
    for name in kinds.values():
        record = our_records[name]
        places = [path for path, value in leaves(record) if isinstance(value, str) and path[0] not in keep]
        for text in ("https://s.example/", "x"):
            for at, one in enumerate(places):
                for other in places[at + 1 :]:
                    if {told(one), told(other)} in SAID_BY_EITHER:
                        continue
                    both = changed(changed(record, one, text), other, text)
                    events = event_of(normalize, both)
                    for gone in (one, other):
                        alone = event_of(normalize, changed(both, gone, None))
                        for target, with_both, with_one in zip(
                            normalize.targets, events or (), alone or (), strict=False
                        ):
                            if with_both == with_one:
                                same.append(
                                    f"{name}: {target}: {told(one)} = {told(other)} = {text}, without {told(gone)}"
                                )
    assert same == []


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: repr(key[:12]))
def test_a_key_that_nobody_knows_is_kept_with_its_value(
    normalize: Normalizer, our_records: dict[str, Json], key: str
) -> None:
    lost = []
    for name, record in our_records.items():
        for place in objects(record):
            path: Path = (*place, key)
            if dict(leaves(record)).get(path):
                continue
            for value in ("sentinel", 77, 7.5, True, ["sentinel", 77], {"": {"a.b": "sentinel"}}):
                events = event_of(normalize, changed(record, path, value))
                if events is None:
                    continue
                for target, event in zip(normalize.targets, events, strict=True):
                    if not any(at == key and json.dumps(v) == json.dumps(value) for at, v in members(event)):
                        lost.append(f"{name}: {target}: {told(path)[:60]}: {value!r}")
    assert lost == []


@pytest.mark.parametrize(
    "part", ["requestParameters", "responseElements", "additionalEventData", "serviceEventDetails", "resources"]
)
def test_a_free_part_of_any_type_is_kept(normalize: Normalizer, our_records: dict[str, Json], part: str) -> None:
    for name, record in our_records.items():
        for value in ("sentinel", 77, 7.5, True, ["sentinel", [77]], [{"a": "sentinel"}], {"": "sentinel"}):
            events = event_of(normalize, {**record, part: value})
            for target, event in zip(normalize.targets, events or (), strict=False):
                assert values(value) <= values(event), f"{name}: {target}: {value!r}"


@pytest.mark.parametrize("nothing", [None, "", {}, [], {"a": None}, [None, ""], {"a": {"b": [{}]}}], ids=str)
def test_what_says_nothing_leaves_no_trace(normalize: Normalizer, our_records: dict[str, Json], nothing: Any) -> None:
    for name, record in our_records.items():
        plain = event_of(normalize, record)
        for place in objects(record):
            if not place or place[0] in ("additionalEventData", "responseElements", "requestParameters"):
                assert event_of(normalize, changed(record, (*place, "newKey"), nothing)) == plain, name
        for event in plain or ():
            assert all(value not in (None, "", {}, []) for _, value in members(event)), name


def test_an_unknown_key_is_kept_by_the_function_for_its_shape_as_well(
    both: Normalizer, our_records: dict[str, Json]
) -> None:
    for name in ("iam-user-success", "switch-role", "user-authentication-external-idp", "oauth-token-refresh"):
        for place in objects(our_records[name]):
            for key in ("newKey", "", "a.b", "unmapped"):
                events = event_of(both, changed(our_records[name], (*place, key), "sentinel"))
                for target, event in zip(both.targets, events or (), strict=False):
                    assert (key, "sentinel") in list(members(event)), f"{name}: {target}: {told(place)}"


def test_a_missing_part_is_missing_for_the_function_for_its_shape_as_well(
    both: Normalizer, our_records: dict[str, Json]
) -> None:
    for name in ("iam-user-failure", "role-success", "switch-role", "user-authentication-external-idp"):
        record = our_records[name]
        for part in record:
            without = {key: value for key, value in record.items() if key != part}
            assert event_of(both, without) == event_of(both, {**record, part: None}), f"{name}: {part}"
