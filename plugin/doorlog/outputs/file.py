"""Append events to a file."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from doorlog.errors import OutputFailed, UsageError
from doorlog.outputs.encode import Encode
from doorlog.outputs.event import Event
from doorlog.outputs.stdout import StreamOutput, write_all
from doorlog.record import Json

WRONG_PATH = {errno.EISDIR, errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG}
"""Why a file can't be written where the path is what has to be changed."""


class FileOutput:
    """Events at the end of a file, which is made if it isn't there, with the rights that the umask leaves."""

    plain = True
    """Documents are all that is wanted of events."""

    def __init__(self, path: Path, encode: Encode, *, lines: bool) -> None:
        self._name = f"the file {path}"
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raised = UsageError if error.errno in WRONG_PATH else OutputFailed
            raise raised(f"can't write to {self._name}: {error.strerror}") from None
        self._stream = StreamOutput(self._fd, self._name, encode)
        if lines and _torn(path, self._fd):
            # A line that a crash or a full disk cut short must not swallow the first event that follows it.
            try:
                write_all(self._fd, b"\n")
            except OSError as error:
                os.close(self._fd)
                raise OutputFailed(f"can't write to {self._name}: {error.strerror}") from None

    def write(self, events: Iterable[Event]) -> None:
        """Append a burst in one go, so that processes that share a file don't mix their lines."""
        self._stream.write(events)

    def write_documents(self, documents: Iterable[Json]) -> None:
        """The same for documents alone."""
        self._stream.write_documents(documents)

    def close(self) -> None:
        """Close the file; some file systems say only now that it couldn't be stored."""
        try:
            os.close(self._fd)
        except OSError as error:
            raise OutputFailed(f"can't write to {self._name}: {error.strerror}") from None


def _torn(path: Path, fd: int) -> bool:
    """Whether a regular file ends in the middle of a line; no, if it may not be read."""
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
        return False
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:
        return False
