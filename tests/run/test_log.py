"""Messages: on stderr and in the log file, one line each, with nothing in them that could deceive a reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from doorlog.errors import UsageError
from doorlog.log import Log, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Zürich 東京 🙂", "plain Zürich 東京 🙂"),
        ("a\nb\r\tc", r"a\x0ab\x0d\x09c"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x85\x9b", r"\x85\x9b"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("\u2028\u2029\ufeff", r"\u2028\u2029\ufeff"),
        ("half \ud800", r"half \ud800"),
        ("tag \U000e0041", r"tag \U000e0041"),
    ],
)
def test_what_could_deceive_a_reader_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_message_is_one_line_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    Log().error("first\nsecond \ud800")
    assert capfd.readouterr().err == "doorlog: first\\x0asecond \\ud800\n"


def test_quiet_keeps_notes_but_not_errors_off_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    log = Log(quiet=True)
    log.note("by the way")
    log.error("it failed")
    assert capfd.readouterr().err == "doorlog: it failed\n"


def test_the_log_file_gets_every_message_with_its_time(tmp_path: Path) -> None:
    file = tmp_path / "doorlog.log"
    file.write_text("before\n")
    Log(quiet=True, file=file).note("by the way")
    assert re.fullmatch(r"before\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ doorlog: by the way\n", file.read_text())


def test_a_log_file_that_cannot_be_opened_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--log-file .*/no/log: No such file or directory"):
        Log(file=tmp_path / "no" / "log")
