"""Tells of which kind a record is: by its dispatching values, and by conditions where these leave a choice."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from doorlog.mapping import model as m
from doorlog.mapping.body import Body
from doorlog.mapping.code import Globals, built, function
from doorlog.mapping.conditions import code_of
from doorlog.mapping.fold import Scope, decide, scope_of
from doorlog.mapping.reading import read
from doorlog.mapping.strict_yaml import Refused
from doorlog.mapping.walk import paths_of, subjects
from doorlog.record import Json

MOST_REMEMBERED = 4096
LONGEST_REMEMBERED = 512

Candidates = m.Kind | tuple[tuple[Callable[[Json], bool] | None, m.Kind], ...]
"""The kinds that records with certain dispatching values can be of, each with its condition; one, if these tell it."""


class Kinds:
    """The kinds of a mapping, ready to be told apart; what the conditions say of an unchecked record never raises."""

    def __init__(self, mapping: m.Mapping) -> None:
        self._mapping = mapping
        self._scope = scope_of(mapping, None)
        self.key: Callable[[Json], tuple[Any, ...]] = _compiled_key(mapping.dispatch, self._scope)
        """A record to its dispatching values."""
        self._remembered: dict[Any, Candidates] = {}

    def decidable(self, record: Json) -> bool:
        """Whether the dispatching values are there as texts; a record without them can't be told, only checked."""
        return all(isinstance(value, str) for value in self.key(record))

    def __call__(self, record: Json) -> m.Kind | None:
        """The kind of a record, None if it is of none."""
        key = self.key(record)
        try:
            candidates = self._remembered[key]
        except (KeyError, TypeError):
            candidates = self._candidates(key)
        if isinstance(candidates, m.Kind):
            return candidates
        for test, kind in candidates:
            if test is None or test(record):
                return kind
        return None

    def telling(self, record: Json) -> tuple[Any, ...] | None:
        """The dispatching values of a record whose kind has just been told, if they tell it by themselves."""
        key = self.key(record)
        return key if isinstance(self._remembered.get(key), m.Kind) else None

    def _candidates(self, key: tuple[Any, ...]) -> Candidates:
        if not all(isinstance(value, str) for value in key):
            return ()
        known = {str(path): m.Const(value, path.mark) for path, value in zip(self._mapping.dispatch, key, strict=True)}
        scope = replace(self._scope, known=known, folded={})
        found: list[tuple[Callable[[Json], bool] | None, m.Kind]] = []
        for kind in self._mapping.kinds:
            decided = decide(kind.when, scope)
            if isinstance(decided, m.Always):
                if decided.verdict:
                    found.append((None, kind))
                    break
                continue
            found.append((_compiled_condition(decided, scope), kind))
        candidates = found[0][1] if found and found[0][0] is None else tuple(found)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        if sum(map(len, key)) <= LONGEST_REMEMBERED:
            self._remembered[key] = candidates
        return candidates


def check(mapping: m.Mapping) -> None:
    """Raises Refused where a kind's condition uses what only an event has."""
    scope = scope_of(mapping, None)
    for kind in mapping.kinds:
        for subject in subjects(kind.when):
            if isinstance(subject, m.Name) and subject.name in ("kind", "item"):
                raise Refused(
                    subject.mark, "misplaced-name", f"`{subject.name}` has no meaning where kinds are told apart"
                )
        decide(kind.when, scope)


def _compiled_key(paths: tuple[m.Path, ...], scope: Scope) -> Callable[[Json], tuple[Any, ...]]:
    body = Body({}, Globals())
    read(body, paths)
    values = built(ast.Tuple, [body.value(path, scope) for path in paths], ast.Load())
    body.block.append(built(ast.Return, values))
    compiled: Callable[[Json], tuple[Any, ...]] = function("record", body.block, body.globals)
    return compiled


def _compiled_condition(condition: m.Condition, scope: Scope) -> Callable[[Json], bool]:
    body = Body({}, Globals())
    read(body, {path.keys: path for subject in subjects(condition) for path in paths_of(subject, scope)}.values())
    body.block.append(built(ast.Return, code_of(body, condition, scope)))
    compiled: Callable[[Json], bool] = function("record", body.block, body.globals)
    return compiled
