"""A shipped configuration for Fluentd, made fit for this machine."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from doorlog.resources import folder

FOLDER = "/var/lib/fluentd/doorlog"
ERRORS = "/var/log/fluentd/doorlog.err"
COMMANDS = ("command doorlog ", "command exec doorlog ")


def configured(way: str, place: Path) -> str:
    """The configuration of a way in, with Doorlog by its whole path and with its files in this folder."""
    shipped = folder("plugin/fluentd")
    text = (shipped / f"{way}.conf").read_text("utf-8").rstrip("\n")
    for command in COMMANDS:
        text = text.replace(command, command.replace("doorlog ", f"{_words()} "))
    text = text.replace('"$(doorlog fluentd plugin-dir)"', shlex.quote(str(shipped)))
    return text.replace(ERRORS, f"{place}/doorlog.err").replace(FOLDER, str(place))


def _words() -> str:
    """How to start this Doorlog from anywhere: its command, or its module where it runs without being installed."""
    beside = Path(sys.executable).with_name("doorlog")
    started = sys.argv[0] if Path(sys.argv[0]).name == "doorlog" else None
    found = next((path for path in (started and shutil.which(started), beside) if path and Path(path).is_file()), None)
    return shlex.quote(str(Path(found).absolute())) if found else f"{shlex.quote(sys.executable)} -m doorlog"
