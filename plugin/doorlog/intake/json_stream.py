"""A stream of JSON texts: what they hold, as soon as each is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from orjson import JSONDecodeError, loads

from doorlog.intake.envelopes import unwrap
from doorlog.intake.limits import Limits
from doorlog.intake.lines import PLACEHOLDER, Lines
from doorlog.intake.lookalikes import TYPES_OF_RECORDS
from doorlog.intake.rejections import unreadable
from doorlog.intake.spans import Spans, Text, texts
from doorlog.intake.text import Unreadable
from doorlog.record import Found


class JsonStream:
    """Reads by line if the stream's first line is one whole value, and by value otherwise."""

    broken = False
    """Never true: JSON can always be read on."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spans = Spans(limits, undecided=True)
        self._lines: Lines | None = None
        self._line = 1
        self._counted = 0
        self._index = 0

    def feed(self, data: bytes) -> Iterable[Found]:
        """What becomes complete with these bytes; of lines, each is read when it is asked for."""
        if self._lines is not None:
            return self._of_lines(self._lines, self._lines.feed(data)) if data else ()
        found: list[Found] = []
        self._add(self._spans.feed(data), found)
        if not self._spans.by_line:
            return found
        self._line = self._spans.line
        self._lines = Lines(self._limits.line_bytes, self._line)
        return chain(found, self.feed(self._spans.rest))

    def end(self) -> list[Found]:
        """What was left at the end."""
        found: list[Found] = []
        if self._lines is None:
            self._add(self._spans.end("torn_text"), found)
        else:
            self._add_line(self._lines, self._lines.end(), self._line, "torn_text", found)
        return found

    def _of_lines(self, source: Lines, lines: list[bytes]) -> Iterator[Found]:
        depth = self._limits.depth
        found: list[Found] = []
        number = self._line
        self._line += len(lines)
        for line in lines:
            # `text.shallow` and `lookalikes.is_plain`, without the calls: this runs once for every record.
            value = None
            readable = len(line) - len(line.replace(b"{", b"").replace(b"[", b"")) <= depth
            if readable:
                try:
                    value = loads(line)
                except JSONDecodeError:
                    readable = False
            if (
                value.__class__ is dict
                and (name := value.get("eventSource")).__class__ is str
                and name.endswith(".amazonaws.com")
                and "eventName" in value
                and value.get("eventType") in TYPES_OF_RECORDS
                and value.get("userIdentity").__class__ is dict
                and "__tag" not in value
                and "__time" not in value
            ):
                yield value, number, 0, None
            else:
                if readable:
                    unwrap(value, self._limits, number, 0, found)
                else:
                    self._add_line(source, line, number, "not_json", found)
                yield from found
                found.clear()
            number += 1

    def _add_line(self, source: Lines, line: bytes, number: int, torn: str, found: list[Found]) -> None:
        """A line that needs a closer look."""
        if line == PLACEHOLDER and number in source.overlong:
            self._add([Text(number, Unreadable("too_long", 0, ""), source.overlong.pop(number))], found)
        else:
            self._add(texts(line, self._limits, number, torn), found)

    def _add(self, read: list[Text], found: list[Found]) -> None:
        """What the texts hold; those that begin on the same line count their findings together."""
        for line, content, raw in read:
            if line != self._counted:
                self._counted, self._index = line, 0
            if isinstance(content, Unreadable):
                found.append((unreadable(content, line, raw, self._limits), line, self._index, None))
                self._index += 1
            else:
                self._index = unwrap(content, self._limits, line, self._index, found)
