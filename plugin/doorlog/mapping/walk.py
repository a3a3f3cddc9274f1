"""What an expression is made of: the record paths and facts that it reads, through the facts it uses."""

from __future__ import annotations

from collections.abc import Iterator

from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope
from doorlog.mapping.functions import FUNCTIONS
from doorlog.mapping.holds import NUMBER

MOST_TOLD = 64
"""The values of a longer table are not told apart by the shapes of records, which are few."""


def parts(value: m.Expr) -> Iterator[m.Expr]:
    """The expressions directly inside an expression, those in its conditions included."""
    match value:
        case m.First(inner, _) | m.Collect(inner, _):
            yield from inner
        case m.Member(source, key, _):
            yield from (source, key)
        case m.Apply(_, source, _, _):
            yield source
        case m.Drop(source, dropped, _):
            yield from (source, *dropped)
        case m.Lookup(source, _, default, _, _):
            yield source
            if default is not None:
                yield default
        case m.When(condition, then, otherwise, _):
            yield from subjects(condition)
            yield from (then, otherwise)
        case m.Template(inner, _):
            yield from (part for part in inner if not isinstance(part, str))
        case m.Each(source, rules, _):
            yield source
            yield from (rule.value for rule in rules)
        case m.OtherText(text, _):
            yield text


def nodes(value: m.Expr) -> Iterator[m.Expr]:
    """An expression and all that it is made of, as it is written: a name is not followed."""
    yield value
    for part in parts(value):
        yield from nodes(part)


def tests(condition: m.Condition) -> Iterator[m.Test]:
    """The single tests of a condition."""
    match condition:
        case m.Test():
            yield condition
        case m.Not(inner):
            yield from tests(inner)
        case m.All(inner) | m.Any(inner):
            for one in inner:
                yield from tests(one)


def subjects(condition: m.Condition) -> Iterator[m.Expr]:
    """What a condition tests."""
    return (test.subject for test in tests(condition))


def paths_of(value: m.Expr, scope: Scope) -> Iterator[m.Path]:
    """The record paths that a folded expression reads."""
    if isinstance(value, m.Path):
        yield value
    elif isinstance(value, m.Rest):
        yield value.path
    elif isinstance(value, m.Name) and value.name != "item":
        yield from paths_of(scope.fact(value.name, value.mark), scope)
    for part in parts(value):
        yield from paths_of(part, scope)


def named_values(
    value: m.Expr, scope: Scope, tested: bool = False
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The record paths whose value an expression compares with texts, with these texts.

    `tested`: whether a condition tests what it gives. What is looked up or cast to be tested counts, too; what is only
    written does not, since that costs less than to tell more shapes of records apart.
    """
    if isinstance(value, m.Name) and value.name != "item":
        yield from named_values(scope.fact(value.name, value.mark), scope, tested)
    if isinstance(value, m.When):
        for test in tests(value.condition):
            if not test.modifiers and isinstance(test.subject, m.Path):
                yield _texts_only(test.subject.keys, test.values)
    if tested and isinstance(value, m.Apply) and isinstance(value.source, m.Path):
        canonical = FUNCTIONS[value.function].canonical
        yield _texts_only(value.source.keys if canonical else (), tuple(canonical))
    if isinstance(value, m.Drop) and isinstance(value.source, m.Path):
        dropped = tuple(one.value for one in value.values if isinstance(one, m.Const))
        if len(dropped) == len(value.values):
            yield _texts_only(value.source.keys, dropped)
    if tested and isinstance(value, m.Lookup) and isinstance(value.table, m.Table) and isinstance(value.source, m.Path):
        rows = value.table.rows if len(value.table.rows) <= MOST_TOLD else ()
        yield _texts_only(value.source.keys, tuple(key for key, _ in rows))
    asked = set(map(id, subjects(value.condition))) if isinstance(value, m.When) else set()
    for part in parts(value):
        yield from named_values(part, scope, tested or id(part) in asked)


def _texts_only(keys: tuple[str | int, ...], values: tuple[m.Value, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    # A text that looks like a number also stands for the number, which a shape doesn't tell.
    if not all(isinstance(part, str) for part in (*keys, *values)) or any(NUMBER.match(str(one)) for one in values):
        return (), ()
    return tuple(map(str, keys)), tuple(map(str, values))


def facts_of(value: m.Expr, scope: Scope) -> set[str]:
    """The facts that a folded expression uses, and those that these use."""
    found: set[str] = set()
    if isinstance(value, m.Name) and value.name != "item":
        found.add(value.name)
        found |= facts_of(scope.fact(value.name, value.mark), scope)
    for part in parts(value):
        found |= facts_of(part, scope)
    return found
