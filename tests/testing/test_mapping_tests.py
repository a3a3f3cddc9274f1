"""The tests that stand in mappings: what they say, what they find, and what `--update` writes."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from doorlog.errors import MappingError
from doorlog.mapping import find, kinds, load
from doorlog.mapping.aim import target_of
from doorlog.mapping.examine import examine
from doorlog.mapping.plan import section_of
from doorlog.normalize import normalizer
from doorlog.record import Json
from doorlog.testing.cases import shipped_records, suites
from doorlog.testing.conform import nonconformities
from doorlog.testing.report import as_junit, as_text
from doorlog.testing.rewriting import rewritten
from doorlog.testing.trying import Result, Trial

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(file.stem for file in (ROOT / "mappings" / "tests").glob("*.yaml"))
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*/*.record.json"))

HEAD = """\
mapping: own
extends: ecs
facts:
  place: {when: {$.sourceIPAddress|cidr: [203.0.113.0/24]}, value: office, else: elsewhere}
set:
  labels.place: {from: place}
tests:
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own.yaml"


def tried(file: Path, tests: str, head: str = HEAD, inherited: bool = False) -> list[Result]:
    """The results of these tests of a mapping of one's own."""
    file.write_text(head + tests, "utf-8")
    trial = Trial(str(file))
    return [trial.run(suite, case) for suite in trial.suites(inherited) for case in suite.cases]


def said(results: list[Result]) -> list[str]:
    """What is told of them, without the last line's count."""
    return as_text("own", results).splitlines()[:-1]


def command(*arguments: str | Path, cwd: Path) -> list[str | Path]:
    return [sys.executable, "-m", "doorlog", "test", *arguments]


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin")}
    return subprocess.run(command(*arguments, cwd=cwd), cwd=cwd, capture_output=True, text=True, env=environment)


# -- the shipped mappings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_mappings_pass_their_tests(name: str) -> None:
    if not_ready(name):
        pytest.skip(f"NOT TESTED: {name} needs what is not installed here")
    trial = Trial(name)
    results = [trial.run(suite, case) for suite in trial.suites() for case in suite.cases]
    assert said(results) == []
    assert len(results) >= (25 if name == "aws-signin" or is_whole(name) else 2)


def not_ready(name: str) -> bool:
    """Whether a mapping needs a package or a file that is not there."""
    return any(finding.code == "not-ready" for finding in examine(name))


def is_whole(name: str) -> bool:
    """Whether a mapping is one of its own for its target, and not some words more to another."""
    return len([file for file in find.stack(name).files if file.target is not None]) == 1 and (
        find.stack(name).files[-1].target is not None
    )


def test_every_shipped_mapping_with_a_target_has_tests() -> None:
    with_target = {name for name in load.names() if load.load(name).target is not None}
    # Where an address is depends on the databases of whoever asks.
    assert with_target - {"geoip"} <= set(SHIPPED)


def test_every_shipped_record_is_used_and_is_a_sign_in() -> None:
    used = "".join((ROOT / "mappings" / "tests" / f"{name}.yaml").read_text("utf-8") for name in SHIPPED)
    normalize = normalizer(["ecs"])
    for name, file in shipped_records().items():
        assert f"record: {name}\n" in used
        assert isinstance(normalize(json.loads(file.read_bytes())), tuple), name


def test_a_stream_reads_no_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    read = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda self, *a, **k: (opened.append(str(self)), read(self, *a, **k))[1])
    normalizer(["ecs", "ocsf"])
    assert any(name.endswith("ecs.yaml") for name in opened)
    assert not any(f"{os.sep}tests{os.sep}" in name or f"{os.sep}records{os.sep}" in name for name in opened)


# -- what is compared --------------------------------------------------------------------------------------------------


def test_what_is_as_expected_passes(own: Path) -> None:
    tests = """\
  - name: from the office
    record: console-login
    patch: {$.sourceIPAddress: 203.0.113.9, $.recipientAccountId: 444455556666}
    kind: console-login
    facts: {place: office, outcome: success, mfa: true, role: null}
    expect:
      labels.place: office
      event.category: [authentication, session]
      event.category.1: session
      source: {address: 203.0.113.9, ip: 203.0.113.9}
      cloud.account.id: "444455556666"
      user.email: null
"""
    assert said(tried(own, tests)) == []


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("labels.place: home", ["  labels.place (line 10, written at FILE:6)", "    - home", "    + office"]),
        ("user.email: a@b.example", ["  user.email (line 10, written at ECS)", "    - a@b.example", "    + nothing"]),
        ("event.action: null", ["  event.action (line 10, written at ECS)", "    - nothing", "    + ConsoleLogin"]),
        ("event.type: start", ["  event.type (line 10, written at ECS)", "    - start", "    + [start]"]),
        ("event.type: [end]", ["  event.type (line 10, written at ECS)", "    - [end]", "    + [start]"]),
    ],
)
def test_a_difference_shows_what_was_expected_and_what_came(own: Path, expected: str, told: list[str]) -> None:
    results = tried(own, f"  - {{name: here, record: console-login, expect: {{\n      {expected}}}}}\n".replace(
        "expect: {\n", "\n    expect: {\n"))  # fmt: skip
    lines = said(results)
    assert lines[0] == f"{own}:8:5: here"
    shown = [line.replace(str(own), "FILE") for line in lines[1:]]
    shown = [line.partition("ecs.yaml:")[0] + "ECS)" if "ecs.yaml:" in line else line for line in shown]
    assert shown == told


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("record: console-login, patch: {$.eventTime: soon}", "the record was rejected, invalid_record: $.eventTime"),
        ("record: console-login, patch: {$.eventSource: x.amazonaws.com}", "the record was skipped as not-sign-in"),
        ("record: console-login, skip: near-sign-in", "skip was expected, but there is an event"),
        ("record: console-login, reject: bad_time", "reject was expected, but there is an event"),
        ("record: console-login, kind: check-mfa", "kind (line 8)"),
        ("record: console-login, facts: {outcome: failure}", "outcome (line 8)"),
    ],
)
def test_another_end_than_expected_fails(own: Path, test: str, told: str) -> None:
    assert said(tried(own, f"  - {{name: here, {test}}}\n"))[1].strip().startswith(told)


def test_skips_and_rejects_can_be_expected(own: Path) -> None:
    tests = """\
  - {name: a, record: console-login, patch: {$.eventTime: soon}, reject: invalid_record}
  - {name: b, record: console-login, patch: {$.eventSource: ec2.amazonaws.com}, skip: not-sign-in}
"""
    assert said(tried(own, tests)) == []


def test_a_record_may_stand_in_the_test_in_a_file_or_among_named_ones(own: Path) -> None:
    record = json.loads(shipped_records()["check-mfa"].read_bytes())
    (own.parent / "mine.json").write_text(json.dumps(record), "utf-8")
    tests = f"""\
  - {{name: inline, record: {json.dumps(record)}, kind: check-mfa}}
  - {{name: file, record: mine.json, kind: check-mfa}}
  - {{name: named, record: mine, kind: check-mfa}}
records:
  mine:
    eventTime: 2024-06-11T09:15:27Z
    eventSource: signin.amazonaws.com
    eventName: CheckMfa
    userIdentity: {{type: IAMUser, accountId: 111122223333}}
"""
    assert said(tried(own, tests)) == []


def test_numbers_without_quotes_are_numbers_but_where_the_record_has_texts(own: Path) -> None:
    tests = """\
  - name: numbers
    record: console-login
    patch:
      $.additionalEventData.attempts: 3
      $.additionalEventData.code: "3"
      $.userIdentity.accountId: 111122223333
      $.additionalEventData.list: [1, {half: 1.5}]
"""
    (result,) = tried(own, tests)
    more = result.case.record["additionalEventData"]
    assert (more["attempts"], more["code"], more["list"]) == (3, "3", [1, {"half": 1.5}])
    assert result.case.record["userIdentity"]["accountId"] == "111122223333"


def test_a_patch_sets_adds_and_removes(own: Path) -> None:
    tests = """\
  - name: patched
    record: console-login
    patch:
      $.userIdentity.userName: !remove
      $.newOfAws.deep.er: x
      $.resources: [{ARN: a}, {ARN: b}]
      $.resources.1.ARN: c
      $.resources.0: !remove
      $.tlsDetails: null
"""
    (result,) = tried(own, tests)
    record = result.case.record
    assert "userName" not in record["userIdentity"]
    assert (record["newOfAws"], record["resources"], record["tlsDetails"]) == (
        {"deep": {"er": "x"}},
        [{"ARN": "c"}],
        None,
    )


def test_tests_may_stand_in_a_file_beside_the_mapping(own: Path) -> None:
    (own.parent / "tests").mkdir()
    beside = own.parent / "tests" / "own.yaml"
    beside.write_text("tests:\n  - {name: beside, record: check-mfa, expect: {labels.place: home}}\n", "utf-8")
    results = tried(own, "  - {name: inside, record: check-mfa}\n")
    assert [result.case.name for result in results] == ["inside", "beside"]
    assert said(results)[0] == f"{beside}:2:5: beside"


def test_a_file_of_tests_stands_for_its_mapping(own: Path) -> None:
    (own.parent / "tests").mkdir()
    (own.parent / "tests" / "own.yaml").write_text("tests:\n  - {name: beside, record: check-mfa}\n", "utf-8")
    own.write_text(HEAD.removesuffix("tests:\n"), "utf-8")
    assert run("tests/own.yaml", "own.yaml", cwd=own.parent).stdout == "own.yaml: 1 test, all passed\n"


def test_tests_of_what_is_extended_are_run_when_asked_for(own: Path) -> None:
    head = HEAD.replace("labels.place", "user.name").replace("tests:\n", "")
    assert tried(own, "", head) == []
    failed = [result for result in tried(own, "", head, inherited=True) if result.differences]
    assert failed
    assert {one.what for result in failed for one in result.differences} == {"user.name", "related.user"}


def test_a_mapping_without_a_target_expects_fields_of_those_that_extend_it(tmp_path: Path) -> None:
    (tmp_path / "both.yaml").write_text("mapping: both\nextends: [aws-signin]\nfacts: {team: blue}\ntests:\n"
        "  - name: t\n    record: console-login\n    facts: {team: blue}\n    expect:\n"
        "      one: {labels.team: blue}\n      two: {metadata.labels: [red]}\n", "utf-8")  # fmt: skip
    (tmp_path / "one.yaml").write_text(
        "mapping: one\nextends: [ecs, both]\nset: {labels.team: {from: team}}\n", "utf-8"
    )
    rules = "set:\n  metadata.labels: {collect: [team]}\n"
    (tmp_path / "two.yaml").write_text(f"mapping: two\nextends: [ocsf, both]\n{rules}", "utf-8")
    trial = Trial(str(tmp_path / "both.yaml"))
    results = [trial.run(suite, case) for suite in trial.suites() for case in suite.cases]
    assert [line.strip() for line in said(results)[2:]] == ["- [red]", "+ [blue]"]


# -- what is wrong in tests --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tests", "where", "finding"),
    [
        ("  - {record: check-mfa}\n", (8, 5), "a test says its `name` [bad-test]"),
        ("  - {name: x}\n", (8, 5), "a test says its `record` [bad-test]"),
        ("  - {name: x, record: check-mfaa}\n", (8, 23), "there is no record 'check-mfaa'; did you mean 'check-mfa'?"),
        ("  - {name: x, record: ../x.json}\n", (8, 23), "is not beside the tests"),
        ("  - {name: x, record: x.json}\n", (8, 23), "x.json can't be read as JSON"),
        ("  - {name: x, record: check-mfa, expects: {}}\n", (8, 34), "a test has no 'expects'; did you mean 'expect'?"),
        ("  - {name: x, record: check-mfa, expect: {user.nmae: null}}\n", (8, 43), "did you mean 'user.name'?"),
        ("  - {name: x, record: check-mfa, facts: {outcom: x}}\n", (8, 42), "did you mean 'outcome'?"),
        ("  - {name: x, record: check-mfa, kind: check}\n", (8, 34), "there is no kind 'check'"),
        ("  - {name: x, record: check-mfa, reject: bad}\n", (8, 34), "there is no reason of a reject 'bad'"),
        ("  - {name: x, record: check-mfa, patch: {eventName: x}}\n", (8, 42), "a record path starts with `$.`"),
        ("  - {name: x, record: check-mfa, skip: x, facts: {mfa: null}}\n", (8, 34), "has no fields to expect"),
        ("  {name: x}\n", (8, 3), "`tests` is a list of tests"),
        ("  - just text\n", (8, 5), "a test is a map with `name` and `record`"),
    ],
)
def test_what_is_wrong_in_a_test_is_found_at_its_place(
    own: Path, tests: str, where: tuple[int, int], finding: str
) -> None:
    with pytest.raises(MappingError) as error:
        tried(own, tests)
    (found,) = error.value.findings
    assert (found.line, found.column) == where
    assert finding in str(found)


def test_a_file_of_tests_has_tests_and_records_only(own: Path) -> None:
    (own.parent / "tests").mkdir()
    (own.parent / "tests" / "own.yaml").write_text("test: []\n", "utf-8")
    own.write_text(HEAD.removesuffix("tests:\n"), "utf-8")
    with pytest.raises(MappingError, match="a file of tests has no 'test'; did you mean 'tests'"):
        suites(own)


# -- conformance -------------------------------------------------------------------------------------------------------


@cache
def of(name: str) -> Any:
    return normalizer([name]), kinds.Kinds(load.load(name))


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "aws-signin"])
def test_golden_events_conform_and_spoiled_ones_do_not(name: str) -> None:
    if not_ready(name):
        pytest.skip(f"NOT TESTED: {name} needs what is not installed here")
    normalize, kind_of = of(name)
    mapping = normalize.mappings[0]
    for file in GOLDEN:
        record: Json = json.loads(file.read_text("utf-8"))
        result, kind = normalize(record), kind_of(record)
        if not isinstance(result[0], dict) or len(result) != 1 or kind is None:
            continue
        target = target_of(mapping, section_of(mapping, kind))
        assert nonconformities(result[0], target) == [], file.name
        assert nonconformities({**result[0], "no.such.field": 1}, target)
        for key, value in result[0].items():
            if value.__class__ is str:
                assert nonconformities({**result[0], key: [value]}, target), key
                assert nonconformities({**result[0], key: ""}, target), key
            attribute = target.attribute(key)
            if attribute is not None and attribute.required:
                assert nonconformities({k: v for k, v in result[0].items() if k != key}, target), key


def test_a_category_and_a_type_that_do_not_go_together_are_found() -> None:
    normalize, kind_of = of("ecs")
    record = json.loads(shipped_records()["console-login"].read_bytes())
    (event,) = normalize(record)
    target = target_of(normalize.mappings[0], section_of(normalize.mappings[0], kind_of(record)))
    spoiled = {**event, "event": {**event["event"], "type": ["installation"]}}
    assert ("event.type", "installation doesn't go with this event.category") in nonconformities(spoiled, target)


# -- written anew ------------------------------------------------------------------------------------------------------

UNWRITTEN = """\
  # which place
  - name: from the office   # as it is
    record: console-login
    expect:
      labels.place:  home   # wrong
      event.type: [end,   info]
      user.name:
        # a block
        - x

      error.code:
      related.ip: ["203.0.113.64"]

  - {name: flow, record: check-mfa}
  - name: new
    record: check-mfa
    patch: {$.sourceIPAddress: 198.51.100.7}

# the end
"""
WRITTEN = """\
  # which place
  - name: from the office   # as it is
    record: console-login
    expect:
      labels.place:  office   # wrong
      event.type: [start]
      user.name:
        # a block
        anaya

      error.code:
      related.ip: ["203.0.113.64"]

  - {name: flow, record: check-mfa, expect: {labels.place: office}}
  - name: new
    record: check-mfa
    patch: {$.sourceIPAddress: 198.51.100.7}
    expect:
      labels.place: elsewhere

# the end
"""


def test_only_what_differs_is_written_anew(own: Path) -> None:
    results = tried(own, UNWRITTEN)
    assert rewritten(own.read_text("utf-8"), results) == HEAD + WRITTEN
    results = tried(own, WRITTEN)
    assert said(results) == []
    assert rewritten(HEAD + WRITTEN, results) == HEAD + WRITTEN


@pytest.mark.parametrize(
    "value", ["yes", "5", "null", "a: b", "# x", "- y", '"', "{z}", "$.a", "2024-06-10", " s ", "\t"]
)
def test_what_is_written_is_read_as_it_was(own: Path, value: str) -> None:
    tests = f"  - name: x\n    record: console-login\n    patch: {{$.awsRegion: {json.dumps(value)}}}\n"
    results = tried(own, tests + "    expect: {cloud.region: '?'}\n")
    own.write_text(rewritten(own.read_text("utf-8"), results), "utf-8")
    trial = Trial(str(own))
    (again,) = [trial.run(suite, case) for suite in trial.suites() for case in suite.cases]
    assert again.differences == ()


def test_another_end_is_not_written_over(own: Path) -> None:
    tests = "  - {name: x, record: console-login, patch: {$.eventTime: soon}, expect: {user.name: x}}\n"
    results = tried(own, tests)
    assert rewritten(HEAD + tests, results) == HEAD + tests


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_tells_what_failed_and_exits_with_1(own: Path) -> None:
    own.write_text(HEAD + "  - {name: x, record: check-mfa, expect: {labels.place: home}}\n", "utf-8")
    done = run("own.yaml", cwd=own.parent)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "own.yaml:8:5: x",
        "  labels.place (line 8, written at own.yaml:6)",
        "    - home",
        "    + office",
        "own.yaml: 1 test, 1 failed",
    ]
    done = run("--update", "own.yaml", cwd=own.parent)
    assert (done.returncode, done.stdout) == (0, "own.yaml: written anew\nown.yaml: 1 test, all passed\n")
    assert run("--mapping-dir", ".", cwd=own.parent).stdout == "own.yaml: 1 test, all passed\n"


def test_broken_mappings_and_missing_ones_exit_with_2(own: Path) -> None:
    own.write_text(HEAD + "  - {name: x}\n", "utf-8")
    done = run("own.yaml", cwd=own.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "own.yaml:8:5: warning: a test says its `record` [bad-test]" in done.stderr
    assert run("other.yaml", cwd=own.parent).returncode == 2
    assert "name a mapping to test" in run(cwd=own.parent).stderr


def test_errors_of_the_mapping_are_told_before_what_is_wrong_in_its_tests(own: Path) -> None:
    own.write_text(HEAD.replace("labels.place", "user.nmae") + "  - {name: x}\n", "utf-8")
    done = run("--junit", "j.xml", "own.yaml", cwd=own.parent)
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert "error: user.nmae is no field" in first
    assert "[bad-test]" in second
    (suite,) = ElementTree.parse(own.parent / "j.xml").getroot()
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("1", "1")
    ((error,),) = suite
    assert error.tag == "error"
    assert "user.nmae is no field" in str(error.text)


def test_junit_xml_is_written_where_there_is_no_such_mapping(own: Path) -> None:
    own.write_text(HEAD + "  - {name: fine, record: check-mfa}\n", "utf-8")
    assert run("--junit", "j.xml", "own.yaml", "other.yaml", cwd=own.parent).returncode == 2
    fine, other = ElementTree.parse(own.parent / "j.xml").getroot()
    assert (fine.attrib["errors"], other.attrib["errors"]) == ("0", "1")


def test_a_patch_of_a_misspelt_path_is_told_and_the_test_is_run(own: Path) -> None:
    own.write_text(HEAD + "  - {name: x, record: check-mfa, patch: {$.sourceIpAddress: 192.0.2.1}}\n", "utf-8")
    told = "8:42: warning: no sign-in record is known to have $.sourceIpAddress; did you mean '$.sourceIPAddress'?"
    (finding,) = examine(str(own))
    assert told in str(finding)
    done = run("own.yaml", cwd=own.parent)
    assert done.returncode == 0
    assert told in done.stdout


def test_a_list_beside_the_mappings_of_a_folder_is_none_of_them(own: Path) -> None:
    own.write_text(HEAD + "  - {name: fine, record: check-mfa}\n", "utf-8")
    own.with_name("accounts.yaml").write_text('"111122223333": audit\n', "utf-8")
    done = run("--mapping-dir", ".", cwd=own.parent)
    assert (done.returncode, done.stdout) == (0, "own.yaml: 1 test, all passed\n")


def test_a_mapping_without_tests_says_so(own: Path) -> None:
    own.write_text(HEAD.removesuffix("tests:\n"), "utf-8")
    done = run("own.yaml", cwd=own.parent)
    assert (done.returncode, done.stdout) == (0, "own.yaml: no tests\n")


def test_junit_xml_holds_each_test(own: Path) -> None:
    results = tried(own, '  - {name: "odd \\x1b<&>", record: check-mfa, expect: {labels.place: home}}\n'
                         "  - {name: fine, record: check-mfa}\n")  # fmt: skip
    root = ElementTree.fromstring(as_junit({"own": results}))
    (suite,) = root
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"]) == ("2", "1", "0")
    odd, fine = suite
    assert odd.attrib["name"] == "odd \\x1b<&>"
    assert (odd.attrib["line"], odd.attrib["file"]) == ("8", str(own))
    assert "+ office" in str(odd[0].text)
    assert list(fine) == []
    own.write_text(HEAD + "  - {name: fine, record: check-mfa}\n", "utf-8")
    assert run("--junit", "j.xml", "own.yaml", cwd=own.parent).returncode == 0
    assert ElementTree.parse(own.parent / "j.xml").getroot().tag == "testsuites"


def test_watching_runs_again_when_a_file_changes(own: Path) -> None:
    test = "  - {name: x, record: check-mfa, expect: {labels.place: home}}\n"
    own.write_text(HEAD + test, "utf-8")
    process = subprocess.Popen(
        command("--watch", "own.yaml", cwd=own.parent),
        cwd=own.parent,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugin")},
    )
    try:
        until(process, "1 failed")
        own.write_text("mapping: [\n", "utf-8")
        until(process, "not readable as YAML")
        own.write_text(HEAD + test.replace("home", "office"), "utf-8")
        until(process, "all passed")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[bytes], text: str) -> None:
    """Reads what the process shows up to a line with this text; each comes, or the test runs into its end."""
    assert process.stdout is not None
    end = time.monotonic() + 60
    while time.monotonic() < end:
        ready, _, _ = select.select([process.stdout], [], [], 60)
        line = process.stdout.readline().decode() if ready else ""
        assert line, "it ended, or says nothing"
        if text in line:
            return
    raise AssertionError(f"no {text!r} within a minute")
