"""Lists beside a mapping become tables, one for each column; what is wrong in one is told where it stands."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tiny import RECORD, Tiny

from doorlog.errors import MappingError
from doorlog.mapping import lists, shapes
from doorlog.record import Reject, Skip

MORE = "lists: {{accounts: {}}}\n"
RULES = "labels.team: {from: $.errorCode, table: accounts.team, default: none}\n"


def team(tiny: Tiny, name: str, text: str, said: str = "", code: str = "ABC") -> object:
    """What a mapping with this list says of a record's team."""
    (tiny.folder / name).write_text(text, "utf-8")
    tiny.ecs(RULES, MORE.format(said or name))
    return tiny.event(errorCode=code)["labels"]["team"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "code,team,owner\nABC,audit,alice\nDEF,,bob\n"),
        ("a.csv", "\ufeffcode, team\n\n ABC , audit \n"),
        ("a.csv", 'code,team\r\n"ABC","audit"\r\n'),
        ("a.yaml", "ABC: {team: audit, owner: alice}\nDEF: {owner: bob}\n"),
        ("a.yml", "ABC:\n  team: audit\n"),
    ],
)
def test_a_list_is_looked_up_by_its_first_column(tiny: Tiny, name: str, text: str) -> None:
    assert team(tiny, name, text) == "audit"
    assert team(tiny, name, text, code="DEF") == "none"


def test_another_column_can_be_the_key(tiny: Tiny) -> None:
    assert team(tiny, "a.csv", "team,code\naudit,ABC\n", "{file: a.csv, key: code}") == "audit"


def test_a_quoted_cell_may_hold_commas_and_lines(tiny: Tiny) -> None:
    assert team(tiny, "a.csv", 'code,team\nABC,"audit,\nand more"\n') == "audit,\nand more"


def test_a_yaml_list_of_values_is_a_table_of_its_own_name(tiny: Tiny) -> None:
    (tiny.folder / "a.yaml").write_text("ABC: audit\n", "utf-8")
    tiny.ecs("labels.team: {from: $.errorCode, table: teams}\n", "lists: {teams: a.yaml}\n")
    assert tiny.event()["labels"] == {"team": "audit"}


def test_an_overlay_adds_to_a_list_and_takes_from_it(tiny: Tiny) -> None:
    (tiny.folder / "a.csv").write_text("code,team\nABC,audit\nDEF,cloud\n", "utf-8")
    tiny.ecs(RULES, MORE.format("a.csv"))
    rows = "{ABC: !remove, GHI: new}"
    tiny.write("over", f"mapping: over\nextends: tiny\ntables: {{accounts.team: {rows}}}\n")
    found = {}
    for code in ("ABC", "DEF", "GHI"):
        outcome = tiny.normalizer("over")(RECORD | {"errorCode": code})
        assert not isinstance(outcome, Skip | Reject) and outcome[0] is not None
        found[code] = outcome[0]["labels"]["team"]
    assert found == {"ABC": "none", "DEF": "cloud", "GHI": "new"}


@pytest.mark.parametrize(
    ("name", "text", "said", "where"),
    [
        ("a.csv", "", "the first row has the names of two columns or more", "a.csv:1:1"),
        ("a.csv", "code\nABC\n", "the first row has the names of two columns or more", "a.csv:1:1"),
        ("a.csv", "code,code\nABC,x\n", "each once", "a.csv:1:1"),
        ("a.csv", "code,team\nABC,x\nDEF\n", "this row has 1 columns, and the first one 2", "a.csv:3:1"),
        ("a.csv", "code,team\nABC,x\nDEF,y,z\n", "this row has 3 columns", "a.csv:3:1"),
        ("a.csv", "code,team\nABC,x\n\n  ABC,y\n", "'ABC' stands in 'code' twice", "a.csv:4:3"),
        ("a.csv", "code,team\n,x\n", "'code' is empty here", "a.csv:2:1"),
        ("a.csv", 'code,team\nABC,"x\n', "this is no CSV", "a.csv:2:1"),
        ("a.yaml", "ABC: {team: x}\nDEF: y\n", "but not both", "a.yaml:2:6"),
        ("a.yaml", "ABC: {team: [x]}\n", "a value in a list is a text", "a.yaml:1:13"),
        ("a.yaml", "ABC: {team: x}\nABC: {team: y}\n", "ABC", "a.yaml:2:1"),
        ("a.yaml", "ABC: {team: 'x}\n", "YAML", "a.yaml:"),
        ("a.txt", "ABC", "a.txt is neither CSV", "tiny.yaml:"),
    ],
)
def test_what_is_wrong_in_a_list_is_told_where_it_stands(
    tiny: Tiny, name: str, text: str, said: str, where: str
) -> None:
    with pytest.raises(MappingError) as refused:
        team(tiny, name, text)
    message = str(refused.value.findings[0])
    assert said in message
    assert where in message


def test_a_value_that_the_field_refuses_is_told_where_the_list_has_it(tiny: Tiny) -> None:
    (tiny.folder / "a.csv").write_text("code,outcome\nABC,success\nDEF,fine\n", "utf-8")
    tiny.ecs("event.outcome: {from: $.errorCode, table: accounts.outcome}\n", MORE.format("a.csv"))
    with pytest.raises(MappingError) as refused:
        tiny.event()
    assert "a.csv:3:5" in str(refused.value) and "'fine' is no value of event.outcome" in str(refused.value)


@pytest.mark.parametrize("file", ["../a.csv", "/etc/passwd.csv", "sub/../../a.csv", "link.csv", "missing.csv", "sub"])
def test_a_list_stands_in_the_folder_of_the_mapping(tmp_path: Path, file: str) -> None:
    folder = tmp_path / "mappings"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "a.csv").write_text("code,team\nABC,secret\n", "utf-8")
    (folder / "link.csv").symlink_to(tmp_path / "a.csv")
    tiny = Tiny(folder)
    tiny.ecs(RULES, MORE.format(file))
    with pytest.raises(MappingError) as refused:
        tiny.event()
    assert "secret" not in str(refused.value)
    assert refused.value.findings[0].file.endswith("tiny.yaml")


def test_a_list_may_stand_below_the_folder(tiny: Tiny) -> None:
    (tiny.folder / "lists").mkdir()
    assert team(tiny, "lists/a.csv", "code,team\nABC,audit\n") == "audit"


def test_too_long_a_list_is_refused(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MAX_ROWS", 2)
    with pytest.raises(MappingError, match="2 rows at the most"):
        team(tiny, "a.csv", "code,team\nABC,x\nDEF,y\nGHI,z\n")


def test_a_list_of_thousands_loads_in_a_moment_and_costs_no_shapes(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    (tiny.folder / "a.csv").write_text("code,team\n" + "".join(f"c{n},t{n}\n" for n in range(20_000)), "utf-8")
    tiny.ecs(RULES, MORE.format("a.csv"))
    before = time.process_time()
    normalize = tiny.normalizer("tiny")
    for number in range(300):
        outcome = normalize(RECORD | {"errorCode": f"c{number}"})
        assert not isinstance(outcome, Skip | Reject) and outcome[0] is not None
        assert outcome[0]["labels"]["team"] == f"t{number}"
    assert time.process_time() - before < 5
    assert len(normalize._functions["any"]._made) == 1


def test_what_is_looked_up_only_to_be_written_tells_no_shapes_of_records_apart(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    tiny.ecs("labels.team: {from: $.errorCode, table: {A: a, B: b}, default: none}\n")
    normalize = tiny.normalizer("tiny")
    for code in ("A", "B", "C", "D"):
        outcome = normalize(RECORD | {"errorCode": code})
        assert not isinstance(outcome, Skip | Reject) and outcome[0] is not None
        assert outcome[0]["labels"]["team"] == {"A": "a", "B": "b"}.get(code, "none")
    assert len(normalize._functions["any"]._made) == 1
