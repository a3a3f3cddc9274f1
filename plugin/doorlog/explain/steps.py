"""How an expression came to its value, as a tree of steps that people and machines can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from doorlog.mapping.strict_yaml import Mark


class Read(NamedTuple):
    """A value of the record that was read: the keys that lead to it, and what stood there."""

    keys: tuple[str | int, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Step:
    """One expression or condition of the mapping, with what it gave for the record.

    `what` is `path`, `fact`, `constant`, `first`, `when`, `table`, `function`, `drop`, `member`, `template`, `collect`,
    `each`, `other`, `rest`, or of conditions `test`, `all`, `any` and `not`, whose value is true or false.
    """

    what: str
    said: str
    """How the mapping says it, in short: `$.userIdentity.arn`, `as: arn_name`, `step: [logon, switch]`."""
    mark: Mark
    value: Any
    """What it gave; None is nothing."""
    inside: tuple[Step, ...] = ()
    """What it was made of, as far as that was looked at, in order."""
    taken: tuple[int, ...] | None = None
    """Which of `inside` the value came from; None for all of them."""
    keys: tuple[str | int, ...] | None = None
    """Of a path, the keys of the value."""
    constant: bool = False
    """Whether the value is one that the mapping itself holds."""

    @property
    def conditional(self) -> bool:
        """Whether this is a condition, or a part of one."""
        return self.what in ("test", "all", "any", "not", "always")

    def came_from(self) -> Iterator[Step]:
        """The steps inside that the value came from, without conditions and what was passed over."""
        for at, step in enumerate(self.inside):
            if not step.conditional and (self.taken is None or at in self.taken):
                yield step

    def lines(self) -> Iterator[Mark]:
        """The places that the value came from, this one first."""
        yield self.mark
        for step in self.came_from():
            yield from step.lines()


def reads(step: Step) -> Iterator[Read]:
    """The values of the record that a step's value came from, through the facts that it uses."""
    if step.keys is not None and step.value is not None:
        yield Read(step.keys, step.value)
    for inner in step.came_from():
        yield from reads(inner)


def asked(step: Step, within: bool = False) -> Iterator[Read]:
    """The values of the record that conditions looked at on the way, through facts."""
    for one in _looked_at(step, within):
        if one.keys is not None:
            yield Read(one.keys, one.value)


def facts(step: Step) -> Iterator[str]:
    """The facts that a step's value came from, and those that these came from."""
    if step.what == "fact":
        yield step.said
    for inner in step.came_from():
        yield from facts(inner)


def facts_asked(step: Step) -> Iterator[str]:
    """The facts that conditions looked at on the way."""
    return (one.said for one in _looked_at(step, False) if one.what == "fact")


def _looked_at(step: Step, within: bool) -> Iterator[Step]:
    """The steps inside conditions."""
    within = within or step.conditional
    if within:
        yield step
    # Of a member, the object is only the way to it.
    for inner in step.inside[1:] if step.what == "member" and step.keys is not None else step.inside:
        yield from _looked_at(inner, within)
