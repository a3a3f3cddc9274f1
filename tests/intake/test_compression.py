"""Gzip is recognized by content and unpacked as it comes; damage and bombs cost no more than themselves."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib

import pytest
from intake_cases import counted, named, rejects, sign_in, take

from doorlog.intake import Intake, Limits

LINES = b"".join(json.dumps(sign_in(f"user{number}")).encode() + b"\n" for number in range(50))
ZIPPED = gzip.compress(LINES, mtime=0)


@pytest.mark.parametrize("format", ["auto", "json"])
@pytest.mark.parametrize("chunk", [0, 1, 1000])
def test_gzip_is_recognized_by_its_content(format: str, chunk: int) -> None:
    assert take(ZIPPED, format=format, chunk=chunk) == take(LINES)


def test_files_one_after_the_other_give_the_records_of_all() -> None:
    file = gzip.compress(json.dumps({"Records": [sign_in(), sign_in("anaya")]}).encode())
    assert counted(take(file * 20)) == {"record": 40}
    assert counted(take(file + b"\0" * 700 + file + b"\0" * 3, chunk=5)) == {"record": 4}
    assert counted(take(gzip.compress(b"") + file)) == {"record": 2}


def test_a_text_may_go_on_in_the_next_member() -> None:
    assert take(gzip.compress(LINES[:777]) + gzip.compress(LINES[777:])) == take(LINES)


def test_records_come_out_while_the_file_still_arrives() -> None:
    zipper = zlib.compressobj(wbits=31)
    intake = Intake()
    for line in LINES.splitlines(keepends=True)[:3]:
        assert len(intake.feed(zipper.compress(line) + zipper.flush(zlib.Z_SYNC_FLUSH))) == 1


@pytest.mark.parametrize("cut", [3, 10, len(ZIPPED) // 2, len(ZIPPED) - 9, len(ZIPPED) - 1])
def test_a_truncated_file_gives_what_was_readable_and_one_reject(cut: int) -> None:
    intake = Intake()
    found = intake.feed(ZIPPED[:cut]) + intake.end()
    assert named(found)[-1] == "reject bad_gzip"
    assert set(named(found)[:-1]) <= {"record"}
    assert intake.broken
    readable = zlib.decompressobj(31).decompress(ZIPPED[:cut])
    assert len(found) - 1 == readable.count(b"\n")
    assert rejects(found)[0].raw == readable[readable.rfind(b"\n") + 1 :]


def test_damaged_data_gives_what_was_readable_and_one_reject() -> None:
    data = b"".join(
        json.dumps(sign_in(str(number), requestID=str(number**9))).encode() + b"\n" for number in range(3000)
    )
    zipped = bytearray(gzip.compress(data))
    zipped[-2000:-1990] = b"\xff" * 10
    intake = Intake()
    found = intake.feed(bytes(zipped))
    assert named(found)[-1] == "reject bad_gzip"
    assert counted(found)["record"] > 2500
    assert intake.broken
    assert intake.feed(LINES) == intake.end() == []


@pytest.mark.parametrize("ending", [b"\0\0\0\0\0\0\0\0", b"\0\0\0\0"])
def test_a_wrong_checksum_is_a_reject_after_all_records(ending: bytes) -> None:
    assert counted(take(ZIPPED[: -len(ending)] + ending)) == {"record": 50, "reject bad_gzip": 1}


def test_text_behind_the_file_is_a_reject() -> None:
    assert counted(take(ZIPPED + b"trailing")) == {"record": 50, "reject bad_gzip": 1}


def test_a_file_may_unfold_to_the_limit_and_not_a_byte_more() -> None:
    assert counted(take(ZIPPED * 2, Limits(decompressed_bytes=len(LINES)))) == {"record": 100}
    found = take(ZIPPED * 2, Limits(decompressed_bytes=len(LINES) - 2))
    assert counted(found) == {"record": 49, "reject too_large": 1}
    most = f"at most {len(LINES) - 2} bytes in one file (--max-decompressed-bytes)"
    assert rejects(found)[0].problems[0].expected == most


@pytest.mark.parametrize("fill", [b"\0", b" ", b"\n", b"[", b'{"a":'])
def test_a_bomb_is_refused_early_in_bounded_memory(fill: bytes) -> None:
    zipper = zlib.compressobj(9, wbits=31)
    block = fill * ((1 << 20) // len(fill))
    bomb = b"".join(zipper.compress(block) for _ in range(256)) + zipper.flush()
    tracemalloc.start()
    try:
        found = take(bomb, Limits(line_bytes=1 << 20), chunk=1 << 16)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert named(found)[-1] == "reject too_large"
    assert rejects(found)[-1].problems[0].expected == "at most 500 times its compressed size (--max-ratio)"
    assert len(found) <= 40
    assert peak < 40 << 20


def test_well_packed_records_are_no_bomb() -> None:
    line = json.dumps(sign_in()).encode() + b"\n"
    assert counted(take(gzip.compress(line * 40_000))) == {"record": 40_000}
