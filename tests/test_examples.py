"""The example records show what a newcomer should see, and nobody real."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path

import pytest

from doorlog.record import Json

DOCUMENTATION = [*map(ipaddress.ip_network, ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "2001:db8::/32"))]


@pytest.fixture(scope="module")
def signins(root: Path) -> list[Json]:
    return [json.loads(line) for line in (root / "examples" / "signins.ndjson").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def records(root: Path, signins: list[Json]) -> list[Json]:
    log_file: list[Json] = json.loads((root / "examples" / "s3-log-file.json").read_bytes())["Records"]
    return signins + log_file


def test_every_way_to_sign_in_is_there(signins: list[Json]) -> None:
    logins = [record for record in signins if record["eventName"] == "ConsoleLogin"]
    seen = {
        (
            record["userIdentity"]["type"],
            record["responseElements"]["ConsoleLogin"],
            record["additionalEventData"]["MFAUsed"],
        )
        for record in logins
    }
    assert seen >= {
        ("IAMUser", "Success", "No"),
        ("IAMUser", "Success", "Yes"),
        ("IAMUser", "Failure", "No"),
        ("IAMUser", "Failure", "Yes"),
        ("Root", "Success", "Yes"),
        ("AssumedRole", "Success", "No"),
        ("FederatedUser", "Success", "No"),
    }
    assert {record["eventName"] for record in signins} >= {"CheckMfa", "SwitchRole", "UserAuthentication"}
    text = json.dumps(signins)
    for sign in ("HIDDEN_DUE_TO_SECURITY_REASONS", "SamlProviderArn", "AWSReservedSSO_", "2001:db8:"):
        assert sign in text


def test_nobody_real_is_in_them(records: list[Json]) -> None:
    assert set(re.findall(r"(?<![0-9a-f-])[0-9]{12}(?![0-9a-f])", json.dumps(records))) == {
        "111122223333",
        "444455556666",
    }
    for record in records:
        assert any(ipaddress.ip_address(record["sourceIPAddress"]) in network for network in DOCUMENTATION)


def test_they_come_in_the_order_of_time_with_ids_of_their_own(signins: list[Json], records: list[Json]) -> None:
    times = [record["eventTime"] for record in signins]
    assert times == sorted(times)
    assert len({record["eventID"] for record in records}) == len(records)


def test_the_list_of_them_names_each_line(root: Path, signins: list[Json]) -> None:
    listed: dict[int, str] = {}
    for row in re.findall(r"^\| ([0-9 to]+) \| (.+) \|$", (root / "examples" / "README.md").read_text("utf-8"), re.M):
        first, last = (int(number) for number in (re.findall("[0-9]+", row[0]) * 2)[:2])
        listed |= dict.fromkeys(range(first, last + 1), row[1])
    assert sorted(listed) == list(range(1, len(signins) + 1))
    assert all(f"`{record['eventName']}`" in listed[line] for line, record in enumerate(signins, 1))
