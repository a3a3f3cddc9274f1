"""Parts that stand for others while the loop alone is under test."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from doorlog.errors import OutputFailed
from doorlog.outputs import Event
from doorlog.record import Found, Json, Problem, Reject, Skip
from doorlog.rejects import Rejected


class WordStream:
    """A stream of one word a line: `good` and `bad` become records, `skip` a skip, `torn` at the end a reject."""

    broken = False

    def __init__(self) -> None:
        self._rest = b""
        self._line = 0

    def read(self, data: bytes) -> list[Found]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return list(self._found(lines))

    def end(self) -> list[Found]:
        self._line += 1
        return [(Reject("torn_text", (), self._rest), self._line, 0, None)] if self._rest else []

    def _found(self, lines: list[bytes]) -> Iterator[Found]:
        for line in lines:
            self._line += 1
            if line == b"skip":
                yield Skip("near-sign-in"), self._line, 0, None
            elif line == b"noise":
                yield Reject("not_json", (), line), self._line, 0, None
            else:
                yield {"word": line.decode()}, self._line, 0, None


class Doubling:
    """A normalizer of two targets that refuses the word `bad`."""

    targets = ("ecs", "ocsf")

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def __call__(self, record: Json) -> tuple[Json, ...] | Skip | Reject:
        if record["word"] == "bad":
            return Reject("invalid_record", (Problem("$.word", "enum", "good"),), record)
        return {"ecs": record["word"]}, {"ocsf": record["word"]}

    def time_ns(self, record: Json) -> int | None:
        return len(record["word"])


class Kept:
    """An output, or a place for rejects, that keeps what it gets, up to a number of bursts."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.bursts: list[list[Event]] = []
        self.rejects: list[Rejected] = []
        self._most = most

    def write(self, events: Iterable[Event]) -> None:
        burst = list(events)
        if len(self.bursts) >= self._most:
            raise OutputFailed("full")
        self.bursts.append(burst)

    def take(self, rejects: list[Rejected]) -> None:
        self.rejects += rejects

    def close(self) -> None:
        pass

    @property
    def events(self) -> list[Event]:
        return [event for burst in self.bursts for event in burst]
