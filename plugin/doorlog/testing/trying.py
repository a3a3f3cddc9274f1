"""Runs the tests of a mapping, after a look at what they say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.intake import SKIPS
from doorlog.mapping import find
from doorlog.mapping import model as m
from doorlog.mapping.aim import asked, target_of
from doorlog.mapping.load import load
from doorlog.mapping.outside import Outside
from doorlog.mapping.parse_expr import hint
from doorlog.normalize import NOT_SIGN_IN
from doorlog.rejects import REASONS
from doorlog.schema import RecordSchema
from doorlog.testing.cases import Case, Expected, Suite, suites
from doorlog.testing.given import CODE
from doorlog.testing.subject import Difference, Subject


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
        self._subjects: dict[Outside, Subject] = {}

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
        for key, stated in (item for suite in found for item in suite.outside.keys.items()):
            if key not in self.mapping.keys:
                said = f"the mapping has no key {key!r}{hint(key, self.mapping.keys)}"
                findings.append(stated.mark.finding(CODE, said))
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
        subject = self._subject(suite.outside)
        differences = tuple(subject.differences(case))
        own = subject.own(case, str(self.files[-1])) if case.says_nothing else ()
        return Result(suite, case, differences, time.perf_counter() - began, own)

    def _subject(self, outside: Outside) -> Subject:
        if outside not in self._subjects:
            self._subjects[outside] = Subject(self.mapping, outside, self._named)
        return self._subjects[outside]

    def _named(self, name: str) -> m.Mapping:
        """Another mapping, of which tests expect something."""
        return load(name, (self.files[-1].parent, *self.folders))

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
        skips = {**SKIPS, NOT_SIGN_IN: None, **{kind.skip: None for kind in kinds.values() if kind.skip}}
        yield from _known(case.skip, skips, "skip")
        for name, expects in case.expect.items():
            mapping = self.mapping if not name else self._named(name)
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
        yield expected.want.mark.finding(CODE, f"there is no {what} {name!r}{hint(name, known)}")
