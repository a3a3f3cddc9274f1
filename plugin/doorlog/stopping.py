"""How a stream ends before its input does: signals, and the grace they leave.

Without a signal, reading ends at the end of the input. After SIGTERM, SIGHUP or SIGINT, reading goes on to the end of
the input, but no longer than the grace; what was read by then still goes out. An output that takes nothing for a second
beyond the grace ends the command, and so does a second SIGINT, at once. Where an output has a queue, the last quarter
of the grace, two seconds at most, is for what waits there. Under `nohup`, SIGHUP stays ignored.

A child of Fluentd gets SIGTERM at the moment its input is closed, with records still in the pipe: it heeds no such
signal, since the end of its input is near anyway.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from doorlog.errors import OutputFailed

CHUNK = 32 * 1024
"""The most that one read takes: larger blocks cost more per byte, since each is mapped anew."""

ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""The signals that ask for the end."""

LAST_WRITE = 1.0
"""Seconds beyond the grace in which the last burst may still be written."""

LAST_ACK = 0.4
"""Seconds beyond the grace in which a server may still confirm; so few that its failure is told before the above."""

_QUEUE_SHARE, _QUEUE_SECONDS = 0.25, 2.0
"""How much of the grace is for what waits in a queue when reading ends, and the most that this may be."""


def heeded() -> list[signal.Signals]:
    """The signals that ask this process for its end: without SIGHUP where it is ignored, as under `nohup`."""
    return [each for each in ENDING if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN]


class Stopping:
    """Reads from descriptors, and answers for signals while it is entered as a context.

    A signal may come at any moment, also between looking for it and waiting for input. So each writes a byte into a
    pipe, and the wait is for that pipe as well as for the input: none is slept through, and none interrupts a read.
    """

    def __init__(self, grace: float, heeds_signals: bool = True) -> None:
        self.by: str | None = None
        """The name of the signal that asked for the end."""
        self.over = False
        """Whether reading has ended before the end of the input."""
        self.unread = False
        """Whether more input was there when the grace was over."""
        self.checks: list[Callable[[], None]] = []
        """Each raises what has to end the reading, if there is such a thing; asked after `wake`."""
        self.queued = False
        """Whether an output has a queue, which takes its share of the grace."""
        self._grace = grace
        self._heeds = heeds_signals
        self._deadline: float | None = None
        self._before: dict[int, Any] = {}
        self._woken, self._waker = os.pipe()

    def __enter__(self) -> Stopping:
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        if self._heeds:
            self._wakeup_before = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
            answers: dict[int, Any] = {**dict.fromkeys(heeded(), self._asked), signal.SIGALRM: self._overdue}
        else:
            answers = dict.fromkeys(ENDING, signal.SIG_IGN)
        self._before = {number: signal.signal(number, answer) for number, answer in answers.items()}
        return self

    def __exit__(self, *error: object) -> None:
        if self._heeds:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.set_wakeup_fd(self._wakeup_before)
        for number, answer in self._before.items():
            signal.signal(number, answer)
        os.close(self._woken)
        os.close(self._waker)
        # Another thread that wakes it still must not write into what has the number next.
        self._waker = -1

    def read(self, fd: int) -> bytes:
        """What is there to read, as soon as there is any; nothing at the end of the input, or of the grace."""
        while not self.over:
            left = self._left()
            ready, _, _ = select.select([fd, self._woken], [], [], left)
            if self._woken in ready:
                _drain(self._woken)
                for check in self.checks:
                    check()
            if fd in ready:
                try:
                    data = os.read(fd, CHUNK)
                except BlockingIOError:
                    # Who shares the descriptor may have set it non-blocking, and taken what there was.
                    continue
                self.over = self.unread = left == 0 and data != b""
                return data
            # A terminal has no queue that the grace could empty, and a person who waits.
            self.over = left == 0 or (self.by is not None and os.isatty(fd))
        return b""

    def wake(self) -> None:
        """Has the reading look up from its wait, and ask `checks`; for other threads."""
        with suppress(OSError):
            os.write(self._waker, b"\0")

    def latest(self) -> float | None:
        """By when (`time.monotonic()`) all has to be out, once a signal has come."""
        return None if self._deadline is None else self._deadline + LAST_ACK

    def _left(self) -> float | None:
        """For how many seconds reading may go on."""
        if self._deadline is None:
            return None
        share = min(_QUEUE_SECONDS, self._grace * _QUEUE_SHARE) if self.queued else 0.0
        return max(0.0, self._deadline - share - time.monotonic())

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        if self.by is None:
            self.by = signal.Signals(number).name
            self._deadline = time.monotonic() + self._grace
            signal.setitimer(signal.ITIMER_REAL, self._grace + LAST_WRITE)
        elif number == signal.SIGINT:
            raise KeyboardInterrupt

    def _overdue(self, _number: int, _frame: FrameType | None) -> None:
        raise OutputFailed(f"the output takes nothing, {self._grace + LAST_WRITE:g} s after {self.by}")


def _drain(pipe: int) -> None:
    try:
        while os.read(pipe, 512):
            pass
    except BlockingIOError:
        return
