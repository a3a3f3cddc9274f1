"""Events in a file."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sample_events import signin

from doorlog.errors import OutputFailed, UsageError
from doorlog.outputs import open_output


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def ids(path: Path) -> list[str]:
    return [json.loads(line)["event"]["id"] for line in path.read_bytes().splitlines()]


def test_events_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    for number in (1, 2):
        output = open_output(f"file:{path}", "json", ["ecs"])
        output.write([signin(number)])
        output.close()
    assert ids(path) == ["1", "2"]


def test_a_new_file_has_the_rights_that_the_umask_leaves(tmp_path: Path, umask: None) -> None:
    open_output(f"file:{tmp_path}/events.json", "json", ["ecs"]).close()
    assert stat.S_IMODE((tmp_path / "events.json").stat().st_mode) == 0o640


def test_a_line_that_was_cut_short_does_not_swallow_the_next_event(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(b'{"event":{"id":"0"}}\n{"event":{"i')
    output = open_output(f"file:{path}", "json", ["ecs"])
    output.write([signin(1)])
    output.close()
    assert path.read_bytes().splitlines()[1] == b'{"event":{"i'
    assert json.loads(path.read_bytes().splitlines()[2]) == signin(1).document


def test_messagepack_files_get_no_newline(tmp_path: Path) -> None:
    path = tmp_path / "events.msgpack"
    path.write_bytes(b"\x01")
    open_output(f"file:{path}", "msgpack", ["ecs"]).close()
    assert path.read_bytes() == b"\x01"


def test_a_url_of_a_local_file_is_its_path(tmp_path: Path) -> None:
    open_output(f"file://{tmp_path}/events.json", "json", ["ecs"]).close()
    assert (tmp_path / "events.json").exists()


@pytest.mark.parametrize("name", ["", "missing/events.json"])
def test_a_path_that_cannot_be_a_file_is_said_at_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"can't write to the file .*(Is a directory|No such file or directory)"):
        open_output(f"file:{tmp_path}/{name}", "json", ["ecs"])


def test_a_file_that_may_not_be_written_is_said_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.touch(mode=0o400)
    if os.access(path, os.W_OK):
        pytest.skip("the superuser may write to any file")
    with pytest.raises(UsageError, match="Permission denied"):
        open_output(f"file:{path}", "json", ["ecs"])


def test_a_file_is_closed_once_and_for_all(tmp_path: Path, open_fds: Callable[[], int]) -> None:
    before = open_fds()
    output = open_output(f"file:{tmp_path}/events.json", "json", ["ecs"])
    output.write([signin(1)])
    output.close()
    assert open_fds() == before
    with pytest.raises(OutputFailed, match="Bad file descriptor"):
        output.write([signin(2)])
