"""Regular expressions, user agents and places of addresses: linear, bounded, and absent unless asked for."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tiny import Tiny

from doorlog.errors import MappingError
from doorlog.mapping.examine import examine
from doorlog.mapping.functions import FUNCTIONS, prepared
from doorlog.mapping.functions import geoip as geoip_module
from doorlog.normalize import normalizer

ROOT = Path(__file__).resolve().parents[2]
RECORD: dict[str, Any] = json.loads(
    (ROOT / "tests" / "golden" / "console-login" / "iam-user-success.record.json").read_text("utf-8")
)


def event(target: str, **changes: Any) -> dict[str, Any]:
    events = normalizer([target])(RECORD | changes)
    assert isinstance(events, tuple) and events[0] is not None
    return events[0]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}$", "a*a*a*a*a*c", "(a|b|ab)*c", "([a-z]+)*[0-9]"])
def test_no_pattern_takes_more_than_linear_time(tiny: Tiny, pattern: str) -> None:
    """Most of these take Python's own engine seconds for 30 letters, and years for these."""
    tiny.ecs(
        f"labels.found: {{from: $.errorCode, match: '{pattern}'}}\n"
        f"labels.tested: {{when: {{$.errorCode|re: '{pattern}'}}, value: a, else: b}}\n"
    )
    normalize = tiny.normalizer("tiny")
    before = time.process_time()
    events = normalize(RECORD | {"errorCode": "a" * 20_000 + "!"})
    assert isinstance(events, tuple) and events[0] is not None
    assert events[0]["labels"]["tested"] in ("a", "b")
    assert time.process_time() - before < 2


def test_half_of_a_surrogate_pair_matches_nothing(tiny: Tiny) -> None:
    tiny.ecs(
        "labels.found: {from: $.errorCode, match: '.'}\nlabels.is: {when: {$.errorCode|re: .}, value: a, else: b}\n"
    )
    assert tiny.event(errorCode="\ud800")["labels"] == {"is": "b"}


def test_a_pattern_is_looked_for_anywhere_in_the_text(tiny: Tiny) -> None:
    assert tiny.holds("{$.errorCode|re: '^A.C$'}")
    assert tiny.holds("{$.errorCode|re: [x, '(B)(C)']}")
    assert not tiny.holds("{$.errorCode|re: '^B'}")
    assert tiny.holds("{$.errorCode|not|re: '^B'}")
    assert tiny.holds("{$.errorCode|lower|re: '^abc$'}")


def test_a_user_agent_is_told_apart() -> None:
    agent = (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0"
        " Safari/537.36"
    )
    assert event("ecs+user-agent", userAgent=agent)["user_agent"] == {
        "original": agent,
        "name": "Chrome",
        "version": "125.0.0.0",
        "device": {"name": "Mac"},
        "os": {"name": "Mac OS X", "version": "10.15.7", "full": "Mac OS X 10.15.7"},
    }
    for odd in ("", "\ud800", "x" * 5000, "signin.amazonaws.com"):
        found = event("ecs+user-agent", userAgent=odd).get("user_agent", {})
        assert set(found) <= {"original"}


@pytest.mark.usefixtures("geoip")
@pytest.mark.parametrize("address", ["203.0.113.64", "2001:db8::64"])
def test_an_address_has_its_place_and_its_network(address: str) -> None:
    source = event("ecs+geoip", sourceIPAddress=address)["source"]
    assert source == {
        "address": address,
        "ip": address,
        "geo": {
            "continent_code": "OC",
            "continent_name": "Oceania",
            "country_iso_code": "NZ",
            "country_name": "New Zealand",
            "region_iso_code": "NZ-WGN",
            "region_name": "Wellington",
            "city_name": "Wellington",
            "location": {"lat": -41.3, "lon": 174.8},
            "timezone": "Pacific/Auckland",
        },
        "as": {"number": 64500, "organization": {"name": "Example Net"}},
    }


@pytest.mark.usefixtures("geoip")
@pytest.mark.parametrize("address", ["198.51.100.1", "AWS Internal", "::1", ""])
def test_an_address_that_no_database_knows_has_no_place(address: str) -> None:
    assert not {"geo", "as"} & event("ecs+geoip", sourceIPAddress=address).get("source", {}).keys()


@pytest.mark.usefixtures("geoip")
def test_what_is_remembered_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch, geoip_databases: str) -> None:
    monkeypatch.setattr(geoip_module, "MEMO_ENTRIES", 10)
    call = prepared(FUNCTIONS["geoip"], "country.iso_code")
    databases = geoip_module._databases(geoip_databases)
    databases.clear()
    for number in range(250):
        assert call(f"203.0.113.{number}") == "NZ"
        assert len(databases) <= 10


def run(target: str, code: str = "pass", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command for a target, after some code such as one that takes a package away."""
    start = f"import sys\n{code}\nfrom doorlog.cli import main\nsys.exit(main())"
    command = [sys.executable, "-c", start, "--to", target, str(ROOT / "examples" / "signins.ndjson")]
    path = {"PYTHONPATH": str(ROOT / "plugin")} | environment
    return subprocess.run(command, env=path, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("target", "package", "said"),
    [
        ("ecs+user-agent", "ua_parser", "pip install 'doorlog[user-agent]'"),
        ("ecs+geoip", "maxminddb", "pip install 'doorlog[geoip]'"),
    ],
)
def test_what_is_not_installed_is_told_at_start(target: str, package: str, said: str) -> None:
    done = run(target, f"sys.modules[{package!r}] = None", DOORLOG_GEOIP="a.mmdb")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_what_lacks_in_many_places_is_told_once_and_check_goes_on_without(tmp_path: Path) -> None:
    mapping = tmp_path / "ours.yaml"
    rules = "".join(f"  labels.{key}: {{from: client_ip, geoip: {key}.names.en}}\n" for key in ("city", "country"))
    mapping.write_text(f"mapping: ours\nextends: ecs\nset:\n{rules}  user.nmae: x\n", "utf-8")
    done = run(str(mapping), DOORLOG_GEOIP="")
    assert done.returncode == 2
    lacking, misspelt = done.stderr.splitlines()
    assert "ours.yaml:4:34: error: `geoip` needs databases: " in lacking
    assert lacking.endswith(" names their files (here and in 1 more) [not-ready]")
    assert "user.nmae" in misspelt
    found = examine(str(mapping))
    assert [(one.code, one.severity) for one in found] == [("not-here", "note"), ("unknown-field", "error")]


@pytest.mark.usefixtures("geoip")
def test_the_environment_of_today_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert event("ecs+geoip", sourceIPAddress="203.0.113.64")["source"]["geo"]["country_iso_code"] == "NZ"
    monkeypatch.delenv("DOORLOG_GEOIP")
    with pytest.raises(MappingError, match="needs databases"):
        normalizer(["ecs+geoip"])


def test_a_pattern_without_its_engine_is_told_where_it_stands(tiny: Tiny) -> None:
    rules = "labels.a: {from: $.errorCode, match: a}\nlabels.b: {when: {$.errorCode|re: a}, value: x}\n"
    done = run(tiny.ecs(rules), "sys.modules['re2'] = None")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("pip install 'doorlog[regex]'") == 1
    assert ".yaml:" in done.stderr and "(here and in 1 more)" in done.stderr


@pytest.mark.parametrize(("named", "said"), [("", "names their files"), ("no-such.mmdb", "can't be read")])
def test_databases_that_are_not_there_are_told_at_start(named: str, said: str) -> None:
    done = run("ecs+geoip", DOORLOG_GEOIP=named)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_nothing_optional_is_loaded_unless_a_mapping_asks_for_it() -> None:
    loaded = "[name for name in ('re2', 'ua_parser', 'maxminddb') if name in sys.modules]"
    code = f"import atexit\natexit.register(lambda: print({loaded}, file=sys.stderr))"
    assert run("ecs", code).stderr.endswith("[]\n")
