"""Lines out of pieces of a stream, split at line feeds only, none longer than the limit."""

from __future__ import annotations

from io import BytesIO

from doorlog.intake.limits import KEPT_BYTES

PLACEHOLDER = b"\xff\n"
"""Stands where an over-long line was; it can't be JSON."""


class Lines:
    """Cuts a stream into lines; holds one unfinished line at most.

    `overlong` has the beginning of each line over the limit, by its number; whoever meets the placeholder takes it out.
    """

    def __init__(self, limit: int, number: int) -> None:
        self.overlong: dict[int, bytes] = {}
        self._limit = limit
        self._kept = min(limit, KEPT_BYTES)
        self._number = number
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete, each with its line feed."""
        lines = BytesIO(data).readlines()
        if self._held:
            lines[0] = self._joined(lines[0])
            if not lines[0]:
                return []
        if not lines[-1].endswith(b"\n"):
            self._hold(lines.pop())
        if self._limit < len(data) or (lines and self._limit < len(lines[0])):
            lines = [self._checked(line, self._number + place) for place, line in enumerate(lines)]
        self._number += len(lines)
        return lines

    def end(self) -> bytes:
        """The last line, if no line feed ended it; without one, but for the placeholder."""
        if not self._held:
            return b""
        line = self._checked(self._joined(b"\n"), self._number)
        return line if line == PLACEHOLDER else line[:-1]

    def _joined(self, piece: bytes) -> bytes:
        if not piece.endswith(b"\n"):
            self._hold(piece)
            return b""
        if self._size > self._limit:
            self.overlong[self._number] = self._held[0]
            line = PLACEHOLDER
        else:
            line = b"".join([*self._held, piece])
        self._held, self._size = [], 0
        return line

    def _hold(self, piece: bytes) -> None:
        was_over = self._size > self._limit
        self._size += len(piece)
        if was_over:
            return
        self._held.append(piece)
        if self._size > self._limit:
            self._held = [b"".join(self._held)[: self._kept]]

    def _checked(self, line: bytes, number: int) -> bytes:
        if len(line) - 1 <= self._limit:
            return line
        self.overlong[number] = line[: self._kept]
        return PLACEHOLDER
