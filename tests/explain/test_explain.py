"""What `doorlog explain` shows: golden files of a small mapping, and what holds for the shipped ones."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from doorlog.explain.as_json import as_json
from doorlog.explain.explanation import Explainer, Explanation, leaves
from doorlog.explain.text import as_text
from doorlog.mapping.load import load
from doorlog.record import Json

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*/*.record.json"))


@cache
def explainer(name: str) -> Explainer:
    return Explainer(load(name))


def small(**changes: Any) -> Explanation:
    record = json.loads((HERE / "record.json").read_text("utf-8"))
    return explainer(str(HERE / "small.yaml"))({**record, **changes})


def run(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "doorlog", "explain", *map(str, arguments)]
    return subprocess.run(
        command, cwd=HERE, input=stdin, capture_output=True, env={"PYTHONPATH": str(ROOT / "plugin"), **environment}
    )


def held(name: str, text: str, update: bool) -> None:
    file = HERE / "golden" / name
    if update:
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), "`pytest tests/explain --update-golden` writes it anew"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("event", {}),
        ("failed", {"responseElements": None, "errorMessage": "no", "additionalEventData": None}),
        ("skipped", {"eventName": "GetSigninToken"}),
        ("of-no-kind", {"eventSource": "ec2.amazonaws.com"}),
        ("rejected", {"eventTime": "yesterday"}),
    ],
)
def test_the_text_is_the_one_in_the_golden_file(name: str, changes: Json, update: bool) -> None:
    text = as_text(small(**changes), "record.json:1").replace(str(HERE), ".")
    held(f"{name}.txt", text + "\n", update)


def test_one_field_is_told_with_its_facts_alone(update: bool) -> None:
    text = as_text(small(), "record.json:1", ["event.outcome", "labels"]).replace(str(HERE), ".")
    held("two-fields.txt", text + "\n", update)


def test_a_field_that_no_rule_writes_is_told() -> None:
    assert "no rule writes event.outcom; did you mean 'event.outcome'?" in as_text(small(), "x:1", ["event.outcom"])
    assert "no rule writes" not in as_text(small(), "x:1", ["event.outcome"])


def test_the_json_is_the_one_in_the_golden_file(update: bool) -> None:
    text = json.dumps(as_json(small(), "record.json:1"), indent=1, ensure_ascii=False).replace(str(HERE), ".")
    held("event.json", text + "\n", update)


@pytest.mark.parametrize("name", ["ecs", "ocsf"])
def test_every_field_of_every_golden_event_is_told_once_with_its_value(name: str) -> None:
    for file in GOLDEN:
        told = explainer(name)(json.loads(file.read_text("utf-8")))
        assert told.event is not None
        rebuilt: set[tuple[str, str]] = set()
        for field in told.fields:
            inner = list(leaves(field.value)) if isinstance(field.value, dict | list) else [((), field.value)]
            rebuilt |= {(".".join([field.path, *map(str, keys)]), json.dumps(value)) for keys, value in inner}
        event = {(".".join(map(str, keys)), json.dumps(value)) for keys, value in leaves(told.event)}
        assert rebuilt == event, file.name
        paths = [field.path for field in told.fields]
        assert len(paths) == len(set(paths))


@pytest.mark.parametrize("name", ["ecs", "ocsf"])
def test_every_value_of_a_golden_record_is_in_a_field_or_left_over(name: str) -> None:
    for file in GOLDEN:
        told = explainer(name)(json.loads(file.read_text("utf-8")))
        assert told.lost == (), file.name


def test_what_is_left_is_told_by_its_place_in_the_record() -> None:
    left = [(field.reads[0].keys, field.value) for field in small().left]
    assert (("newOfAws", "a", 0), 1) in left
    assert (("responseElements", "ConsoleLogin"), "Success") in left


def test_a_value_that_the_target_refuses_says_so() -> None:
    (silent,) = [one for one in small().silent if one.path == "source.ip"]
    assert silent.why == "is no value of source.ip, which takes ip"
    assert any(field.reads[0].keys == ("sourceIPAddress",) for field in small().left)


def test_a_value_that_is_nowhere_is_told(tmp_path: Path) -> None:
    text = (HERE / "small.yaml").read_text("utf-8").partition("  aws.cloudtrail.flattened")[0]
    file = tmp_path / "lossy.yaml"
    file.write_text(text, "utf-8")
    told = Explainer(load(str(file)))(small().record)
    assert ("newOfAws", "a", 0) in [read.keys for read in told.lost]
    assert "In no field of the event" in as_text(told, "x")


def test_what_deceives_a_terminal_is_written_out() -> None:
    told = small(userIdentity={"userName": "eve\x1b[31m\u202e\n"}, **{"ne\x1bw": "\x07"})
    text = as_text(told, "a\x1bb")
    assert "\x1b" not in text and "\u202e" not in text and "\x07" not in text
    assert "\x1b[" in as_text(told, "a\x1bb", colour=True)


def test_the_command_shows_a_record_of_an_archive_by_its_number() -> None:
    file = ROOT / "examples" / "signins.ndjson"
    done = run("--at", "3", "--field", "user.name", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].endswith(b"signins.ndjson:3: an event of ecs (ECS 9.4.0)")
    assert b'user.name  "anaya"' in done.stdout
    assert done.stderr == b""


def test_json_is_read_from_stdin_and_shown_as_one_object() -> None:
    done = run("--to", "small.yaml", "--format", "json", "-", stdin=(HERE / "record.json").read_bytes())
    told = json.loads(done.stdout)
    assert (told["result"], told["kind"], told["mapping"]) == ("event", "sign-in", "small")
    assert told["event"]["user"] == {"name": "anaya"}
    (field,) = [one for one in told["fields"] if one["path"] == "event.outcome"]
    assert (field["file"], field["line"]) == ("small.yaml", 29)
    assert field["facts"] == ["outcome"]
    assert field["from"] == [{"path": "$.responseElements.ConsoleLogin", "value": "Success"}]


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        (["--at", "2", "record.json"], b"", 2, b"there is no record 2 in 'record.json'; it has 1"),
        (["-"], b'{"Records": []}', 2, b"stdin:1 is no record, but empty"),
        (["-"], b"{oops}", 2, b"stdin:1 is no record that could be explained: not_json"),
        (["nothing.json"], b"", 2, b"no such file"),
        (["--to", "esc", "record.json"], b"", 2, b"did you mean 'ecs'?"),
    ],
)
def test_what_can_not_be_explained_says_why(arguments: list[str], stdin: bytes, code: int, said: bytes) -> None:
    done = run(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in done.stderr


def test_colour_is_for_terminals_or_on_request() -> None:
    plain = run("record.json")
    assert b"\x1b" not in plain.stdout
    assert b"\x1b[" in run("--color", "always", "record.json").stdout
    assert b"\x1b[" in run("record.json", FORCE_COLOR="1").stdout
    assert b"\x1b[" not in run("record.json", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_page_and_json_are_not_asked_for_together() -> None:
    arguments = ["explain", "record.json", "--html", "page.html", "--format", "json"]
    done = subprocess.run([sys.executable, "-m", "doorlog", *arguments], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 2
    assert "name one of the two" in done.stderr
