"""Values out of pieces of a stream in which one may span lines, or share its line with others.

A value ends where JSON says so. After an unreadable one, reading goes on at the next line that opens a value and is
indented no deeper than the line on which the unreadable one began.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from doorlog.intake.endings import alone, likely_end
from doorlog.intake.limits import KEPT_BYTES, KIB, Limits
from doorlog.intake.text import BOM, Extent, Unreadable, extent, read, read_at_once, too_deep

_BLANK = re.compile(rb"(?:[ \t\r\n]|\xef\xbb\xbf)*")
_REMAINS = re.compile(rb"(?:[ \t\r\n,\]}]|\xef\xbb\xbf)*")
_DEEPEST_INDENT = 64
_CHEAP = 64 * KIB
_WINDOW = 4 * KIB


class Text(NamedTuple):
    """One text of a stream: the line (from 1) on which it began, its value or why there is none, and its bytes.

    An `Unreadable` counts its offset from the text's beginning.
    """

    line: int
    content: Any
    raw: bytes


class Spans:
    """Cuts a stream into values; holds one unfinished value at most.

    As long as the stream's first line may turn out to be one whole value, `undecided` is true; once it did, `by_line`
    is true, and `rest` is what has not been looked at.
    """

    def __init__(self, limits: Limits, line: int = 1, undecided: bool = False) -> None:
        self.undecided = undecided
        self.by_line = False
        self.line = line
        self._limits = limits
        self._buffer = bytearray()
        self._at = 0
        self._indent = 0
        self._opens_line = True
        self._blank = _BLANK
        self._tried = 0
        self._window = _WINDOW
        self._searched = 0
        self._lost: _Lost | None = None

    @property
    def rest(self) -> bytes:
        return self._peek(len(self._buffer))

    def feed(self, data: bytes) -> list[Text]:
        """The values that these bytes complete."""
        self._buffer += data
        return self._texts(None)

    def end(self, torn: str) -> list[Text]:
        """What is left; `torn` is the reason for a value that is not whole."""
        return self._texts(torn)

    def _texts(self, torn: str | None) -> list[Text]:
        found: list[Text] = []
        while not self.by_line and self._step(found, torn):
            pass
        del self._buffer[: self._at]
        self._searched = max(0, self._searched - self._at)
        self._at = 0
        return found

    def _step(self, found: list[Text], torn: str | None) -> bool:
        """Takes the next text off the buffer, if there is one to take."""
        if self._lost is not None:
            return self._resume(self._lost, found, torn is not None)
        self._skip_blanks()
        left = self._peek(len(BOM))
        if not left or (torn is None and left in (BOM[:1], BOM[:2])):
            return False
        if self.undecided and self._take_first_line(found):
            return True
        if torn is None and not self._worthwhile():
            return False
        if self._take_guess(found, torn is not None):
            return True
        reach = self._reach(torn is not None)
        if reach.kind == "whole":
            if self.undecided and torn is None and not self._decide(reach.end):
                return False
            raw = self._peek(reach.end)
            self._take(found, raw, read(raw, self._limits.depth))
            return True
        if reach.kind == "partial":
            if len(self._buffer) - self._at > self._limits.line_bytes:
                self._lose(Unreadable("too_long", 0, ""), min(KEPT_BYTES, self._limits.line_bytes))
                return True
            if torn is None:
                self._tried = len(self._buffer) - self._at
                return False
        self._lose(self._complaint(reach, torn), self._limits.line_bytes)
        return True

    def _peek(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            return bytes(view[self._at : self._at + size])

    def _skip_blanks(self) -> None:
        found = self._blank.match(self._buffer, self._at)
        assert found is not None  # the pattern matches nothing at all, too
        blanks = found[0]
        if not blanks:
            return
        self._at = found.end()
        newlines = blanks.count(b"\n")
        if newlines:
            self.line += newlines
            self._opens_line = True
            self._indent = len(blanks) - blanks.rfind(b"\n") - 1
        elif self._opens_line:
            self._indent += len(blanks)

    def _take_first_line(self, found: list[Text]) -> bool:
        """Whether the first line is there and one whole value; if it is there and is not, that is decided."""
        stop = self._buffer.find(b"\n", max(self._at, self._searched))
        if stop < 0:
            self._searched = len(self._buffer)
            return False
        self.undecided = False
        if stop - self._at > self._limits.line_bytes:
            return False
        raw = self._peek(stop - self._at)
        content = read(raw, self._limits.depth)
        if isinstance(content, Unreadable):
            reach = extent(raw)
            if reach.kind != "whole" or reach.end < len(raw):
                return False
        found.append(Text(self.line, content, raw))
        self._at = stop + 1
        self.line += 1
        self.by_line = True
        return True

    def _decide(self, end: int) -> bool:
        """Whether what follows the first value on its line says that lines don't matter."""
        following = self._buffer[self._at + end :].strip(b" \t\r")
        if not following and len(self._buffer) - self._at <= self._limits.line_bytes:
            self._tried = len(self._buffer) - self._at
            return False
        self.undecided = False
        return True

    def _worthwhile(self) -> bool:
        """Whether a value may have become whole, without asking at every byte of a long one."""
        size = len(self._buffer) - self._at
        if size >= 2 * self._tried or size > self._limits.line_bytes:
            return True
        tail = bytes(self._buffer[-_DEEPEST_INDENT:]).rstrip()
        return (size <= _CHEAP and tail.endswith((b"}", b"]"))) or tail.endswith((b"\n}", b"\n]"))

    def _reach(self, last: bool) -> Extent:
        have = min(len(self._buffer) - self._at, self._limits.line_bytes + 1)
        size = min(have, max(self._window, 2 * self._tried))
        while True:
            text = self._peek(size)
            found = extent(text)
            if found.kind == "whole" and text[:1] not in (b"{", b"["):
                found = alone(found, text, last and size == len(self._buffer) - self._at)
            if found.kind == "whole" and found.end > self._limits.line_bytes:
                found = Extent("partial", size)
            if found.kind != "partial" or size == have:
                return found
            size = min(have, size * 4)

    def _take_guess(self, found: list[Text], last: bool) -> bool:
        """Takes the first value where it ends as values mostly do; it is parsed only once then.

        An object or array that is whole can't be the beginning of a longer one, so a guess that parses is right.
        """
        if self.undecided and not last:
            return False
        start = self._at
        if last and self._tried:
            end = len(self._buffer)
            self._tried = 0
        else:
            end = likely_end(self._buffer, start, start + self._limits.line_bytes + 1)
        if not 0 < end - start <= self._limits.line_bytes:
            return False
        raw = self._peek(end - start)
        try:
            self._take(found, raw, read_at_once(raw, self._limits.depth))
        except ValueError:
            return False
        return True

    def _take(self, found: list[Text], raw: bytes, content: Any) -> None:
        found.append(Text(self.line, content, raw))
        self.line += raw.count(b"\n")
        self._at += len(raw)
        self._opens_line = False
        self._tried = 0
        self._window = max(_WINDOW, 2 * len(raw))

    def _complaint(self, reach: Extent, torn: str | None) -> Unreadable:
        deep = too_deep(self._peek(reach.end + 1), self._limits.depth)
        if deep is not None:
            return Unreadable("too_deep", deep, "a level too many")
        reason = torn if reach.kind == "partial" and torn is not None else "not_json"
        return Unreadable(reason, reach.end, reach.what)

    def _lose(self, why: Unreadable, keep: int) -> None:
        self.undecided = False
        self._lost = _Lost(self.line, why, keep, min(self._indent, _DEEPEST_INDENT))
        self._tried = 0
        self._blank = _REMAINS  # commas and closing brackets that belonged to what was lost

    def _resume(self, lost: _Lost, found: list[Text], last: bool) -> bool:
        """Looks for the line at which reading goes on, and gives the lost text once it is known."""
        opening = lost.opening.search(self._buffer, self._at)
        if opening is not None:
            stop = opening.start() + 1
        elif last:
            stop = len(self._buffer)
        else:
            newline = self._buffer.rfind(b"\n", self._at)
            near_end = newline >= 0 and len(self._buffer) - newline <= lost.indent + 1
            self._lose_more(lost, newline if near_end else len(self._buffer))
            return False
        self._lose_more(lost, stop)
        found.append(Text(lost.line, lost.why, bytes(lost.raw)))
        self._lost = None
        self._opens_line, self._indent = True, 0
        return True

    def _lose_more(self, lost: _Lost, stop: int) -> None:
        gone = self._buffer[self._at : stop]
        self.line += gone.count(b"\n")
        lost.raw += gone[: max(0, lost.keep - len(lost.raw))]
        self._at = stop


class _Lost:
    """An unreadable text whose end is not yet found."""

    def __init__(self, line: int, why: Unreadable, keep: int, indent: int) -> None:
        self.line = line
        self.why = why
        self.keep = keep
        self.indent = indent
        self.raw = bytearray()
        self.opening = re.compile(rb"\n[ \t]{0,%d}[{\[]" % indent)


def texts(data: bytes, limits: Limits, line: int, torn: str) -> list[Text]:
    """All values of a text that is known as a whole."""
    spans = Spans(limits, line)
    return spans.feed(data) + spans.end(torn)
