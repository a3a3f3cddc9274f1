"""What tests of a mapping say, and what they find."""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import pytest
from tried import HEAD, results, run, said, tried

from doorlog.testing.cases import shipped_records


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
    found = tried(own, f"  - {{name: here, record: console-login, expect: {{\n      {expected}}}}}\n".replace(
        "expect: {\n", "\n    expect: {\n"))  # fmt: skip
    lines = said(found)
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
    found = tried(own, "  - {name: inside, record: check-mfa}\n")
    assert [result.case.name for result in found] == ["inside", "beside"]
    assert said(found)[0] == f"{beside}:2:5: beside"


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
    assert [line.strip() for line in said(results(tmp_path / "both.yaml"))[2:]] == ["- [red]", "+ [blue]"]


# -- what is stated of the world outside -------------------------------------------------------------------------------


def test_only_what_is_given_is_known_whatever_the_machine_has(own: Path, geoip: None) -> None:
    head = "mapping: own\nextends: geoip\ngiven:\n  networks: {198.51.100.7: {country: {iso_code: AU}}}\ntests:\n"
    tests = """\
  - name: given
    record: console-login
    patch: {$.sourceIPAddress: 198.51.100.7}
    expect: {source.geo: {country_iso_code: AU}}
  - name: in the machine's database alone
    record: console-login
    patch: {$.sourceIPAddress: 203.0.113.64}
    expect: {source.geo: null}
"""
    assert said(tried(own, tests, head)) == []


def test_what_is_inherited_is_tested_with_what_its_own_file_gives(own: Path) -> None:
    head = "mapping: own\nextends: [geoip, user-agent]\ntests:\n"
    found = tried(own, "  - {name: x, record: console-login, expect: {source.geo: null}}\n", head, inherited=True)
    assert {result.suite.file.stem for result in found} >= {"own", "geoip", "user-agent"}
    assert said(found) == []


def test_a_key_that_is_not_given_is_made_of_its_name_and_one_that_is_given_counts(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOORLOG_PEOPLE_KEY", "the real key, which no test may use")
    pseudonyms = {
        key: hmac.digest(key.encode(), b"anaya", "sha256").hex()[:32]
        for key in ("the key people of tests", "a key of tests alone")
    }
    for key, pseudonym in pseudonyms.items():
        given = "" if "of tests alone" not in key else f"given: {{keys: {{people: {key}}}}}\n"
        head = f"mapping: own\nextends: [ecs, pseudonymous]\n{given}tests:\n"
        test = f"  - {{name: x, record: console-login, expect: {{user.name: {pseudonym}}}}}\n"
        assert said(tried(own, test, head)) == []
