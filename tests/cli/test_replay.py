"""Rejects come back: replayed once the reason is mended, they give what they would have given."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from cli_process import BAD, GOOD, NOISE, Doorlog, line

from doorlog.intake import Limits
from doorlog.record import Reject, Skip
from doorlog.replay import Replay


def reject(**raw: Any) -> bytes:
    document = {
        "reason": "invalid_record",
        "message": "",
        "problems": [],
        "source": {"name": "stdin", "line": 1, "index": 0},
        **raw,
    }
    return json.dumps(document).encode() + b"\n"


def found(data: bytes, **limits: int) -> list[tuple[Any, int, int]]:
    """The same for every way of cutting the bytes into reads."""
    results = []
    for size in (1, 7, len(data)):
        replay = Replay(Limits(**limits), "auto")
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        results.append([each[:3] for piece in pieces for each in replay.read(piece)])
        results[-1] += [each[:3] for each in replay.end()]
    assert results[0] == results[1] == results[2]
    return results[0]


def test_replaying_gives_the_events_that_the_records_would_have_given(doorlog: Doorlog, tmp_path: Path) -> None:
    records = [line(eventID=f"id-{number}", userAgent="é" * 60) for number in range(3)]
    rejects = tmp_path / "rejects.ndjson"
    short = doorlog("--max-depth", "1", "--rejects", rejects, input=b"".join(records))
    assert short.stdout == b""
    assert short.stderr.endswith(b"read 3, delivered 0, rejected 3 (too_deep 3), skipped 0\n")
    again = doorlog("replay", "--to", "ecs", "--to", "ocsf", rejects)
    assert again.returncode == 0
    assert again.stdout == doorlog("--to", "ecs", "--to", "ocsf", input=b"".join(records)).stdout
    assert again.stderr == b"doorlog: read 3, delivered 3, rejected 0, skipped 0\n"


def test_what_is_still_wrong_is_rejected_again_with_the_same_problems(doorlog: Doorlog, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    doorlog("--rejects", first, input=GOOD + BAD + NOISE)
    done = doorlog("replay", "--rejects", second, first)
    assert done.stdout == b""
    before, after = ([json.loads(text) for text in file.read_bytes().splitlines()] for file in (first, second))
    for document in before + after:
        # The place is that in the rejects, now.
        del document["source"], document["problems"][0]["expected"]
    assert after == before
    assert len(after) == 2


def test_a_text_or_bytes_are_read_as_an_input_of_their_own() -> None:
    text = GOOD.decode()
    data = reject(text=text * 2) + reject(bytes=base64.b64encode(GOOD).decode())
    assert [(what["eventName"], *place) for what, *place in found(data)] == [
        ("ConsoleLogin", 1, 0),
        ("ConsoleLogin", 1, 1),
        ("ConsoleLogin", 2, 0),
    ]


def test_a_line_may_have_the_time_and_tag_of_fluentd_before_it() -> None:
    data = b"2024-06-10T13:05:00+00:00\tdoorlog.reject\t" + reject(record=json.loads(GOOD))
    assert [what["eventName"] for what, *_ in found(data)] == ["ConsoleLogin"]


def test_what_is_no_reject_is_skipped_by_name() -> None:
    data = GOOD + b"\n[1]\n{}\n" + reject() + reject(record={}, text="")
    data += reject(text="")
    assert [what for what, *_ in found(data)] == [Skip("not-a-reject")] * 5 + [Skip("empty")]


def test_a_reject_that_holds_only_a_beginning_is_skipped_by_name() -> None:
    assert found(reject(text='{"eventName": "Cons', truncated=True)) == [(Skip("truncated-reject"), 1, 0)]


def test_unreadable_lines_are_rejects_and_the_next_line_is_read() -> None:
    broken = reject(bytes="no base64!")
    reasons = [
        what.reason if isinstance(what, Reject) else "record"
        for what, *_ in found(NOISE + broken + reject(text=GOOD.decode()))
    ]
    assert reasons == ["not_json", "bad_encoding", "record"]


def test_a_document_that_is_too_long_is_a_reject_and_the_next_line_is_read() -> None:
    data = reject(text="x" * 20_000) + reject(text=GOOD.decode())
    first, second = found(data, line_bytes=2000)
    assert first[0].reason == "too_long"
    assert second[0]["eventName"] == "ConsoleLogin"


def test_a_cut_last_line_is_a_reject() -> None:
    [(what, number, _)] = found(reject(text=GOOD.decode())[:-40])
    assert (what.reason, number) == ("not_json", 1)
