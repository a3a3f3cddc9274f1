"""What a guard lets into an attribute."""

from __future__ import annotations

import itertools
import re
import time
from typing import Any

import pytest

from doorlog.targets import Attribute, Target, load, versions
from doorlog.targets.guards import REMEMBERED, REMEMBERED_LENGTH, guard, is_ip, remembered

ECS = load("ecs")
LOGON = load("ocsf", "1.8.0", "authentication", frozenset({"cloud", "datetime"}))
OLD = load("ocsf", "1.1.0", "authentication", frozenset({"cloud", "datetime"}))


def attribute(where: str) -> Attribute:
    """`ecs:user.name`, `ocsf:user.name`, or `old:user.name`."""
    name, path = where.split(":", 1)
    targets: dict[str, Target] = {"ecs": ECS, "ocsf": LOGON, "old": OLD}
    found = targets[name].attribute(path)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "where",
    [
        "ecs:message",
        "ecs:url.original",
        "ecs:tls.established",
        "ecs:labels.team",
        "ecs:user.entity.raw",
        "ecs:aws.cloudtrail.flattened.request_parameters",
        "ecs:aws.cloudtrail.flattened.request_parameters.roleName",
        "ocsf:user.name",
        "ocsf:user.uid",
        "ocsf:is_mfa",
        "ocsf:user",
        "ocsf:unmapped",
        "ocsf:enrichments.data",
    ],
)
def test_where_anything_of_the_kind_may_go_there_is_no_guard(where: str) -> None:
    assert guard(attribute(where)) is None


TAKEN: list[tuple[str, Any, bool]] = [
    ("ecs:user.name", "é" * 1024, True),
    ("ecs:user.name", "é" * 1025, False),
    ("old:message", "a" * 65535, True),
    ("old:message", "a" * 65536, False),
    ("old:actor.process.file.hashes.value", "a" * 64, True),
    ("old:actor.process.file.hashes.value", "a" * 65, False),
    ("ecs:event.category", "authentication", True),
    ("ecs:event.category", "Authentication", False),
    ("ecs:host.os.type", "beos", False),
    ("ecs:source.ip", "192.0.2.1", True),
    ("ecs:source.ip", "2001:db8::1", True),
    ("ecs:source.ip", "::ffff:192.0.2.1", True),
    ("ecs:source.ip", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", True),
    ("ocsf:src_endpoint.ip", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", False),
    ("ecs:source.ip", "192.0.2.01", False),
    ("ecs:source.ip", "192.0.2", False),
    ("ecs:source.ip", "192.0.2.1\n", False),
    ("ecs:source.ip", "192.0.2.1\0", False),
    ("ecs:source.ip", "\ud800", False),
    ("ecs:source.ip", "192.0.2.1:443", False),
    ("ecs:source.ip", "192.0.2.0/24", False),
    ("ecs:source.ip", "fe80::1%eth0", False),
    ("ecs:source.ip", "AWS Internal", False),
    ("ecs:source.ip", "signin.amazonaws.com", False),
    ("ecs:@timestamp", "2024-02-29T13:05:00Z", True),
    ("ecs:@timestamp", "2024-02-29T13:05:00.123456789+05:30", True),
    ("ecs:@timestamp", "2023-02-29T13:05:00Z", False),
    ("ecs:@timestamp", "2024-02-29T24:00:00Z", False),
    ("ecs:@timestamp", "2024-02-29T23:59:60Z", False),
    ("ecs:@timestamp", "2024-02-29T13:05:00", False),
    ("ecs:@timestamp", "2024-02-29T13:05:00Z\n", False),
    ("ecs:@timestamp", "2024-02-29T13:05:00+24:00", False),
    ("ecs:@timestamp", "2024-02-29 13:05:00Z", False),
    ("ecs:@timestamp", "٢٠٢٤-02-29T13:05:00Z", False),
    ("ecs:@timestamp", "111122223333", False),
    ("ocsf:time_dt", "2024-02-29T13:05:00Z", True),
    ("ocsf:time_dt", "2024-02-29T13:05:00", False),
    ("ocsf:time", 1_709_211_900_000, True),
    ("ocsf:time", 1_709_211_900, False),
    ("ocsf:time", 1_709_211_900_000_000, False),
    ("ocsf:src_endpoint.port", 65535, True),
    ("ocsf:src_endpoint.port", 65536, False),
    ("ocsf:src_endpoint.port", -1, False),
    ("ecs:event.duration", 2**63 - 1, True),
    ("ecs:event.duration", 2**63, False),
    ("ecs:event.risk_score", 1, True),
    ("ecs:event.risk_score", 1.5, True),
    ("ecs:event.risk_score", 10**400, False),
    ("ecs:event.risk_score", float("nan"), False),
    ("ecs:event.risk_score", float("-inf"), False),
    ("ocsf:src_endpoint.location.lat", 1.0, True),
    ("ocsf:src_endpoint.location.lat", 1, False),
    ("ocsf:src_endpoint.location.lat", float("inf"), False),
    ("ocsf:src_endpoint.location.country", "DE", True),
    ("ocsf:src_endpoint.location.country", "de", False),
    ("ocsf:src_endpoint.location.country", "DE\n", False),
    ("ocsf:src_endpoint.location.country", "Germany", False),
    ("ecs:source.geo.country_iso_code", "DE", True),
    ("ecs:source.geo.country_iso_code", "Germany", False),
    ("ecs:source.geo.country_name", "Germany", True),
    ("ecs:source.geo.region_iso_code", "DE-BY", True),
    ("ecs:source.geo.region_iso_code", "Bavaria", False),
    ("ecs:source.geo.continent_code", "EU", True),
    ("ecs:source.geo.continent_code", "XX", False),
    ("ecs:source.geo.location", {"lat": 48.1, "lon": 11}, True),
    ("ecs:source.geo.location", {"lat": 91, "lon": 11}, False),
    ("ecs:source.geo.location", {"lat": 48.1}, False),
    ("ecs:source.geo.location", {"lat": True, "lon": 11}, False),
    ("ecs:source.geo.location", {"lat": "48.1", "lon": 11}, False),
    ("ecs:source.mac", "00-00-5E-00-53-23", True),
    ("ecs:source.mac", "00:00:5e:00:53:23", False),
    ("ecs:url.scheme", "https", True),
    ("ecs:url.scheme", "https:", False),
    ("ecs:url.query", "x=1", True),
    ("ecs:url.query", "?x=1", False),
    ("ecs:url.fragment", "top", True),
    ("ecs:url.fragment", "#top", False),
    ("ocsf:http_request.url.url_string", "https://console.aws.amazon.com/console/home?x=%23", True),
    ("ocsf:http_request.url.url_string", "/console/home", True),
    ("ocsf:http_request.url.url_string", "console.aws.amazon.com/console", False),
    ("ocsf:http_request.url.url_string", "https://console.aws.amazon.com/a b", False),
    ("ocsf:http_request.url.url_string", "https://console.aws.amazon.com/\u2003", False),
    ("ocsf:dst_endpoint.hostname", "signin.aws.amazon.com", True),
    ("ocsf:dst_endpoint.hostname", "192.0.2.1", False),
    ("ocsf:dst_endpoint.hostname", "::1", False),
    ("ocsf:dst_endpoint.hostname", "host-192.0.2.1", True),
    ("ocsf:dst_endpoint.hostname", "host:443", True),
    ("old:dst_endpoint.hostname", "signin.aws.amazon.com", True),
    ("old:dst_endpoint.hostname", "192.0.2.1", False),
    ("old:dst_endpoint.hostname", "host:443", False),
    ("old:dst_endpoint.hostname", "AWS Internal", False),
    ("ocsf:user.email_addr", "alice@example.com", True),
    ("ocsf:user.email_addr", "alice@example.com\n", False),
    ("ocsf:user.email_addr", "alice@localhost", False),
    ("ocsf:user.email_addr", "o'neil@example.com", True),
    ("old:user.email_addr", "o'neil@example.com", False),
    ("ocsf:session.uuid", "e1bf1000-86a4-4a78-81d7-0123456789ab", True),
    ("ocsf:session.uuid", "urn:uuid:e1bf1000-86a4-4a78-81d7-0123456789ab", False),
    ("ocsf:session.uuid", "e1bf1000-86a4-4a78-81d7-EXAMPLE83102", False),
    ("ocsf:user.type_id", 99, True),
    ("ocsf:user.type_id", 98, False),
    ("ocsf:user.account.type_id", 3, False),
    ("ocsf:http_request.http_method", "GET", True),
    ("ocsf:http_request.http_method", "get", False),
    ("ecs:aws.cloudtrail.event_version", "1.08", True),
    ("ecs:aws.cloudtrail.read_only", False, True),
    ("ecs:aws.cloudtrail.x", {"a": {"b": 1}}, True),
    ("ecs:aws.cloudtrail.x", [1, 2], True),
    ("ecs:aws.cloudtrail.x", {"a": {}}, False),
    ("ecs:aws.cloudtrail.x", {"a": {"b": ""}}, False),
    ("ecs:aws.cloudtrail.x", {"a": None}, False),
    ("ecs:aws.cloudtrail.x", {"a.b": 1}, False),
    ("ecs:aws.cloudtrail.x", {" a": 1}, False),
    ("ecs:aws.cloudtrail.x", {"": 1}, False),
]


@pytest.mark.parametrize(("where", "value", "taken"), TAKEN, ids=lambda part: ascii(part)[:40])
def test_a_guard_takes_what_the_schema_takes(where: str, value: Any, taken: bool) -> None:
    check = guard(attribute(where)) or (lambda value: True)
    assert check(value) is taken
    assert check(value) is taken, "asked again, the answer is the same"


def v6_shapes() -> list[str]:
    """Every way of writing an IPv6 address, as to which groups are left out and how it ends."""
    shapes = []
    for groups, tail in ((8, ""), (6, "192.0.2.1")):
        shapes.append(":".join(["db8"] * groups + ([tail] if tail else [])))
        for before, after in itertools.product(range(groups), repeat=2):
            if before + after < groups:
                end = ["db8"] * after + ([tail] if tail else [])
                shapes.append(":".join(["db8"] * before) + "::" + ":".join(end))
    return shapes


@pytest.mark.parametrize("version", versions("ocsf"))
def test_the_pattern_of_ocsf_adds_nothing_to_what_an_address_is(version: str) -> None:
    found = load("ocsf", version, "authentication").attribute("src_endpoint.ip")
    assert found is not None
    assert found.pattern is not None
    assert len(v6_shapes()) > 50
    for address in v6_shapes():
        assert is_ip(address)
        assert re.fullmatch(found.pattern, address)


@pytest.mark.parametrize(
    "where",
    [
        "ecs:source.ip",
        "ecs:@timestamp",
        "ecs:source.mac",
        "old:dst_endpoint.hostname",
        "old:user.email_addr",
        "ocsf:dst_endpoint.hostname",
        "ocsf:http_request.url.url_string",
        "ocsf:user.email_addr",
        "ocsf:session.uuid",
    ],
)
@pytest.mark.parametrize("piece", ["a", "a.", "1.", "a-", "a@", "a@a.", "1:", "00-", " ", "/", "2024-02-29T13:05:00."])
def test_a_hostile_text_is_judged_quickly(where: str, piece: str) -> None:
    check = guard(attribute(where))
    assert check is not None
    started = time.process_time()
    check(piece * 100_000 + "!")
    assert time.process_time() - started < 0.25


def test_verdicts_are_remembered_up_to_a_number() -> None:
    asked: list[str] = []

    def check(value: str) -> bool:
        asked.append(value)
        return True

    look = remembered(check)
    look("first")
    look("first")
    assert asked == ["first"]
    for number in range(REMEMBERED):
        look(str(number))
    look("first")
    assert asked.count("first") == 2


def test_long_texts_are_not_remembered() -> None:
    asked: list[str] = []

    def check(value: str) -> bool:
        asked.append(value)
        return True

    look = remembered(check)
    text = "a" * (REMEMBERED_LENGTH + 1)
    assert look(text)
    assert look(text)
    assert asked == [text, text]
