"""The ways from a record to a server, each with its promise, as the harness sees them.

A way of another module joins by being in `WAYS`. What it is given: a folder of its own, the port of the receiver, whose
events come under any tag (rejects under one that ends in `reject`), and the chance to do things at random.
"""

from __future__ import annotations

import random
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from processes import PATIENCE, strike


class Way(ABC):
    """One way, running. Numbers go in by `send`; `acknowledged` are those for which the way has answered."""

    name: ClassVar[str]
    promise: ClassVar[str]
    strikes: ClassVar[tuple[str, ...]]
    """What is done to its process (see `processes.STRIKES`), or to the way in other words (see `struck`)."""
    at_least_once: ClassVar[bool] = True
    survives_refusals: ClassVar[bool] = True
    """Whether an event that the server refuses for ever holds up no other."""

    takes_key: ClassVar[bool] = False
    """Whether it can be given the key that a server wants."""

    def __init__(self, folder: Path, port: int, chance: random.Random, key: str = "") -> None:
        self.folder, self.port, self.chance, self.key = folder, port, chance, key
        self.acknowledged: set[int] = set()
        self.over = False
        """Whether a round that failed has been given up, so that nothing is to be kept at any more."""
        self.held: dict[str, set[int]] = {}
        """What was in something that was killed, by place; where the promise is at most once, only that may be lost."""
        self.leftovers: list[str] = []
        """What was still there at the end and should not have been."""
        folder.mkdir()

    @property
    @abstractmethod
    def process(self) -> subprocess.Popen[bytes] | None:
        """The process to strike, if it is there now."""

    @abstractmethod
    def send(self, numbers: range) -> None:
        """Hand these over, in whatever pieces, and keep at it whatever happens; needn't wait for anything."""

    @abstractmethod
    def busy(self) -> bool:
        """Whether something that was sent is not acknowledged yet."""

    @abstractmethod
    def revive(self) -> None:
        """Start what has ended."""

    @abstractmethod
    def finish(self) -> None:
        """End in peace, when nothing is done to it any more; leaves nothing behind."""

    def abandon(self) -> None:
        """End what still runs, when a round has failed."""
        self.over = True
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)

    def struck(self, how: str) -> None:
        """Do this to the way, and bring it back."""
        if self.process is not None:
            strike(self.process, how, self.chance.uniform(0.2, 0.6))
        self.revive()


WAYS: dict[str, type[Way]] = {}
"""Each way by its name."""


def way(kind: type[Way]) -> type[Way]:
    """Puts a way into `WAYS`."""
    WAYS[kind.name] = kind
    return kind
