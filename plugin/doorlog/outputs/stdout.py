"""Write events to a file descriptor, one burst at a time."""

from __future__ import annotations

import errno
import os
import select
import sys
from collections.abc import Iterable
from operator import attrgetter

from doorlog.errors import OutputClosed, OutputFailed
from doorlog.outputs.child import ChildKeys
from doorlog.outputs.encode import Encode
from doorlog.outputs.event import Event
from doorlog.record import Json

READER_GONE = {errno.EPIPE, errno.ECONNRESET}


_DOCUMENT = attrgetter("document")


class StreamOutput:
    """Events as JSON lines or MessagePack on a file descriptor that somebody else opened."""

    def __init__(self, fd: int, name: str, encode: Encode, child: ChildKeys | None = None) -> None:
        self._fd, self._name, self._encode, self._child = fd, name, encode, child

    @property
    def plain(self) -> bool:
        """Whether documents are all that is wanted of events."""
        return self._child is None

    def write(self, events: Iterable[Event]) -> None:
        """Hand all events to the system before returning: no buffer of ours could be lost or wait for more."""
        self.write_documents(map(_DOCUMENT if self._child is None else self._child.document, events))

    def write_documents(self, documents: Iterable[Json]) -> None:
        """The same for documents alone."""
        data = self._encode(documents)
        try:
            write_all(self._fd, data)
        except OSError as error:
            if error.errno in READER_GONE:
                raise OutputClosed(f"nobody reads {self._name} any more") from None
            raise OutputFailed(f"can't write to {self._name}: {error.strerror}") from None

    def close(self) -> None:
        """Leave the descriptor open: the process that started this one shares it."""


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, however little a pipe takes at once, and whether or not it blocks."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            # The other end of a terminal or pipe may have set it non-blocking for all who share it.
            waiting = select.poll()
            waiting.register(fd, select.POLLOUT)
            waiting.poll()


def claim_stdout() -> int:
    """A private descriptor of the stream behind stdout; fd 1 itself then leads to stderr.

    So nothing but events reaches the stream: a library's stray print would end Fluentd's reading of it for good.
    """
    sys.stdout.flush()
    try:
        private = os.dup(1)
    except OSError as error:
        raise OutputFailed(f"stdout can't be written: {error.strerror}") from None
    try:
        os.dup2(2, 1)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    return private
