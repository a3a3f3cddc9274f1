"""What is wrong in tests is found at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from tried import HEAD, tried

from doorlog.errors import MappingError
from doorlog.testing.cases import suites


@pytest.mark.parametrize(
    ("tests", "where", "finding"),
    [
        ("  - {record: check-mfa}\n", (8, 5), "a test says its `name` [bad-test]"),
        ("  - {name: x}\n", (8, 5), "a test says its `record` [bad-test]"),
        ("  - {name: x, record: check-mfaa}\n", (8, 23), "there is no record 'check-mfaa'; did you mean 'check-mfa'?"),
        ("  - {name: x, record: ../x.json}\n", (8, 23), "is not beside the tests"),
        ("  - {name: x, record: x.json}\n", (8, 23), "can't read x.json: No such file or directory"),
        ("  - {name: x, record: check-mfa, expects: {}}\n", (8, 34), "a test has no 'expects'; did you mean 'expect'?"),
        ("  - {name: x, record: check-mfa, expect: {user.nmae: null}}\n", (8, 43), "did you mean 'user.name'?"),
        ("  - {name: x, record: check-mfa, facts: {outcom: x}}\n", (8, 42), "did you mean 'outcome'?"),
        ("  - {name: x, record: check-mfa, kind: check}\n", (8, 40), "there is no kind 'check'"),
        ("  - {name: x, record: check-mfa, reject: bad}\n", (8, 42), "there is no reason of a reject 'bad'"),
        ("  - {name: x, record: check-mfa, skip: near-signin}\n", (8, 40), "did you mean 'near-sign-in'?"),
        ("  - {name: x, record: check-mfa, skip: empty, reject: bad_time}\n", (8, 47), "skipped or rejected"),
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
