"""How many of what: every record found is delivered, rejected, skipped, or still in flight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """The state of the books. Whoever finds, delivers, rejects or skips says so here, and the sums must agree."""

    read: int = 0
    delivered: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    """Of those delivered, how many there are of the kinds that are counted by name."""
    in_flight: int = 0

    def found(self, number: int) -> None:
        """Enters what intake found; it is in flight until one of the others settles it."""
        self.read += number
        self.in_flight += number

    def deliver(self, number: int) -> None:
        """Settles records of which every event is written."""
        self.delivered += number
        self.in_flight -= number

    def reject(self, reason: str) -> None:
        """Settles one thing that can't be normalized, once its reject document is written."""
        self.rejected[reason] += 1
        self.in_flight -= 1

    def skip(self, name: str) -> None:
        """Settles one well-formed thing that is no sign-in record."""
        self.skipped[name] += 1
        self.in_flight -= 1

    @property
    def balanced(self) -> bool:
        """Whether everything read is accounted for exactly once."""
        return (
            self.in_flight >= 0
            and self.read == self.delivered + self.rejected.total() + self.skipped.total() + self.in_flight
        )

    def summary(self) -> str:
        """The counts on one line, for people."""
        parts = [f"read {self.read}", _with_names("delivered", self.counted, self.delivered)]
        parts += [_with_names("rejected", self.rejected), _with_names("skipped", self.skipped)]
        if self.in_flight:
            parts.append(f"not delivered {self.in_flight}")
        return ", ".join(parts)


def _with_names(word: str, of: Counter[str], total: int | None = None) -> str:
    total = of.total() if total is None else total
    if not of:
        return f"{word} {total}"
    ranked = sorted(of.items(), key=lambda item: (-item[1], item[0]))
    return f"{word} {total} ({', '.join(f'{name} {number}' for name, number in ranked)})"
