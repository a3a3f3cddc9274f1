"""What is found in mappings is given to people and to tools, each in the form that they read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from doorlog.diagnostics import CODES, Finding
from doorlog.mapping.examine import examine
from doorlog.reports import REPORTS, text
from node_packages import packages

HERE = Path(__file__).resolve().parent

MAPPING = """\
mapping: wrong
extends: ecs
facts:
  spare: {from: who}
set:
  user.nmae: {from: who}
  event.kind: "evnt"
  "@timestmap": x
"""

Found = dict[str, list[Finding]]


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Found:
    monkeypatch.chdir(tmp_path)
    Path("wrong.yaml").write_text(MAPPING, "utf-8")
    return {"ecs": examine("ecs"), "wrong.yaml": examine("wrong.yaml")}


def test_people_see_the_line_and_a_mark_below_what_is_meant(found: Found) -> None:
    assert text.report(found).splitlines() == [
        "wrong.yaml:4:3: warning: nothing uses the fact 'spare' [unused-fact]",
        "  4 |   spare: {from: who}",
        "    |   ^^^^^",
        "wrong.yaml:6:3: error: user.nmae is no field of ECS 9.4.0; did you mean 'user.name'? [unknown-field]",
        "  6 |   user.nmae: {from: who}",
        "    |   ^^^^^^^^^",
        "wrong.yaml:7:15: error: 'evnt' is no value of event.kind, which takes keyword; did you mean 'event'? (alert,"
        " asset, enrichment, event, metric, pipeline_error, signal, state) [wrong-value]",
        '  7 |   event.kind: "evnt"',
        "    |               ^^^^^^",
        "wrong.yaml:8:3: error: @timestmap is no field of ECS 9.4.0; did you mean '@timestamp'? [unknown-field]",
        '  8 |   "@timestmap": x',
        "    |   ^^^^^^^^^^^^",
        "ecs: fine",
        "wrong.yaml: 3 errors, 1 warning",
    ]


def test_colours_change_nothing_but_colours(found: Found) -> None:
    coloured = text.report(found, coloured=True)
    assert coloured != text.report(found)
    assert re.sub("\033\\[[0-9;]*m", "", coloured) == text.report(found)


@pytest.mark.parametrize(
    "line", ["  'ab\u202ecd': x", "  ab\x1b[31mcd: x", "\tab: x", "  " + "x" * 5000 + ": 1", "  \U0001f600é: x"]
)
def test_a_strange_line_deceives_nobody_and_the_mark_stays_below(tmp_path: Path, line: str) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(line + "\n", "utf-8")
    column = len(line) - len(line.lstrip()) + 1
    *_, shown, mark, _ = text.report({"odd": [Finding(str(file), 1, column, "wrong-form", "odd\u202e")]}).split("\n")
    assert all(character.isprintable() for character in shown + mark)
    assert len(shown) < 400
    begin = mark.index("^")
    assert shown[begin:].startswith(line.lstrip()[:2]) or shown[begin:].startswith("ab\\x1b")


def test_a_file_that_is_gone_is_told_without_its_line() -> None:
    assert text.report({"x": [Finding("no/such.yaml", 3, 2, "wrong-form", "bad")]}).splitlines() == [
        "no/such.yaml:3:2: error: bad [wrong-form]",
        "x: 1 error",
    ]


def test_json_has_each_finding_with_its_place(found: Found) -> None:
    document = json.loads(REPORTS["json"](found))
    assert (document["mappings"], document["errors"], document["warnings"], document["notes"]) == (
        ["ecs", "wrong.yaml"], 3, 1, 0,
    )  # fmt: skip
    assert document["findings"][1] == {
        "file": "wrong.yaml",
        "line": 6,
        "column": 3,
        "end_column": 12,
        "severity": "error",
        "code": "unknown-field",
        "message": "user.nmae is no field of ECS 9.4.0; did you mean 'user.name'?",
        "about": CODES["unknown-field"],
    }


def test_github_gets_a_command_for_each_finding(found: Found) -> None:
    lines = REPORTS["github"](found).splitlines()
    assert lines[0].startswith("::warning file=wrong.yaml,line=4,col=3,endColumn=8,title=unused-fact::nothing uses")
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::error", "::error", "::error"]


def test_what_has_a_meaning_to_github_is_escaped() -> None:
    odd = Finding("a,b:c%.yaml", 1, 1, "wrong-form", "100 %\nx::y")
    assert REPORTS["github"]({"x": [odd]}) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,endColumn=1,title=wrong-form::100 %25\\x0ax::y"
    )


def test_nothing_found_is_nothing_said_to_github() -> None:
    assert REPORTS["github"]({"ecs": []}) == ""


def test_sarif_has_a_rule_for_each_code_and_a_result_for_each_finding(found: Found) -> None:
    (run,) = json.loads(REPORTS["sarif"](found))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    assert all(f"docs/diagnostics.md#{rule['id']} " in rule["help"]["text"] for rule in rules)
    result = run["results"][1]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "unknown-field"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "wrong.yaml"},
        "region": {"startLine": 6, "startColumn": 3, "endColumn": 12},
    }
    assert [result["level"] for result in run["results"]] == ["warning", "error", "error", "error"]


@pytest.fixture(scope="module")
def sarif_schema(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The JSON Schema of SARIF 2.1.0 as the standard has it, from a package of npm's."""
    _, folder = packages(HERE, pytestconfig, tmp_path_factory)
    schemas = folder / "node_modules" / "@microsoft" / "jest-sarif" / "lib" / "schemas"
    return json.loads((schemas / "sarif-2.1.0-rtm.5.json").read_text("utf-8-sig"))


def test_sarif_is_as_the_standard_s_schema_has_it(found: Found, sarif_schema: Any) -> None:
    from jsonschema import Draft7Validator

    absolute = Finding("/srv/our mappings/ü.yaml", 2, 1, "no-target", "odd")
    for findings in (found, {}, {"x": [absolute]}):
        document = json.loads(REPORTS["sarif"](findings))
        assert [error.message for error in Draft7Validator(sarif_schema).iter_errors(document)] == []
    del document["runs"][0]["tool"]["driver"]["name"]
    assert list(Draft7Validator(sarif_schema).iter_errors(document))
