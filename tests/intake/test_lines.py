"""Lines are cut as bytes arrive, numbered, and never held beyond the limit."""

from __future__ import annotations

import pytest

from doorlog.intake.lines import PLACEHOLDER, Lines


def cut(data: bytes, limit: int, chunk: int) -> tuple[list[bytes], bytes, dict[int, bytes]]:
    lines = Lines(limit, 1)
    whole = [line for at in range(0, len(data), chunk) for line in lines.feed(data[at : at + chunk])]
    return whole, lines.end(), lines.overlong


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 100])
def test_lines_come_out_whole_in_any_chunks(chunk: int) -> None:
    data = b"ab\n\ncd\r\n\x0b\x1c\xe2\x80\xa8x\nlast"
    assert cut(data, 100, chunk) == ([b"ab\n", b"\n", b"cd\r\n", b"\x0b\x1c\xe2\x80\xa8x\n"], b"last", {})


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 100])
def test_a_line_over_the_limit_leaves_a_placeholder_and_its_beginning_under_its_number(chunk: int) -> None:
    data = b"ab\nabcdef\nabcde\nabcdefghijk\n\nabcdefg"
    lines = [b"ab\n", PLACEHOLDER, b"abcde\n", PLACEHOLDER, b"\n"]
    assert cut(data, 5, chunk) == (lines, PLACEHOLDER, {2: b"abcde", 4: b"abcde", 6: b"abcde"})
