"""`doorlog explain --mapping` shows where the rules of a mapping come from."""

from __future__ import annotations

import json
from pathlib import Path

from cli_process import Doorlog

MINE = (
    "mapping: mine\nextends: ecs\nset:\n  message: mine\n  user.email: !remove\n  event.category: {append: [network]}\n"
)


def test_rules_are_shown_with_file_and_line(doorlog: Doorlog, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, "utf-8")
    done = doorlog("explain", "--mapping", tmp_path / "mine.yaml")
    shown = reversed(done.stdout.decode().splitlines())  # the fields come first, and count
    lines = {words[0]: words[1:] for words in map(str.split, shown) if words}
    assert done.returncode == 0
    assert lines["message"][:3] == ["mine.yaml:4", "(instead", "of"]
    assert lines["user.email"][:3] == ["removed", "at", "mine.yaml:5"]
    assert lines["event.category"][:2] == ["mine.yaml:6", "(behind"]
    assert lines["event.outcome"][0].startswith("ecs.yaml:")
    assert lines["outcome"][0].startswith("aws-signin.yaml:")


def test_the_same_is_given_as_json(doorlog: Doorlog, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE, "utf-8")
    found = json.loads(doorlog("explain", "--mapping", tmp_path / "mine.yaml", "--format", "json").stdout)
    assert [Path(file).name for file in found["files"]] == ["aws-signin.yaml", "ecs.yaml", "mine.yaml"]
    message = next(one for one in found["origins"] if (one["part"], one["name"]) == ("set", "message"))
    assert (message["said"][-1]["line"], message["said"][-1]["column"], message["there"]) == (4, 3, True)


def test_another_version_of_the_target_has_the_same_rules(doorlog: Doorlog) -> None:
    assert doorlog("explain", "--mapping", "ecs@8.11").stdout == doorlog("explain", "--mapping", "ecs").stdout != b""


def test_a_mapping_that_can_t_be_merged_is_refused(doorlog: Doorlog, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mapping: mine\nextends: ecs\nset: {nothing.there: !remove }\n", "utf-8")
    done = doorlog("explain", "--mapping", tmp_path / "mine.yaml")
    assert (done.returncode, b"nothing-to-remove" in done.stderr) == (2, True)
