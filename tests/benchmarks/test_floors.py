"""The floors do the work that they are said to do, so that a ratio to them means something."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest

import corpus
import floors
import handwritten
import one_run
from doorlog.normalize import Normalizer, normalizer
from doorlog.stopping import CHUNK

SOME = 4_000


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(["ecs"])


def test_the_hand_written_document_is_doorlogs(normalize: Normalizer) -> None:
    for record in corpus.records(SOME):
        assert handwritten.ecs(record) == one_event(normalize, record)


@pytest.mark.parametrize(
    "path",
    [
        "novel",
        "userIdentity.novel",
        "userIdentity.sessionContext.novel",
        "userIdentity.sessionContext.sessionIssuer.novel",
        "userIdentity.sessionContext.attributes.novel",
        "additionalEventData.novel",
        "tlsDetails.novel",
        "requestParameters",
        "responseElements.novel",
    ],
)
@pytest.mark.parametrize("value", [{"a": 1, "empty": {}}, {"b": ["c", ""]}], ids=["object", "list"])
def test_both_keep_what_they_do_not_know(normalize: Normalizer, path: str, value: Any) -> None:
    record = next(one for one in corpus.records(SOME) if one["userIdentity"]["type"] == "AssumedRole")
    holder = record
    *above, last = path.split(".")
    for key in above:
        holder = holder[key]
    holder[last] = value
    document = handwritten.ecs(record)
    assert document == one_event(normalize, record)
    assert orjson.dumps(document).count(b'"a":1') + orjson.dumps(document).count(b'"b":["c"]') == 1


def test_the_floors_read_as_much_at_once_as_doorlog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[int] = set()

    class Raw(io.FileIO):
        def readinto(self, buffer: Any) -> int | None:
            asked.add(len(buffer))
            return super().readinto(buffer)

    def watched(path: Path, mode: str, buffering: int = 4096) -> io.BufferedReader:
        return io.BufferedReader(Raw(str(path), mode), buffering)

    file = tmp_path / "corpus.ndjson"
    file.write_bytes(b"".join(corpus.lines(corpus.records(100))))
    monkeypatch.setattr(Path, "open", watched)
    one_run.floor(floors.round_trip, file)
    assert asked == {CHUNK}


def test_the_floors_write_a_line_for_each_line_read(normalize: Normalizer) -> None:
    lines = list(corpus.lines(corpus.records(20)))
    assert floors.round_trip(lines) == b"".join(lines)
    written = floors.hand_written(lines).splitlines()
    assert [orjson.loads(line) for line in written] == [one_event(normalize, orjson.loads(line)) for line in lines]


def one_event(normalize: Normalizer, record: Any) -> Any:
    events = normalize(record)
    assert isinstance(events, tuple)
    return events[0]
