"""What `doorlog coverage` sums up over an archive."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from doorlog.explain import coverage
from doorlog.explain.coverage import Coverage, Covering, as_json, as_text
from doorlog.mapping.load import load
from doorlog.record import Json, Reject, Skip

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RECORD: Json = json.loads((HERE / "record.json").read_text("utf-8"))
GOLDEN = [json.loads(file.read_bytes()) for file in sorted((ROOT / "tests" / "golden").glob("*/*.record.json"))]


def covered(*found: Json | Skip | Reject, mapping: str = "ecs") -> Coverage:
    covering = Covering(load(mapping))
    for one in found:
        covering.add(one)
    return covering.found


def changed(**changes: Any) -> Json:
    return {**RECORD, **changes}


def test_everything_that_is_read_counts_once() -> None:
    found = covered(
        RECORD,
        RECORD,
        changed(eventTime="yesterday"),
        changed(eventSource="ec2.amazonaws.com"),
        Skip("digest"),
        Reject("not_json", (), b"{"),
    )
    assert (found.read, found.events) == (6, 2)
    assert found.rejected == {"invalid_record": 1, "not_json": 1}
    assert found.skipped == {"not-sign-in": 1, "digest": 1}
    assert found.kinds == {"console-login": 2}


def test_paths_that_no_rule_reads_are_counted_by_record() -> None:
    found = covered(RECORD, RECORD, changed(newOfAws={"a": [1, 2, {"b": 3}], "odd key.": "x"}, responseElements=None))
    assert found.unread["$.newOfAws.a"] == 3
    assert found.unread["$.newOfAws.a.b"] == 1
    assert found.unread["$.newOfAws['odd key.']"] == 1
    assert "$.responseElements.ConsoleLogin" not in found.unread
    assert found.unkept["$.responseElements.ConsoleLogin"] == 2


@pytest.mark.parametrize("mapping", ["ecs", "ocsf"])
def test_what_is_read_and_kept_is_in_neither_list(mapping: str) -> None:
    found = covered(*GOLDEN, mapping=mapping)
    assert found.events > 80
    for path in ("$.eventTime", "$.eventID", "$.userIdentity.arn", "$.sourceIPAddress", "$.userAgent"):
        counted = found.unread[path] + found.unkept[path]
        # An address that none is, or a text that the schema refuses, is in the rest of a few.
        assert counted < found.events / 4, path
        assert found.unread[path] == 0


def test_without_a_rest_the_values_that_no_rule_reads_are_told_all_the_same(tmp_path: Path) -> None:
    text = (HERE / "small.yaml").read_text("utf-8").partition("  aws.cloudtrail.flattened")[0]
    file = tmp_path / "lossy.yaml"
    file.write_text(text, "utf-8")
    found = covered(RECORD, mapping=str(file))
    assert found.unread == {"$.userIdentity.type": 1, "$.newOfAws.a": 1}
    assert found.unkept == {}


def test_new_events_and_new_values_are_told_by_name() -> None:
    unheard = changed(eventName="Unheard", eventType="AwsConsoleSignIn", eventVersion="1.99")
    found = covered(RECORD, RECORD, RECORD, unheard)
    assert found.unknown == {("signin.amazonaws.com", "Unheard"): 1}
    assert found.unknown_share == 0.25
    assert found.new == {("$.eventVersion", "1.99"): 1}
    text = as_text(found, load("ecs"))
    assert "unknown sign-in events: 1 (25.0%)\n         1  Unheard signin.amazonaws.com" in text
    assert "new values\n         1  $.eventVersion: 1.99" in text


def test_no_value_of_a_record_is_shown() -> None:
    record = changed(
        canary="hunter2", userIdentity={"type": "IAMUser", "userName": "hunter2"}, sourceIPAddress="hunter2"
    )
    found = covered(record)
    assert "hunter2" not in as_text(found, load("ecs"))
    assert "hunter2" not in json.dumps(as_json(found, load("ecs")))


def test_what_is_told_apart_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "MOST_PATHS", 5)
    found = covered(*({**RECORD, "odd": {f"k{at}": 1}} for at in range(50)))
    assert len(found.unread) == 5
    assert found.events == 50


def test_the_command_reads_archives_and_shows_text_or_json() -> None:
    files = [ROOT / "examples" / "signins.ndjson", ROOT / "examples" / "s3-log-file.json"]

    def run(*arguments: str | Path) -> bytes:
        command = [sys.executable, "-m", "doorlog", "coverage", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
        done = subprocess.run(command, capture_output=True, env=environment, check=True)
        assert done.stderr == b""
        return done.stdout

    assert run(*files).startswith(b"ecs (ECS 9.4.0): read 19, events 19, rejected 0, skipped 0\n")
    told = json.loads(run("--to", "ocsf", "--format", "json", *files))
    assert (told["mapping"], told["events"], sum(told["kinds"].values())) == ("ocsf", 19, 19)


def test_an_archive_that_is_cut_off_is_summed_up_as_far_as_it_goes_and_has_failed(tmp_path: Path) -> None:
    whole = gzip.compress((ROOT / "examples" / "signins.ndjson").read_bytes(), mtime=0)
    (tmp_path / "cut.json.gz").write_bytes(whole[:-20])
    command = [sys.executable, "-m", "doorlog"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, check=False)

    done = run("coverage", tmp_path / "cut.json.gz", ROOT / "examples" / "s3-log-file.json")
    assert done.returncode == 3
    assert "rejected 1" in done.stdout.splitlines()[0]
    assert done.stderr == f"doorlog: can't read {tmp_path / 'cut.json.gz'} further: damaged or cut off\n"
    assert run("explain", "--at", "1", tmp_path / "cut.json.gz").returncode == 0
    done = run("explain", "--at", "100", tmp_path / "cut.json.gz")
    assert (done.returncode, done.stdout) == (3, "")
    assert "further: damaged or cut off" in done.stderr
