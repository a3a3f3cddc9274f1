"""What a guard lets through, the strict checkers find nothing wrong with, whatever else the event has."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorlog.record import Json
from doorlog.targets import Attribute, EcsTarget, Target, load, versions
from doorlog.targets.guards import guard

PROFILES = frozenset({"cloud", "datetime", "host", "container"})

# Findings about how attributes go together, which can't be held against one value.
ABOUT_OTHERS = {"attribute_deprecated", "enum_other_without_sibling", "sibling_without_id"}
# Where guards are meant to be stricter than the checkers: zones, dates in other forms, UUIDs inside of other texts,
# the line end that `$` lets through, numbers that JSON hasn't or that take more than 64 bits, names with dots.
STRICTER = {
    "fe80::1%eth0",
    "2024-02-29",
    "2024-02-29T13",
    "2024-02-29T13:05Z",
    "2024-02-29T13:05:00+0530",
    "2024-02-29T13:05:00,5Z",
    "2024-02-29T13:05:00." + "1" * 12 + "Z",
    "2024-02-29t13:05:00z",
    "111122223333",
    "urn:uuid:e1bf1000-86a4-4a78-81d7-0123456789ab",
}
BEYOND = (2**63, float("inf"), NAN := float("nan"))

TEXTS = [
    *sorted(STRICTER),
    "2024-02-29T13:05:00Z\n",
    "alice",
    "AWS Internal",
    "192.0.2.1",
    "192.0.2.01",
    "192.0.2",
    "2001:db8::1",
    "::ffff:192.0.2.1",
    "::",
    "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
    "1::2:3:4:5:6:7:8",
    "192.0.2.0/24",
    "signin.amazonaws.com",
    "host:443",
    "-",
    "alice@example.com",
    "o'neil@example.com",
    "alice@localhost",
    "https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true",
    "https://a b",
    "/console",
    "console/home",
    "http:",
    "?x=1",
    "#top",
    "2024-02-29T13:05:00Z",
    "2023-02-29T13:05:00Z",
    "2024-02-29T13:05:00.123456789+05:30",
    "2024-02-29T23:59:60Z",
    "2024-02-29T24:00:00Z",
    "2024-02-29T13:05:00",
    "2024-02-29T13:05:00+24:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999999-23:59",
    "0000-01-01T00:00:00Z",
    "e1bf1000-86a4-4a78-81d7-0123456789ab",
    "e1bf1000-86a4-4a78-81d7-EXAMPLE83102",
    "00-00-5E-00-53-23",
    "00:00:5e:00:53:23",
    "DE",
    "de",
    "DE-BY",
    "EU",
    "GET",
    "Get",
    "authentication",
    "start",
    "linux",
    "QUJD",
    "QUI=",
    "a" * 64,
    "a" * 65,
    "é" * 1024,
    "é" * 1025,
    "a" * 65536,
]
NUMBERS = [0, 1, -1, 3, 99, 98, 65535, 65536, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 1709211900, 1709211900000]
FLOATS = [0.0, -1.5, 1e308, float("inf"), NAN, 90.5]
PLACES = [
    {"lat": 48.1, "lon": 11},
    {"lat": 91.0, "lon": 11},
    {"lat": 1},
    {"lat": "1", "lon": 2},
    {"lat": True, "lon": 2},
]
TREES = ["x", 1, False, [1], {"a": {"b": 1}}, {"a": {}}, {"a": {"b": ""}}, {"a": None}, {"a.b": 1}, {" a": 1}, {"": 1}]

Findings: TypeAlias = Callable[[Any], list[str]]
Checked: TypeAlias = list[tuple[Attribute, Findings]]


def leaves(target: Target, path: str, depth: int) -> Iterator[Attribute]:
    """The attributes below a path that take a value, but for those inside of arrays."""
    for name in target.members(path):
        found = target.attribute(f"{path}.{name}" if path else name)
        assert found is not None
        if found.kind not in ("object", "flattened", "any"):
            yield found
        elif found.kind == "object" and not found.array and depth > 1:
            yield from leaves(target, found.path, depth - 1)


def guarded(target: Target) -> list[Attribute]:
    """One attribute of each way to be guarded."""
    found: dict[str, Attribute] = {}
    for attribute in leaves(target, "", 5):
        ending = ".".join(attribute.path.split(".")[-2:])
        own = ending if attribute.values or ending.startswith(("geo.", "url.")) else ""
        own = own or ("country" if ending.endswith("country") else "")
        if guard(attribute) is not None and attribute.path != "class_uid":  # which says by what to check
            found.setdefault(f"{attribute.type_name} {attribute.max_length} {attribute.pattern} {own}", attribute)
    return list(found.values())


def candidates(attribute: Attribute) -> list[Any]:
    """Values of the attribute's kind."""
    values = list(attribute.values.values()) if attribute.values else []
    match attribute.kind:
        case "integer" | "timestamp":
            return [*NUMBERS, *values]
        case "float":
            return [*FLOATS, *(NUMBERS if attribute.type_name != "float_t" else [])]
        case "geo_point":
            return list(PLACES)
        case "any":
            return list(TREES)
        case _:
            return [*TEXTS, *values]


def event_with(attribute: Attribute, value: Any, event: Json) -> Json:
    """An event that has but this value, and what a checker must have to begin with."""
    *above, last = attribute.path.split(".")
    holder = event
    for name in above:
        holder = holder.setdefault(name, {})
    holder[last] = [value] if attribute.array else value
    return event


def checking(attribute: Attribute, check: Callable[[Json], list[Json]], basis: Json) -> Findings:
    """What the checker says of the attribute when it has a value."""

    def findings(value: Any) -> list[str]:
        found = check(event_with(attribute, value, copy.deepcopy(basis)))
        mine = [one for one in found if one["path"] == attribute.path or one["path"].startswith(f"{attribute.path}[")]
        below = [one for one in found if attribute.kind == "any" and one["path"].startswith(f"{attribute.path}.")]
        return [one["code"] for one in (*mine, *below) if one["code"] not in ABOUT_OTHERS]

    return findings


TARGETS: list[Target] = [load("ecs", version) for version in versions("ecs")]
TARGETS += [
    load("ocsf", version, c, PROFILES) for version in versions("ocsf") for c in ("authentication", "account_change")
]


@pytest.fixture(
    scope="session", params=TARGETS, ids=lambda target: f"{target.name}-{target.version}-{target.class_name}"
)
def checked(request: pytest.FixtureRequest, ecs_check: ModuleType, ocsf_check: ModuleType, official: Path) -> Checked:
    """One attribute of each way to be guarded in a target, with what its checker finds."""
    target: Target = request.param
    if isinstance(target, EcsTarget):
        check = ecs_check.Checker(ecs_check.load(target.version)).check
        custom = target.attribute("aws.cloudtrail.additional_eventdata")
        assert custom is not None
        return [(one, checking(one, check, {})) for one in (*guarded(target), custom)]
    check = ocsf_check.Checker(ocsf_check.Schema(str(official / f"ocsf-{target.version}.json"))).check
    basis = {"class_uid": target.class_uid, "metadata": {"profiles": sorted(PROFILES)}}
    return [(one, checking(one, check, basis)) for one in guarded(target)]


def agree(attribute: Attribute, findings: Findings, value: Any) -> None:
    if taken(attribute, value):
        assert findings(value) == [], (attribute.path, value)
    elif not meant_to_be_stricter(value):
        assert findings(value) != [], (attribute.path, value)


def taken(attribute: Attribute, value: Any) -> bool:
    check = guard(attribute)
    assert check is not None
    return check(value)


def meant_to_be_stricter(value: Any) -> bool:
    if isinstance(value, str):
        return value in STRICTER or value.endswith("\n")
    return value in (*BEYOND, {"a.b": 1})


@st.composite
def bent(draw: st.DrawFn) -> str:
    """A text of the list above with a few characters exchanged, put in or left out."""
    text = draw(st.sampled_from([text for text in TEXTS if len(text) < 200]))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        put = draw(st.sampled_from(["", "", *"0159aZz.:-+/%@ \t\n\0é٣?#=T", "::", "\u2003", "\x1c"]))
        text = text[:at] + put + text[at + draw(st.integers(0, 1)) :]
    return text or "-"


def test_guards_agree_with_the_checker(checked: Checked) -> None:
    assert len(checked) > 15
    for attribute, findings in checked:
        for value in candidates(attribute):
            agree(attribute, findings, value)


@settings(max_examples=250, deadline=None)
@given(text=st.one_of(bent(), st.text(min_size=1), st.ip_addresses().map(str), st.emails(), st.uuids().map(str)))
def test_what_a_guard_takes_is_clean_however_a_text_is_bent(checked: Checked, text: str) -> None:
    for attribute, findings in checked:
        if attribute.kind in ("text", "ip", "date") and taken(attribute, text):
            assert findings(text) == [], (attribute.path, text)


@settings(max_examples=250, deadline=None)
@given(number=st.one_of(st.integers(), st.integers(0, 100), st.floats()))
def test_what_a_guard_takes_is_clean_whatever_the_number(checked: Checked, number: float) -> None:
    kinds = ("float",) if isinstance(number, float) else ("integer", "timestamp", "float")
    for attribute, findings in checked:
        if attribute.kind in kinds and taken(attribute, number):
            assert findings(number) == [], (attribute.path, number)
