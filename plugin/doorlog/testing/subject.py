"""What a mapping makes of a test's record, held against what the test expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from doorlog.explain.document import value_at
from doorlog.explain.trace import Tracer
from doorlog.mapping import model as m
from doorlog.mapping.aim import target_of
from doorlog.mapping.hide import hider
from doorlog.mapping.kinds import Kinds
from doorlog.mapping.outside import Outside, told
from doorlog.mapping.plan import section_of
from doorlog.mapping.strict_yaml import Mark
from doorlog.normalize import NOT_SIGN_IN, Normalizer, of_mappings
from doorlog.record import Json, Reject, Skip
from doorlog.schema import RecordSchema
from doorlog.testing.cases import Case, Expected
from doorlog.testing.conform import nonconformities
from doorlog.testing.values import matches


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected."""

    what: str
    mark: Mark
    expected: Expected | None
    """What was expected, None where nothing was written down, as of an event that doesn't conform."""
    got: Any
    said: str = ""
    """In words, where there is no value to show."""
    rule: Mark | None = None
    """The rule that writes the field."""


class Subject:
    """A mapping that knows of the outside what its tests state, and nothing else."""

    def __init__(self, mapping: m.Mapping, outside: Outside, named: Callable[[str], m.Mapping]) -> None:
        self.mapping = told(mapping, outside)
        self._outside = outside
        self._named = named
        self._schema = RecordSchema()
        self._kind_of = Kinds(self.mapping)
        self._hidden = hider(self.mapping)
        # Of a mapping without a target, only kinds and facts can be tested.
        self._normalize = None if mapping.target is None else of_mappings([self.mapping])
        self._others: dict[str, Normalizer] = {}

    def differences(self, case: Case) -> Iterator[Difference]:
        """What is not as a test expects it."""
        outcome = self._outcome(case.record)
        match outcome:
            case Skip(name):
                if case.skip is None:
                    yield Difference("the record", case.mark, None, None, f"was skipped as {name}")
                else:
                    yield from _compared(case.skip, name)
                return
            case Reject(reason, problems, _):
                if case.reject is None:
                    about = "; ".join(f"{one.path}: {one.rule}: {one.expected}" for one in problems)
                    yield Difference("the record", case.mark, None, None, f"was rejected, {reason}: {about}")
                else:
                    yield from _compared(case.reject, reason)
                return
        for wrong in (case.skip, case.reject):
            if wrong is not None:
                yield Difference(wrong.path, wrong.mark, None, None, "was expected, but there is an event")
        kind = self._kind_of(case.record)
        assert kind is not None, "what is of no kind is skipped"
        if case.kind is not None:
            yield from _compared(case.kind, kind.name)
        # Facts see the record without what is hidden, as rules do.
        seen = case.record if self._hidden is None else self._hidden(case.record)
        tracer = Tracer(self.mapping, kind, seen)
        for expected in case.facts:
            yield from _compared(expected, tracer.fact(expected.path).value)
        if outcome is not None:
            yield from self._of_event(self.mapping, kind, outcome, case.expect.get("", ()), case.mark)
        for name, expects in case.expect.items():
            if name:
                yield from self._of_other(name, case, expects)

    def _of_event(
        self, mapping: m.Mapping, kind: m.Kind, event: Json, expects: Sequence[Expected], mark: Mark
    ) -> Iterator[Difference]:
        section = section_of(mapping, kind)
        for expected in expects:
            rule = section.rules.get(expected.path)
            yield from _compared(expected, value_at(event, expected.path), rule.mark if rule is not None else None)
        for path, said in nonconformities(event, target_of(mapping, section)):
            yield Difference(path, mark, None, None, f"does not conform: {said}")

    def _of_other(self, name: str, case: Case, expects: Sequence[Expected]) -> Iterator[Difference]:
        """What another mapping, which extends this one, makes of the record."""
        normalize = self._other(name)
        outcome = normalize(case.record)
        kind = Kinds(normalize.mappings[0])(case.record)
        if isinstance(outcome, Skip | Reject) or outcome[0] is None or kind is None:
            word = "was skipped" if isinstance(outcome, Skip) else "was rejected"
            yield Difference(f"{name}: the record", case.mark, None, None, word)
            return
        yield from self._of_event(normalize.mappings[0], kind, outcome[0], expects, case.mark)

    def _other(self, name: str) -> Normalizer:
        if name not in self._others:
            self._others[name] = of_mappings([told(self._named(name), self._outside)])
        return self._others[name]

    def _outcome(self, record: Json) -> Json | Skip | Reject | None:
        """What becomes of a record; None for a valid record of a mapping that has no events."""
        if self._normalize is not None:
            result = self._normalize(record)
            return result if isinstance(result, Skip | Reject) else result[0]
        kind = self._kind_of(record)
        if kind is None or kind.skip:
            return Skip(kind.skip if kind is not None and kind.skip else NOT_SIGN_IN)
        problems = self._schema.problems(record)
        return Reject("invalid_record", problems, record) if problems else None

    def own(self, case: Case, file: str) -> tuple[tuple[str, Any], ...]:
        """The fields that rules of a file wrote; where it has none, all that rules wrote."""
        kind, event = self._kind_of(case.record), self._outcome(case.record)
        if kind is None or not isinstance(event, dict):
            return ()
        rules = section_of(self.mapping, kind).rules
        own = [path for path, rule in rules.items() if rule.mark.file == file and not isinstance(rule.value, m.Rest)]
        return tuple((path, value) for path in own if (value := value_at(event, path)) is not None)


def _compared(expected: Expected, got: Any, rule: Mark | None = None) -> Iterator[Difference]:
    got = got[1] if isinstance(got, tuple) else got
    if not matches(expected.want, got if got not in ("", [], {}) else None):
        yield Difference(expected.path, expected.mark, expected, got, rule=rule)
