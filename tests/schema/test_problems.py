"""How a refused record is reported: where, which rule, what was expected, and never a value."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from doorlog.record import Json, Problem
from doorlog.schema import MOST_PROBLEMS, RecordSchema, written

SCHEMA = RecordSchema()
BARE = {"eventTime": "2024-06-10T13:05:00Z", "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com"}
CANARY = "hunter2-canary"


def everything_wrong(schema: Json, value: object) -> Json:
    """A record in which each place that has a rule holds this value, as deep as objects are allowed."""
    record: Json = {}
    for name, below in schema["properties"].items():
        record[name] = everything_wrong(below, value) if "properties" in below and "type" in below else value
    return record


def test_each_wrong_place_is_told_once_and_the_outermost_first() -> None:
    record = {"eventTime": "2023-02-29T00:00:00Z\n" * 9, "userIdentity": {"arn": 1}, "eventSource": "", "readOnly": 0}
    assert SCHEMA.problems(record) == (
        Problem("$.eventName", "required", "text"),
        Problem("$.eventTime", "pattern", "text like 2024-06-10T13:05:00Z"),
        Problem("$.eventSource", "minLength", "at least 1 character(s)"),
        Problem("$.readOnly", "type", "true or false or text or null"),
        Problem("$.userIdentity.arn", "type", "text or null"),
    )


def test_a_report_is_bounded() -> None:
    assert len(SCHEMA.problems(everything_wrong(SCHEMA.document, [CANARY]))) == MOST_PROBLEMS


@pytest.mark.parametrize("value", [CANARY, [CANARY], {CANARY: CANARY}, CANARY * 10_000])
def test_no_value_of_the_record_is_in_a_problem(value: object) -> None:
    wrong = everything_wrong(SCHEMA.document, value)
    problems = SCHEMA.problems(wrong) + SCHEMA.problems({**BARE, "userIdentity": value, "eventTime": value})
    assert problems
    assert CANARY not in repr(problems)


def test_every_rule_of_the_schema_has_its_words() -> None:
    broken: list[tuple[Json, str]] = [
        ({"eventTime": None}, "text"),
        ({"eventTime": "x"}, "text like 2024-06-10T13:05:00Z"),
        ({"eventTime": "2024-06-31T00:00:00Z"}, "text like 2024-06-10T13:05:00Z"),
        ({"userIdentity": 1}, "an object or null"),
        ({"userIdentity": {"sessionContext": {"ec2RoleDelivery": []}}}, "text or a number or null"),
    ]
    for members, expected in broken:
        assert [problem.expected for problem in SCHEMA.problems({**BARE, **members})] == [expected]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], "$"),
        (["userIdentity", "arn"], "$.userIdentity.arn"),
        (["resources", 0, "ARN"], "$.resources.0.ARN"),
        (["a", "b.c"], "$.a['b.c']"),
        (["it's", ""], "$['it\\'s']['']"),
        (["new\nline", "\x1b[31m", "\u202e"], "$['new\\nline']['\\u001b[31m']['\\u202e']"),
    ],
)
def test_a_place_is_written_so_that_it_can_be_read_back(parts: list[str | int], text: str) -> None:
    assert written(parts) == text


def test_jsonschema_is_not_imported_before_the_first_reject(root: Path) -> None:
    code = (
        "import sys; from doorlog.schema import RecordSchema; s = RecordSchema();"
        "assert s.proves(s.document['examples'][0]); assert 'jsonschema' not in sys.modules;"
        "assert s.problems({}); assert 'jsonschema' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(root / "plugin")}, timeout=60)


def test_checking_opens_no_socket(root: Path) -> None:
    code = (
        "import sys; sys.addaudithook(lambda event, _: sys.exit(9) if event.startswith('socket.') else None);"
        "from doorlog.schema import RecordSchema; s = RecordSchema();"
        "s.proves({}); s.problems({'$ref': 'http://192.0.2.1/x', '$schema': 'http://192.0.2.1/y'})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(root / "plugin")}, timeout=60)
