"""What a mapping says, as frozen data: expressions, conditions, facts, kinds and rules, each with its place.

The language is total: an expression reads the record, facts and constants, and gives a value or nothing; the only loop
is over a list (`each`). "Nothing" is what an absent, null or empty-text value gives.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from doorlog.mapping.functions import FUNCTIONS, Function
from doorlog.mapping.strict_yaml import Mark

Value: TypeAlias = "str | bool | int | float | tuple[Value, ...] | None"
"""A constant; a YAML list is a tuple, so that everything here is hashable."""


@dataclass(frozen=True, slots=True)
class Const:
    """A constant written in the mapping."""

    value: Value
    mark: Mark
    marks: tuple[Mark, ...] = field(default=(), compare=False)
    """Where the elements of a list stand."""
    bare: bool = field(default=False, compare=False)
    """Whether it stands in the place of a value without `value:`, as the name of a fact might."""


@dataclass(frozen=True, slots=True)
class Path:
    """A value of the record, `$.userIdentity.arn`; a number among the keys is a place in a list."""

    keys: tuple[str | int, ...]
    mark: Mark

    def __str__(self) -> str:
        return ".".join(["$", *map(str, self.keys)])


@dataclass(frozen=True, slots=True)
class Name:
    """A fact by its name; `kind` is the kind of event, `item` the element inside `each`."""

    name: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class First:
    """The first of several expressions that gives something."""

    options: tuple[Expr, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Member:
    """The member of an object whose key is itself a value: `{from: $.responseElements, key: $.eventName}`."""

    source: Expr
    key: Expr
    mark: Mark


@dataclass(frozen=True, slots=True)
class Apply:
    """A function of one value, by its name in `doorlog.mapping.functions`, with at most one constant argument."""

    function: str
    source: Expr
    argument: Value
    mark: Mark


@dataclass(frozen=True, slots=True)
class Drop:
    """A value, or nothing where it is one of those listed."""

    source: Expr
    values: tuple[Expr, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a table has for a value; `default` otherwise. With `other`, an enum's "Other" that says the value itself."""

    source: Expr
    table: str | Table
    default: Expr | None
    other: bool
    mark: Mark


@dataclass(frozen=True, slots=True)
class When:
    """One of two expressions, by a condition."""

    condition: Condition
    then: Expr
    otherwise: Expr
    mark: Mark


@dataclass(frozen=True, slots=True)
class Template:
    """A text with values in it; gives nothing if a value without a default does."""

    parts: tuple[str | Expr, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Collect:
    """A list of all values that there are, without duplicates; lists among them are joined in."""

    items: tuple[Expr, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Each:
    """An object for every element of a list, which its rules call `item`."""

    source: Expr
    rules: tuple[Rule, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class OtherText:
    """An enum's "Other", with the source's own text as its caption."""

    text: Expr
    mark: Mark


@dataclass(frozen=True, slots=True)
class Rest:
    """What no rule has kept of an object of the record."""

    path: Path
    mark: Mark


Expr: TypeAlias = (
    "Const | Path | Name | First | Member | Apply | Drop | Lookup | When | Template | Collect | Each | OtherText | Rest"
)


@dataclass(frozen=True, slots=True)
class Always:
    """A condition that is decided."""

    verdict: bool


@dataclass(frozen=True, slots=True)
class Test:
    """One value against constants, as `modifiers` say (exact equality without any)."""

    subject: Expr
    modifiers: tuple[str, ...]
    values: tuple[Value, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of these."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    condition: Condition


Condition: TypeAlias = "Always | Test | All | Any | Not"


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table: text to constant."""

    rows: tuple[tuple[str, Const], ...]
    mark: Mark

    def __hash__(self) -> int:
        # A list of a company's accounts has thousands of rows, and is asked for its hash often.
        return hash((self.mark, len(self.rows)))


@dataclass(frozen=True, slots=True)
class Rule:
    """What is written to one path of the target."""

    path: str
    value: Expr
    mark: Mark


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event: which records are of it, and what is so of them."""

    name: str
    when: Condition
    facts: tuple[tuple[str, Expr], ...]
    skip: str | None
    """The name under which its records are skipped, since they are no sign-in records; None for a kind of sign-in."""
    counted: bool
    """Whether its events are counted by name in the summary, since somebody should look at them."""
    description: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Key:
    """Where a secret key is: the name of an environment variable or of a file; or a text that tests have for it."""

    source: Literal["env", "file", "text"]
    name: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Protected:
    """What becomes of the texts at and below a path of the record before any rule sees them, step by step."""

    path: Path
    steps: tuple[tuple[str, Value, Mark], ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field that the target doesn't know and the mapping declares: the name of its type, and whether it is a list."""

    type: Const
    array: bool
    mark: Mark


@dataclass(frozen=True, slots=True)
class Section:
    """The rules of one class of the target, for the kinds named (for all that no other section names, if none are)."""

    name: str
    kinds: tuple[Const, ...]
    rules: Mapped[str, Rule]
    mark: Mark
    removed: Mapped[str, Mark] = field(default_factory=dict)
    """Where rules were taken away, by their paths."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping with all that it extends merged in; `rules` are those of every class, `sections` add or override."""

    name: str
    mark: Mark
    target: Const | None
    """The target's name with its version, `ocsf@1.8.0`; as it was written, if there is no such version."""
    versions: Mapped[str, str]
    """By the file's name, the version that the rules and constants in it were written for."""
    profiles: tuple[Const, ...]
    dispatch: tuple[Path, ...]
    time: Path | None
    tables: Mapped[str, Table]
    kinds: tuple[Kind, ...]
    facts: Mapped[str, Expr]
    sections: tuple[Section, ...]
    observables: tuple[Const, ...]
    fields: Mapped[str, OwnField] = field(default_factory=dict)
    removed: Mapped[tuple[str, str], Mark] = field(default_factory=dict)
    """Where something was taken away, by what it is and its name: ("fact", "who")."""
    extends: tuple[Const, ...] = ()
    """What the last of its files extends."""
    asked: frozenset[str] = frozenset()
    """The files that were asked for; all others are there because these extend them."""
    fact_marks: Mapped[str, Mark] = field(default_factory=dict)
    """Where the names of facts stand, those of a kind as KIND.NAME."""
    about: Mapped[str, Const] = field(default_factory=dict)
    """What facts are, in words, by their names."""
    masks: tuple[tuple[Path, tuple[str, ...]], ...] = ()
    """The record's URLs in which the values of these parameters are hidden."""
    protected: tuple[Protected, ...] = ()
    keys: Mapped[str, Key] = field(default_factory=dict)
    functions: Mapped[str, Function] = field(default_factory=lambda: FUNCTIONS)
    """The functions by their names; what some of them know is with the machine, or stated by tests."""

    @property
    def version(self) -> str:
        """The version of the target that is written."""
        return str(self.target.value if self.target else "").partition("@")[2]

    def foreign(self, file: str) -> bool:
        """Whether what stands in a file was written for another version of the target."""
        return self.versions.get(file, self.version) != self.version

    @property
    def writes(self) -> str:
        """The target and its version as people write it, `OCSF 1.8.0`; empty for a mapping that only holds facts."""
        name, _, version = str(self.target.value if self.target else "").partition("@")
        return f"{name.upper()} {version}".strip()
