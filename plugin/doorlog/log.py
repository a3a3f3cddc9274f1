"""What people read: messages on stderr, and in a log file where stderr is thrown away (as Fluentd does).

A message never carries a record's value. Names and paths may come from a record's keys or from a command line, so
every message is escaped before it is shown.
"""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from doorlog.errors import UsageError

# Controls (C0, DEL, C1), characters without width, bidirectional controls, line and paragraph separators, lone
# surrogates and tag characters: with these a name could forge a line of the log or steer a terminal.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text on one line, with every character that could deceive a reader written as `\x1b` or `\u202e`."""
    return _UNSAFE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Log:
    """Messages to stderr and, if asked for, to a log file with the time before each."""

    def __init__(self, quiet: bool = False, file: Path | None = None) -> None:
        self._quiet = quiet
        self._file: BinaryIO | None = None
        if file is not None:
            try:
                self._file = file.open("ab", buffering=0)
            except OSError as error:
                raise UsageError(f"--log-file {file}: {error.strerror}") from None

    def note(self, text: str) -> None:
        """Tells something that is no failure; `--quiet` keeps it off stderr, not out of the log file."""
        self._write(text, stderr=not self._quiet)

    def error(self, text: str) -> None:
        """Tells a failure."""
        self._write(text, stderr=True)

    def _write(self, text: str, stderr: bool) -> None:
        line = f"doorlog: {visible(text)}\n".encode()
        if stderr:
            _write_all(2, line)
        if self._file is not None:
            moment = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ ")
            _write_all(self._file.fileno(), moment.encode() + line)


def _write_all(fd: int, line: bytes) -> None:
    try:
        while line:
            line = line[os.write(fd, line) :]
    except OSError:
        # Nobody is left to be told that nobody can be told.
        return
