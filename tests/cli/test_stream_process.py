"""The filter as a process: prompt, complete, and clear about how it ended."""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import select
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgpack  # type: ignore[import-untyped]
import pytest
from cli_process import BAD, GOOD, NOISE, SKIPPED, Doorlog, Start, line

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "outputs"))

from faulty_server import FaultyServer

SUMMARY = b"doorlog: read 4, delivered 1, rejected 2 (invalid_record 1, not_json 1), skipped 1 (empty 1)\n"


def read_line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """What comes out within the time, up to a newline or the end."""
    assert process.stdout is not None
    data, until = b"", time.monotonic() + seconds
    while not data.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return data
        more = os.read(process.stdout.fileno(), 65536)
        if not more:
            return data
        data += more
    return data


def warmed_up(process: subprocess.Popen[bytes]) -> None:
    """Waits until the process has begun to read."""
    assert process.stdin is not None
    process.stdin.write(GOOD)
    assert read_line(process, 20).endswith(b"\n")


def test_a_live_record_comes_out_while_the_input_stays_open(start: Start) -> None:
    process = start()
    warmed_up(process)
    assert process.stdin is not None
    waits = []
    for _ in range(9):
        begun = time.monotonic()
        process.stdin.write(GOOD)
        assert read_line(process, 20).endswith(b"\n")
        waits.append(time.monotonic() - begun)
    assert statistics.median(waits) < 0.2


def test_stdin_is_read_without_any_argument_and_all_is_counted(doorlog: Doorlog) -> None:
    done = doorlog(input=GOOD + BAD + SKIPPED + NOISE)
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == 1
    assert done.stderr.endswith(SUMMARY)


def test_a_record_with_several_targets_gives_its_events_in_the_order_asked_for(doorlog: Doorlog) -> None:
    both = doorlog("--to", "ocsf", "--to", "ecs", input=GOOD * 3).stdout.splitlines()
    assert (
        both
        == [doorlog("--to", "ocsf", input=GOOD).stdout.strip(), doorlog("--to", "ecs", input=GOOD).stdout.strip()] * 3
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_add_up_for_mixtures(doorlog: Doorlog, seed: int, tmp_path: Path) -> None:
    kinds = [GOOD, BAD, SKIPPED, NOISE]
    # The first line decides how the rest is framed.
    mixture = [GOOD, *random.Random(seed).choices(kinds, k=300)]
    good, bad, skipped, noise = (mixture.count(kind) for kind in kinds)
    rejects = tmp_path / "rejects.ndjson"
    done = doorlog("--rejects", rejects, input=b"".join(mixture))
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == good
    reasons = [json.loads(text)["reason"] for text in rejects.read_bytes().splitlines()]
    assert (reasons.count("invalid_record"), reasons.count("not_json"), len(reasons)) == (bad, noise, bad + noise)
    assert b"read 301, delivered %d, rejected %d " % (good, bad + noise) in done.stderr
    assert b"skipped %d " % skipped in done.stderr


def test_rejects_change_the_exit_code_only_if_asked(doorlog: Doorlog) -> None:
    assert doorlog("--fail-on-reject", input=GOOD).returncode == 0
    assert doorlog("--fail-on-reject", input=GOOD + BAD).returncode == 1


def test_files_are_read_in_order_and_a_dash_is_stdin(doorlog: Doorlog, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(line(eventID=name))
    done = doorlog(tmp_path / "b", "-", tmp_path / "a", input=line(eventID="stdin"))
    assert [json.loads(event)["event"]["id"] for event in done.stdout.splitlines()] == ["b", "stdin", "a"]


def test_a_last_line_without_a_newline_is_a_record(doorlog: Doorlog) -> None:
    assert doorlog(input=GOOD + GOOD.rstrip()).stdout.count(b"\n") == 2


def test_sigterm_lets_the_queued_lines_through(start: Start) -> None:
    process = start()
    warmed_up(process)
    assert process.stdin is not None
    process.send_signal(signal.SIGSTOP)
    process.stdin.write(GOOD * 40)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    process.stdin.write(GOOD * 40 + b'{"eventVersion": "1.0')
    process.stdin.close()
    process.stdin = None
    out, err = process.communicate(timeout=20)
    assert out.count(b"\n") == 80
    assert err.endswith(b"read 82, delivered 81, rejected 1 (torn_text 1), skipped 0\n")
    assert process.returncode == 0


def test_sigterm_ends_a_stream_whose_input_stays_open(start: Start) -> None:
    process = start("--grace", "0.3")
    warmed_up(process)
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert process.wait(timeout=20) == 0
    assert time.monotonic() - begun < 3


def test_a_terminal_that_goes_away_ends_it_as_sigterm_does(start: Start) -> None:
    # The tests themselves may run under `nohup`.
    process = start("--grace", "0.3", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
    warmed_up(process)
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err == b"doorlog: read 1, delivered 1, rejected 0, skipped 0\n"


def test_what_the_grace_was_too_short_for_is_a_failure(start: Start) -> None:
    with Path("/dev/zero").open("rb") as endless:
        process = start("--grace", "0.2", "--quiet", stdin=endless)
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 3
    assert b"stdin was not read to its end within the grace after SIGTERM\n" in err


def test_a_record_that_the_end_of_the_grace_cuts_is_no_reject(start: Start, tmp_path: Path) -> None:
    large = tmp_path / "large.ndjson"
    large.write_bytes(GOOD * 200_000)
    process = start("--grace", "0.2", "--output", f"file:{tmp_path / 'out'}", large)
    while not (tmp_path / "out").exists() or not (tmp_path / "out").stat().st_size:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 3
    assert b"rejected 0, skipped 0\n" in err
    assert f"{large} was not read to its end within the grace after SIGTERM\n".encode() in err


def test_half_a_record_that_was_read_when_nothing_more_came_within_the_grace_is_kept_as_a_reject(
    start: Start, tmp_path: Path
) -> None:
    process = start("--grace", "0.3", "--rejects", f"file:{tmp_path / 'rejects'}")
    warmed_up(process)
    assert process.stdin is not None
    process.stdin.write(GOOD[:100])
    process.stdin.flush()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    # Who wrote it still has the pipe, and can't take back what was read.
    (reject,) = map(json.loads, (tmp_path / "rejects").read_text().splitlines())
    assert (reject["reason"], reject["text"]) == ("torn_text", GOOD[:100].decode())


@pytest.mark.parametrize("spooled", [False, True])
def test_what_was_read_of_an_endless_input_by_the_end_of_the_grace_goes_out(
    start: Start, tmp_path: Path, spooled: bool
) -> None:
    (tmp_path / "some").write_bytes(GOOD * 100)
    with FaultyServer() as server:
        endless = subprocess.Popen(
            ["sh", "-c", 'while cat "$0"; do :; done', tmp_path / "some"], stdout=subprocess.PIPE
        )
        spool = ("--spool", tmp_path / "spool", "--spool-bytes", "500000") if spooled else ()
        where = ("--output", f"fluentd://127.0.0.1:{server.port}/t", "--queue-bytes", "500000")
        process = start("--grace", "2", *where, *spool, stdin=endless.stdout)
        assert endless.stdout is not None
        endless.stdout.close()
        while not server.arrived:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        endless.wait(20)
        assert process.returncode == 3
        assert b"not confirmed" not in err
        assert b"stdin was not read to its end within the grace after SIGTERM\n" in err
        assert b"read %d, delivered %d, rejected 0" % ((len(server.arrived),) * 2) in err


def test_interrupting_twice_ends_at_once(start: Start) -> None:
    process = start("--grace", "60")
    warmed_up(process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err == b"doorlog: interrupted (read 1, delivered 1, rejected 0, skipped 0)\n"


def test_a_closed_pipe_ends_it_quietly(start: Start) -> None:
    process = start()
    warmed_up(process)
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.close()
    process.stdout = None
    process.stdin.write(GOOD)
    assert process.wait(timeout=20) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""


@pytest.mark.parametrize("packed", [False, True], ids=["gzip", "MessagePack"])
def test_an_input_that_is_cut_off_is_a_failure_and_the_next_one_is_read(
    doorlog: Doorlog, tmp_path: Path, packed: bool
) -> None:
    # Ids that differ, so that the last bytes of the gzip hold records.
    whole = [line(eventID=os.urandom(16).hex()) for _ in range(50)]
    data = b"".join(msgpack.packb(json.loads(one)) for one in whole) if packed else gzip.compress(b"".join(whole))
    (tmp_path / "cut").write_bytes(data[:-400])
    (tmp_path / "next").write_bytes(GOOD)
    done = doorlog("--quiet", tmp_path / "cut", tmp_path / "next")
    assert done.returncode == 3
    ids = [json.loads(event)["event"]["id"] for event in done.stdout.splitlines()]
    assert ids == [json.loads(one)["eventID"] for one in [*whole[: len(ids) - 1], GOOD]]
    assert 1 < len(ids) < 51
    assert done.stderr.endswith(b"cut can't be read further; its last reject says why\n")


@pytest.mark.parametrize("where", [("--output", "file:/dev/full"), ("--output", "stdout"), ("--rejects", "/dev/full")])
def test_a_full_disk_fails_loudly_with_the_path_and_the_counts(start: Start, where: tuple[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start(*where, "--quiet", stdout=full if "stdout" in where else subprocess.PIPE)
        _, err = process.communicate(GOOD + BAD, timeout=20)
    assert process.returncode == 3
    [message] = err.splitlines()
    assert ("/dev/full" if "/dev/full" in where[1] else "stdout").encode() in message
    delivered = 1 if where[0] == "--rejects" else 0
    assert b"No space left on device (read 2, delivered %d, " % delivered in message
    # The bad record is a reject, also where the good one can't be written; where rejects can't be, it is none.
    assert b"not delivered 1)" in message


def test_an_input_that_fails_midway_is_told_with_the_counts(start: Start) -> None:
    with Path("/dev/null").open("wb") as not_readable:
        process = start(stdin=not_readable)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 3
    assert err == b"doorlog: can't read stdin: Bad file descriptor\n"


def test_no_value_of_a_record_is_ever_told(doorlog: Doorlog) -> None:
    secret = "hunter2-canary"
    user = {"type": 7, "userName": secret, "arn": [secret]}
    input = b"".join(
        [
            line(userIdentity=user, sourceIPAddress=secret),
            line(eventTime=secret),
            line(eventName=secret, eventSource=secret),
            b'{"userName": "%s' % secret.encode() + b"\n",
            json.dumps([secret, {"a": secret}]).encode() + b"\n",
            b'{"torn": "%s' % secret.encode(),
        ]
    )
    for debug in ("", "1"):
        done = doorlog("--to", "ecs", "--to", "ocsf", input=GOOD + input, DOORLOG_DEBUG=debug)
        assert b"rejected" in done.stderr
        assert secret.encode() not in done.stderr


def test_a_name_in_the_input_cannot_forge_a_message(doorlog: Doorlog, tmp_path: Path) -> None:
    odd = tmp_path / "x\x1b[31m\ndoorlog: all is well\u202e"
    odd.write_bytes(BAD)
    done = doorlog(odd)
    assert b"\x1b" not in done.stderr
    assert b"\ndoorlog: all is well" not in done.stderr
    assert "\u202e" not in done.stderr.decode()


def test_a_hundred_thousand_records_pass_in_bounded_memory(start: Start, tmp_path: Path) -> None:
    process = start("--quiet", "--output", f"file:{tmp_path / 'out'}", preexec_fn=_limit_memory)
    assert process.stdin is not None
    for _ in range(1000):
        process.stdin.write(GOOD * 100)
    process.stdin.close()
    process.stdin = None
    assert process.wait(timeout=120) == 0
    with (tmp_path / "out").open("rb") as out:
        assert sum(1 for _ in out) == 100_000


def _limit_memory() -> None:
    # The input alone is over 100 MB, the events as much again.
    resource.setrlimit(resource.RLIMIT_DATA, (250 << 20, 250 << 20))
