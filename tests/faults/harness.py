"""Sends numbers along a way while everything goes wrong, and tells whether any is missing.

Faults come from a seed: by the receiver, message by message, and by this harness, which strikes the way's process and
the receiver's from outside. When there were as many as asked for, all is left in peace; then everything that the way
has acknowledged must have arrived.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import fluent_bit_way  # noqa: F401 - puts itself into WAYS
import fluentd_way  # noqa: F401
import relay_way  # noqa: F401
import sender_way  # noqa: F401
import spool_way  # noqa: F401
from fault_ways import WAYS, Way
from oracle import Oracle, Verdict, unpacked
from processes import ReceiverProcess, strike
from receiver import noted

_RATE = 0.25
POISON = 331


@dataclass
class Report:
    """What a round came to."""

    way: str
    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)
    leftovers: list[str] = field(default_factory=list)
    held: dict[str, set[int]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the way has kept its promise; one of at most once may lose what something killed had in hand."""
        return not (self.verdict.invented or self.verdict.damaged or self.unexplained or self.leftovers)

    @property
    def causes(self) -> Counter[str]:
        """Where what was lost has been when something was killed: how many by place."""
        return Counter(self._place(number) or "unexplained" for number in self.verdict.lost)

    @property
    def unexplained(self) -> list[int]:
        """What was lost and must not be."""
        at_least_once = WAYS[self.way].at_least_once
        return [number for number in self.verdict.lost if at_least_once or self._place(number) is None]

    def _place(self, number: int) -> str | None:
        return next((place for place, held in self.held.items() if number in held), None)


def round_of(
    name: str,
    oracle: Oracle,
    folder: Path,
    seed: int,
    *,
    faults: int,
    numbers: int,
    poison: bool = False,
    key: bool = False,
) -> Report:
    """One round: a way with so many numbers, while about so many faults are made.

    With `poison` the receiver refuses some numbers for ever, with `key` it wants a key where the way takes one.
    """
    began = time.monotonic()
    chance = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    report = Report(name, seed)
    kind = WAYS[name]
    shared = "a key of both" if key and kind.takes_key else ""
    refused = POISON if poison and kind.survives_refusals else 0
    receiver = ReceiverProcess(folder / "receiver", seed * 1000, _RATE, refused, shared)
    way: Way | None = None
    try:
        way = kind(folder / "way", receiver.port, chance, *[shared] * bool(shared))
        way.send(range(numbers))
        while way.busy():
            time.sleep(chance.uniform(0.1, 0.5))
            if report.faults.total() + noted(receiver.folder)[1].total() >= faults:
                break
            if chance.random() < 0.25:
                how = chance.choice(["kill", "stop"])
                strike(receiver.process, how, chance.uniform(0.2, 0.6))
                if how == "kill":
                    receiver.start()
                report.faults[f"server: {how}"] += 1
            else:
                how = chance.choice(way.strikes)
                way.struck(how)
                report.faults[f"process: {how}"] += 1
        receiver.calm()
        way.revive()
        way.finish()
        taken, made = noted(receiver.folder)
    finally:
        receiver.end()
        if way is not None:
            way.abandon()
    report.faults += Counter({f"message: {fault}": number for fault, number in made.items()})
    arrived = ((tag, time_ns, document) for tag, entries in taken for time_ns, document in unpacked(entries))
    report.verdict = oracle.judge(arrived, numbers, way.acknowledged)
    report.leftovers, report.held = way.leftovers, way.held
    report.seconds = time.monotonic() - began
    return report
