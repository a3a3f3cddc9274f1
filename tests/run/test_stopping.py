"""Signals: after one, what is queued is still read, for a grace; none is lost, and none loses a read."""

from __future__ import annotations

import os
import pty
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from doorlog.errors import OutputFailed
from doorlog.stopping import ENDING, LAST_WRITE, Stopping


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)
        with suppress(OSError):
            os.close(writing)


def me(number: int) -> None:
    os.kill(os.getpid(), number)


def test_reading_ends_with_the_input() -> None:
    with pipe() as (reading, writing), Stopping(grace=5) as stopping:
        os.write(writing, b"all")
        os.close(writing)
        assert stopping.read(reading) == b"all"
        assert stopping.read(reading) == b""
        assert (stopping.over, stopping.by, stopping.latest()) == (False, None, None)


@pytest.fixture(autouse=True)
def hangups_are_heard() -> Iterator[None]:
    """The tests themselves may run under `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_after_a_signal_what_is_queued_is_read_to_the_end_of_the_input(number: signal.Signals) -> None:
    with pipe() as (reading, writing), Stopping(grace=5) as stopping:
        os.write(writing, b"queued")
        me(number)
        assert stopping.read(reading) == b"queued"
        os.write(writing, b"late")
        os.close(writing)
        assert stopping.read(reading) == b"late"
        assert stopping.read(reading) == b""
        assert (stopping.over, stopping.by) == (False, number.name)


def test_an_idle_input_is_waited_for_no_longer_than_the_grace() -> None:
    with pipe() as (reading, _), Stopping(grace=0.2) as stopping:
        me(signal.SIGTERM)
        begun = time.monotonic()
        assert stopping.read(reading) == b""
        assert 0.1 < time.monotonic() - begun < 2
        assert (stopping.over, stopping.unread) == (True, False)


def test_an_input_without_end_is_read_no_longer_than_the_grace() -> None:
    with Stopping(grace=0.1) as stopping:
        zeros = os.open("/dev/zero", os.O_RDONLY)
        me(signal.SIGTERM)
        begun = time.monotonic()
        while stopping.read(zeros):
            assert time.monotonic() - begun < 2
        os.close(zeros)
        assert (stopping.over, stopping.unread) == (True, True)


def test_a_queue_has_the_last_quarter_of_the_grace() -> None:
    with Stopping(grace=0.8) as stopping:
        stopping.queued = True
        zeros = os.open("/dev/zero", os.O_RDONLY)
        me(signal.SIGTERM)
        begun = time.monotonic()
        while stopping.read(zeros):
            pass
        os.close(zeros)
        assert 0.5 < time.monotonic() - begun < 0.8
        assert (stopping.latest() or 0) > begun + 0.8


def test_a_signal_wakes_a_waiting_read() -> None:
    with pipe() as (reading, _), Stopping(grace=0.0) as stopping:
        threading.Timer(0.1, me, (signal.SIGTERM,)).start()
        begun = time.monotonic()
        assert stopping.read(reading) == b""
        assert time.monotonic() - begun < 2


def test_no_signal_is_slept_through_at_whatever_moment_it_comes() -> None:
    for moment in range(50):
        with pipe() as (reading, _), Stopping(grace=0.0) as stopping:
            threading.Timer(moment * 2e-5, me, (signal.SIGTERM,)).start()
            begun = time.monotonic()
            assert stopping.read(reading) == b""
            assert time.monotonic() - begun < 2


def test_a_terminal_is_not_waited_for() -> None:
    ours, theirs = pty.openpty()
    with Stopping(grace=60) as stopping:
        me(signal.SIGINT)
        assert stopping.read(theirs) == b""
        assert (stopping.over, stopping.unread) == (True, False)
    os.close(ours)
    os.close(theirs)


def test_a_second_interrupt_ends_at_once() -> None:
    with Stopping(grace=60), pytest.raises(KeyboardInterrupt):
        me(signal.SIGINT)
        me(signal.SIGTERM)
        me(signal.SIGINT)


def test_an_output_that_takes_nothing_is_given_up_after_the_grace() -> None:
    told = "takes nothing, 1 s after SIGTERM"
    with pipe() as (_, writing), Stopping(grace=0.0), pytest.raises(OutputFailed, match=told):
        me(signal.SIGTERM)
        begun = time.monotonic()
        os.write(writing, b"x" * 10_000_000)
    assert LAST_WRITE / 2 < time.monotonic() - begun < LAST_WRITE * 3


def test_a_child_of_fluentd_heeds_no_signal() -> None:
    with pipe() as (reading, writing), Stopping(grace=0.0, heeds_signals=False) as stopping:
        me(signal.SIGTERM)
        me(signal.SIGHUP)
        me(signal.SIGINT)
        os.write(writing, b"queued")
        os.close(writing)
        assert stopping.read(reading) == b"queued"
        assert stopping.read(reading) == b""
        assert (stopping.over, stopping.latest()) == (False, None)


def test_a_hangup_is_not_heeded_under_nohup() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with pipe() as (reading, writing), Stopping(grace=0.0) as stopping:
        me(signal.SIGHUP)
        os.write(writing, b"queued")
        assert stopping.read(reading) == b"queued"
        assert stopping.by is None
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_an_input_that_does_not_block_is_waited_for() -> None:
    with pipe() as (reading, writing), Stopping(grace=1) as stopping:
        os.set_blocking(reading, False)
        threading.Timer(0.1, os.write, (writing, b"late")).start()
        assert stopping.read(reading) == b"late"


def test_the_answers_to_signals_are_put_back() -> None:
    numbers = (*ENDING, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    with Stopping(grace=1):
        pass
    assert [signal.getsignal(number) for number in numbers] == before
    assert signal.set_wakeup_fd(-1) == -1
