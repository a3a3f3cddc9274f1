"""What a function of the mapping language is: its signature, when it gives nothing, and examples that are its test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Keeps: TypeAlias = Literal["never", "if equal", "if given"]
Gives: TypeAlias = Literal["text", "boolean", "integer", "list", "any"]
Takes: TypeAlias = Literal["text", "any"]
Argument: TypeAlias = Literal["text", "number", "numbers", "pairs"]
"""What stands after a step's name: a text that isn't empty, a whole number, a list of them, or a map of texts."""


class NotReadyError(ValueError):
    """What a function needs isn't installed, or isn't named; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Example:
    """What a function gives for a value, and the argument if it takes one; None is nothing."""

    given: Any
    gives: Any
    argument: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function: what it takes and gives, and whether its result holds the value.

    It is pure, takes any value of its type and never raises; None is nothing. `canonical` lists the values that a
    result brings back exactly (`Yes` for true): those count as kept, other spellings of the same do not. `memo` marks
    what costs enough for its results to be remembered; `inline` is a pattern of code that does the same as `call`
    (CALL) for HELD, a text that isn't empty unless any is taken.
    """

    name: str
    summary: str
    call: Callable[..., Any]
    gives: Gives
    examples: tuple[Example, ...]
    fails: str = ""
    """When it gives nothing, but for nothing and what is of another type than it takes."""
    cast: bool = True
    """Whether it is written `as: NAME`; otherwise it is a step, written by its own name."""
    takes: Takes = "text"
    argument: Argument | None = None
    makes: bool = False
    """Whether `call` takes the argument alone, once, and makes the function of one value.

    It raises ValueError, with what is wrong, for an argument that it can't take.
    """
    keeps: Keeps = "never"
    canonical: frozenset[str | bool] = frozenset()
    memo: bool = False
    inline: str = ""
    whole: Callable[[str], tuple[Any, ...]] | None = None
    """Takes any text apart, once for all functions that give a part of it; `part` is the place of this one's."""
    part: int = 0
    suits: str = ""
    """The end of the paths of target fields that take any result, but for its length."""
    shortens: bool = False
    """Whether a result is never longer than the value."""
    needs: str = ""
    """A text without which a value gives nothing: to look for it costs less than to look up what is remembered."""

    ready: Callable[[], object] | None = None
    """Raises NotReadyError where something that it needs isn't installed."""
    keyed: bool = False
    """Whether the argument names a secret key, whose bytes `call` then takes."""
    outside: bool = False
    """Whether what it knows is neither in the record nor in the mapping, but with the machine, as in a database."""

    @property
    def usage(self) -> str:
        """How it is written in a mapping."""
        if self.cast:
            return f"as: {self.name}"
        shapes = {"text": "TEXT", "number": "NUMBER", "numbers": "[NUMBER, ...]", "pairs": "{TEXT: TEXT, ...}"}
        return f"{self.name}: {shapes[self.argument] if self.argument else 'true'}"


def step(
    name: str,
    summary: str,
    call: Callable[..., Any],
    gives: Gives,
    *examples: Example,
    fails: str = "",
    takes: Takes = "text",
    argument: Argument | None = None,
    makes: bool = False,
    keeps: Keeps = "never",
    memo: bool = False,
    inline: str = "",
    shortens: bool = False,
    outside: bool = False,
) -> Function:
    """A function that is written by its own name."""
    return Function(
        name,
        summary,
        call,
        gives,
        examples,
        fails,
        False,
        takes,
        argument,
        makes,
        keeps,
        memo=memo,
        inline=inline,
        shortens=shortens,
        outside=outside,
    )


def hiding(
    name: str,
    summary: str,
    call: Callable[..., Any],
    *examples: Example,
    argument: Argument | None = None,
    makes: bool = False,
    keyed: bool = False,
) -> Function:
    """A function of texts that hides a value; it stands under `protect`, where the value is hidden from all rules."""
    return Function(
        name, summary, call, "text", examples, cast=False, argument=argument, makes=makes, memo=True, keyed=keyed
    )
