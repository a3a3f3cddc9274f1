"""Another version of a target, asked for on the command line."""

from __future__ import annotations

import json
import re

import msgpack
import pytest
from cli_process import Doorlog, record

LINE = json.dumps(record()).encode()


@pytest.mark.parametrize(
    ("asked", "version"), [("ocsf@1.1.0", "1.1.0"), ("ocsf@1.1", "1.1.0"), ("ecs@8.11", "8.11.0"), ("ecs", "9.4.0")]
)
def test_events_are_of_the_version_that_is_asked_for(doorlog: Doorlog, asked: str, version: str) -> None:
    done = doorlog("--to", asked, input=LINE)
    event = json.loads(done.stdout)
    assert (event["ecs"] if "ecs" in event else event["metadata"])["version"] == version
    assert done.returncode == 0


def test_the_environment_asks_for_versions_too(doorlog: Doorlog) -> None:
    done = doorlog(input=LINE, DOORLOG_TO="ecs@8.11 ocsf@1.1.0")
    ecs, ocsf = map(json.loads, done.stdout.splitlines())
    assert (ecs["ecs"]["version"], ocsf["metadata"]["version"]) == ("8.11.0", "1.1.0")


def test_the_tag_is_that_of_the_mapping_whatever_its_version(doorlog: Doorlog) -> None:
    done = doorlog("--fluentd", "--to", "ecs@8.11", "--to", "ocsf@1.1.0", input=msgpack.packb(record()))
    unpacker = msgpack.Unpacker()
    unpacker.feed(done.stdout)
    assert [event["__tag"] for event in unpacker] == ["doorlog.ecs", "doorlog.ocsf"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("ocsf@1.2.0", "'1.2.0' is no version of ocsf"),
        ("ocsf@", "'' is no version of ocsf; one of 1.1.0, 1.8.0"),
        ("ocfs@1.1.0", "there is no mapping 'ocfs'; did you mean 'ocsf'?"),
    ],
)
def test_a_version_that_there_is_not_stops_at_start(doorlog: Doorlog, asked: str, says: str) -> None:
    done = doorlog("--to", asked, input=LINE)
    assert (done.returncode, done.stdout) == (2, b"")
    assert says in done.stderr.decode()


def test_check_tells_what_a_version_has_no_place_for_and_that_nothing_is_wrong(doorlog: Doorlog) -> None:
    done = doorlog("check", "ocsf@1.1.0")
    shown = done.stdout.decode()
    assert "note: metadata.type is no field of OCSF 1.1.0 [version-lacks]" in shown
    assert "note: OCSF 1.1.0 takes at most 65535 characters in " in shown
    assert re.search(r"^ocsf@1\.1\.0: fine, \d+ notes$", shown, re.MULTILINE)
    assert done.returncode == 0
    assert "note:" not in doorlog("check", "ocsf").stdout.decode()


def test_tests_are_run_for_the_version_that_they_were_written_for(doorlog: Doorlog) -> None:
    done = doorlog("test", "ocsf@1.1.0")
    assert done.returncode == 2
    assert b"the tests of 'ocsf' hold for version 1.8.0; run them without another" in done.stderr
    assert doorlog("test", "ocsf@1.8").returncode == 0


def test_list_tells_how_the_other_versions_are_asked_for(doorlog: Doorlog) -> None:
    listed = doorlog("list", "mappings").stdout.decode()
    assert "writes OCSF 1.8.0 (on request ocsf@1.1.0)" in listed
    assert "writes ECS 8.11.0 (on request elastic-compat@9.4.0)" in listed


def test_explain_shows_the_version_that_is_asked_for(doorlog: Doorlog) -> None:
    done = doorlog("explain", "--to", "ocsf@1.1.0", "-", input=LINE)
    assert done.returncode == 0, done.stderr
    assert "1.1.0" in done.stdout.decode()
