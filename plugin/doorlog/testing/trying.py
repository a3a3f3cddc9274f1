"""Runs the tests of a mapping: what became of each record, held against what was expected."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.explain.document import value_at
from doorlog.explain.trace import Tracer
from doorlog.mapping import find
from doorlog.mapping import model as m
from doorlog.mapping.aim import asked, target_of
from doorlog.mapping.hide import hider
from doorlog.mapping.kinds import Kinds
from doorlog.mapping.load import load
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.plan import section_of
from doorlog.mapping.strict_yaml import Mark
from doorlog.normalize import NOT_SIGN_IN, Normalizer, normalizer
from doorlog.record import Json, Reject, Skip
from doorlog.rejects import REASONS
from doorlog.schema import RecordSchema
from doorlog.testing.cases import CODE, Case, Expected, Suite, suites
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


@dataclass(frozen=True, slots=True)
class Result:
    """How one test went."""

    suite: Suite
    case: Case
    differences: tuple[Difference, ...]
    seconds: float
    own: tuple[tuple[str, Any], ...] = ()
    """The fields that the mapping's own rules wrote, for a test that expects nothing yet."""


class Trial:
    """A mapping whose tests are run."""

    def __init__(self, wanted: str, folders: Sequence[Path] = ()) -> None:
        self.wanted = wanted
        self.folders = folders
        self.mapping = load(wanted, folders)
        self.files = [Path(file.mark.file) for file in find.stack(asked(wanted)[0], folders).files]
        self._schema = RecordSchema()
        self._kind_of = Kinds(self.mapping)
        self._hidden = hider(self.mapping)
        self._others: dict[str, Normalizer] = {}

    @cached_property
    def normalize(self) -> Normalizer | None:
        """The normalizer, None for a mapping without a target, of which only kinds and facts can be tested."""
        return None if self.mapping.target is None else normalizer([self.wanted], self.folders)

    def suites(self, inherited: bool = False) -> list[Suite]:
        """The mapping's own tests, and with `inherited` those of the mappings that it extends.

        Raises UsageError where another version is asked for than the mapping and its tests were written for.
        """
        if self.mapping.foreign(str(self.files[-1])):
            written = self.mapping.versions[str(self.files[-1])]
            raise UsageError(f"the tests of {self.mapping.name!r} hold for version {written}; run them without another")
        several = self.mapping.target is None
        files = self.files if inherited else self.files[-1:]
        found = [
            suite for file in files for suite in suites(file, several or load(str(file), self.folders).target is None)
        ]
        findings = [one for suite in found for case in suite.cases for one in self._misspelt(case)]
        if findings:
            raise MappingError(findings)
        return found

    def doubts(self, suites: Sequence[Suite]) -> list[Finding]:
        """Patches of what no record has, where something has nearly that name; the tests are run all the same."""
        patched = (path for suite in suites for case in suite.cases for path in case.patched)
        return [
            path.mark.finding(CODE, f"no sign-in record is known to have {path}; did you mean {meant!r}?")
            for path in patched
            if (meant := self._schema.meant(path.keys))
        ]

    def run(self, suite: Suite, case: Case) -> Result:
        """Runs one test."""
        began = time.perf_counter()
        differences = tuple(self._differences(case))
        own = self._own(case) if case.says_nothing else ()
        return Result(suite, case, differences, time.perf_counter() - began, own)

    # -- what is compared --------------------------------------------------------------------------------------------

    def _differences(self, case: Case) -> Iterator[Difference]:
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
            self._others[name] = normalizer([name], (self.files[-1].parent, *self.folders))
        return self._others[name]

    def _outcome(self, record: Json) -> Json | Skip | Reject | None:
        """What becomes of a record; None for a valid record of a mapping that has no events."""
        if self.normalize is not None:
            result = self.normalize(record)
            return result if isinstance(result, Skip | Reject) else result[0]
        kind = self._kind_of(record)
        if kind is None or kind.skip:
            return Skip(kind.skip if kind is not None and kind.skip else NOT_SIGN_IN)
        problems = self._schema.problems(record)
        return Reject("invalid_record", problems, record) if problems else None

    def _own(self, case: Case) -> tuple[tuple[str, Any], ...]:
        """The fields that rules of the mapping's own file wrote; where it has none, all that rules wrote."""
        kind, event = self._kind_of(case.record), self._outcome(case.record)
        if kind is None or not isinstance(event, dict):
            return ()
        rules = section_of(self.mapping, kind).rules
        file = str(self.files[-1])
        own = [path for path, rule in rules.items() if rule.mark.file == file and not isinstance(rule.value, m.Rest)]
        return tuple((path, value) for path in own if (value := value_at(event, path)) is not None)

    # -- names that mean nothing -------------------------------------------------------------------------------------

    def _misspelt(self, case: Case) -> Iterator[Finding]:
        """A misspelt field would always be absent, and so pass where that is expected."""
        kinds = {kind.name: kind for kind in self.mapping.kinds}
        known = {**self.mapping.facts, **{name: None for kind in kinds.values() for name, _ in kind.facts}}
        for expected in case.facts:
            if expected.path not in known:
                said = f"there is no fact {expected.path!r}{hint(expected.path, known)}"
                yield expected.mark.finding(CODE, said)
        yield from _known(case.kind, kinds, "kind")
        yield from _known(case.reject, REASONS, "reason of a reject")
        for name, expects in case.expect.items():
            mapping = self.mapping if not name else self._other(name).mappings[0]
            if mapping.target is None:
                continue
            targets = [target_of(mapping, section) for section in mapping.sections]
            for expected in expects:
                path = ".".join(step for step in expected.path.split(".") if not step.isdecimal())
                if all(target.attribute(path) is None for target in targets):
                    near = next((found for target in targets if (found := target.suggest(path))), None)
                    said = f"{expected.path} is no field of {mapping.writes}"
                    yield expected.mark.finding(CODE, said + (f"; did you mean {near!r}?" if near else ""))


def _known(expected: Expected | None, known: Any, what: str) -> Iterator[Finding]:
    name = str(getattr(expected.want, "value", "")) if expected is not None else ""
    if expected is not None and name not in known:
        yield expected.mark.finding(CODE, f"there is no {what} {name!r}{hint(name, known)}")


def _compared(expected: Expected, got: Any, rule: Mark | None = None) -> Iterator[Difference]:
    got = got[1] if isinstance(got, tuple) else got
    if not matches(expected.want, got if got not in ("", [], {}) else None):
        yield Difference(expected.path, expected.mark, expected, got, rule=rule)
