"""Where a text begins and ends: by line or by value, as the stream's first text says."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from intake_cases import counted, named, records, rejects, sign_in, take

from doorlog.intake import Intake, Limits

ONE = json.dumps(sign_in()).encode()
TWO = json.dumps(sign_in("anaya")).encode()
PRETTY = json.dumps(sign_in(), indent=2).encode()
SMALL = Limits(line_bytes=2000)


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (ONE, 1),
        (ONE + b"\n" + TWO + b"\n", 2),
        (ONE + b"\n" + TWO, 2),
        (ONE + b"\r\n" + TWO + b"\r\n", 2),
        (b"\xef\xbb\xbf" + ONE + b"\n" + b"\xef\xbb\xbf" + TWO + b"\n", 2),
        (b"\n\n  \n" + ONE + b"\n\n \r\n" + TWO + b"\n\n", 2),
        (ONE + TWO, 2),
        (ONE + TWO + ONE + b"\n" + TWO, 4),
        (ONE + b" " + TWO + b"\n", 2),
        (ONE + b"\n" + ONE + TWO + b"\n" + TWO, 4),
        (PRETTY, 1),
        (PRETTY + b"\n" + PRETTY + b"\n", 2),
        (PRETTY + PRETTY, 2),
        (PRETTY.replace(b"\n", b"\r\n") + b"\r\n" + PRETTY, 2),
        (b"\xef\xbb\xbf" + PRETTY + b"\n" + b"\xef\xbb\xbf" + PRETTY, 2),
        (b"[" + ONE + b",\n" + TWO + b"]\n", 2),
        (b"[\n" + PRETTY + b",\n" + PRETTY + b"\n]\n" + ONE, 3),
    ],
)
def test_each_layout_gives_every_record(data: bytes, count: int) -> None:
    assert counted(take(data)) == {"record": count}
    assert counted(take(data, chunk=1)) == {"record": count}


def test_lines_end_at_line_feeds_only() -> None:
    agents = ["a\u2028b", "a\u2029b", "a\x85b", "a\u000bb", "a\x1cb", "a\x0cb", "a\rb", "a\x00b"]
    data = b"".join(json.dumps(sign_in(userAgent=agent), ensure_ascii=False).encode() + b"\n" for agent in agents)
    assert [record["userAgent"] for record in records(take(data))] == agents


def test_a_torn_line_costs_only_itself() -> None:
    data = ONE + b"\n" + ONE[:50] + b"\n" + TWO + b"\n" + ONE[50:] + b"\n" + TWO + b"\n"
    found = take(data)
    assert named(found) == ["record", "reject not_json", "record", "reject not_json", "record"]
    assert [line for _, line, _, _ in found] == [1, 2, 3, 4, 5]
    assert rejects(found)[0].raw == ONE[:50] + b"\n"


def test_a_line_that_was_torn_by_a_whole_one_gives_the_whole_one() -> None:
    found = take(ONE + b"\n" + TWO + ONE[:30] + b"\n" + TWO + b"\n")
    assert named(found) == ["record", "record", "reject not_json", "record"]
    assert [(line, index) for _, line, index, _ in found] == [(1, 0), (2, 0), (2, 1), (3, 0)]


@pytest.mark.parametrize("before", [b"", ONE + b"\n", PRETTY + b"\n"])
def test_half_a_value_at_the_end_is_torn_text(before: bytes) -> None:
    found = take(before + ONE[:-7])
    assert named(found)[-1] == "reject torn_text"
    assert rejects(found)[0].raw == ONE[:-7]
    assert len(found) == 1 + bool(before)


def test_a_stream_that_begins_in_the_middle_of_a_line_loses_only_that() -> None:
    found = take(ONE[30:] + b"\n" + TWO + b"\n" + ONE[:60] + b"\n" + TWO + b"\n" + ONE + b"\n")
    assert named(found) == ["reject not_json", "record", "reject not_json", "record", "record"]


def test_after_an_unreadable_value_reading_goes_on_at_the_next_line_that_opens_one() -> None:
    broken = PRETTY.replace(b'"awsRegion":', b'"awsRegion"', 1)
    found = take(PRETTY + b"\n" + broken + b"\n" + PRETTY + b"\n")
    assert named(found) == ["record", "reject not_json", "record"]
    assert rejects(found)[0].raw == broken + b"\n"


def test_a_fault_in_an_array_costs_its_opening_and_the_element_but_not_those_on_other_lines() -> None:
    lines = [b"[", ONE + b",", b"{" + ONE + b",", TWO + b",", TWO, b"]"]
    found = take(b"\n".join(lines))
    assert named(found) == ["reject not_json", "record", "reject not_json", "record", "record"]
    assert [reject.raw for reject in rejects(found)] == [b"[\n", b"{" + ONE + b",\n"]


def test_a_problem_says_where_and_what_without_the_value() -> None:
    broken = b'{\n  "eventName": "secret" "hidden"\n}\n'
    [reject] = rejects(take(PRETTY + b"\n" + broken))
    [problem] = reject.problems
    assert (problem.path, problem.rule) == ("$", "json")
    assert f"line {PRETTY.count(10) + 3}, column 25: " in problem.expected
    assert "secret" not in problem.expected
    assert "hidden" not in problem.expected


def test_text_that_is_no_json_is_one_reject() -> None:
    assert named(take(b'"time",name\n"x",y\nmore, and more\n')) == ["reject not_json"]
    assert named(take(b"2024-05-02 hello\n2024-05-03 world\n")) == ["reject not_json"]
    assert named(take(b"\x00" * 1000)) == ["reject not_json"]


@pytest.mark.parametrize("data", [b"", b"\n", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_blank_input_gives_nothing(data: bytes) -> None:
    assert take(data) == []


def test_a_record_comes_out_as_soon_as_its_line_or_its_bracket_has_arrived() -> None:
    intake = Intake()
    for name in ("alice", "anaya", "chen"):
        data = json.dumps(sign_in(name)).encode()
        assert intake.feed(data[:100]) == []
        assert intake.feed(data[100:]) == []
        assert len(intake.feed(b"\n")) == 1
    intake = Intake()
    for _ in range(3):
        lines = PRETTY.splitlines(keepends=True)
        assert [len(intake.feed(line)) for line in lines] == [0] * (len(lines) - 1) + [1]
        intake.feed(b"\n")
    large = json.dumps({"Records": [sign_in()] * 200}, indent=1).encode()
    for _ in range(3):
        found = [len(intake.feed(large[at : at + 5000])) for at in range(0, len(large), 5000)]
        assert found[-1] == 200
        intake.feed(b"\n")


def test_an_object_without_a_newline_waits_for_what_comes_next_or_for_the_end() -> None:
    for before in (b"", ONE + b"\n"):
        intake = Intake()
        assert named(intake.feed(before)) == ["record"] * bool(before)
        assert intake.feed(TWO) == []
        assert named(intake.feed(b"\n")) == ["record"]
        assert intake.feed(TWO) == []
        assert named(intake.end()) == ["record"]


@pytest.mark.parametrize("chunk", [0, 1, 100])
def test_an_over_long_line_is_one_reject_and_the_next_line_is_fine(chunk: int) -> None:
    long = b'{"a":"' + b"x" * 5000 + b'"}'
    for before in (b"", ONE + b"\n"):
        found = take(before + long + b"\n" + TWO + b"\n" + long, SMALL, chunk=chunk)
        assert named(found)[-3:] == ["reject too_long", "record", "reject too_long"]
        assert [reject.raw for reject in rejects(found)] == [long[:2000]] * 2
        assert rejects(found)[0].problems[0].expected == "at most 2000 bytes (--max-line-bytes)"


def test_a_line_as_long_as_the_limit_passes_and_one_byte_more_does_not() -> None:
    limits = Limits(line_bytes=len(ONE))
    for before in (b"", b"{}\n", b"{}{}\n"):
        assert named(take(before + ONE + b"\n", limits))[-1] == "record"
        assert named(take(before + ONE + b" \n", limits))[-1] in ("reject too_long", "record")
        assert named(take(before + ONE.replace(b"alice", b"alices") + b"\n", limits))[-1] == "reject too_long"


def test_an_over_long_value_that_spans_lines_is_one_reject_and_the_next_value_is_fine() -> None:
    long = json.dumps({"Records": [sign_in()] * 5}, indent=2).encode()
    found = take(PRETTY + b"\n" + long + b"\n" + PRETTY + b"\n" + long + PRETTY, SMALL, chunk=64)
    assert named(found) == ["record", "reject too_long", "record", "reject too_long"]


def test_concatenated_values_may_be_longer_together_than_the_limit() -> None:
    assert counted(take(ONE * 50, SMALL)) == {"record": 50}


def test_a_line_without_end_is_not_held() -> None:
    limits = Limits(line_bytes=1 << 18)
    piece = b"x" * (1 << 16)
    for before in (b"", b"{}\n", b"{}{}\n"):
        intake = Intake(limits)
        intake.feed(before + b'{"a":"')
        tracemalloc.start()
        try:
            for _ in range(1024):
                intake.feed(piece)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 8 << 20
        assert named(intake.feed(b'"}\n' + ONE + b"\n") + intake.end())[-1] == "record"


def test_many_values_of_which_none_is_whole_take_time_in_proportion() -> None:
    data = b'{"a":[\n' * 5000
    assert named(take(data, Limits(line_bytes=1 << 20), chunk=1 << 16))[0] == "reject too_deep"
