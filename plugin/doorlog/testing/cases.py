"""What the tests of a mapping say, as frozen data, each with its place.

They stand under `tests:` in the mapping itself, or in `tests/NAME.yaml` beside it, which may also name `records` for
them. Nothing here is read when a stream is normalized.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doorlog import resources
from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.mapping import model as m
from doorlog.mapping.outside import Outside
from doorlog.mapping.parse_expr import hint, text_of
from doorlog.mapping.strict_yaml import Map, Mark, Node, Refused, Seq, load
from doorlog.record import Json
from doorlog.testing.given import CODE, outside
from doorlog.testing.patching import patched
from doorlog.testing.values import as_record

TOP = ("tests", "records", "given", "description")
KEYS = ("name", "record", "patch", "kind", "facts", "expect", "skip", "reject")


@dataclass(frozen=True, slots=True)
class Expected:
    """What one field, fact or the kind has to be: `want` is the node as it stands in the file, null for nothing."""

    path: str
    want: Node
    mark: Mark


@dataclass(frozen=True, slots=True)
class Case:
    """One test: a record, and what has to become of it."""

    name: str
    mark: Mark
    record: Json
    kind: Expected | None
    facts: tuple[Expected, ...]
    expect: Mapping[str, tuple[Expected, ...]]
    """What fields have to hold, by the name of the mapping that writes them; "" is the one that is tested."""
    skip: Expected | None
    reject: Expected | None
    patched: tuple[m.Path, ...] = ()
    """The paths at which `patch` writes something."""

    @property
    def says_nothing(self) -> bool:
        """Whether it expects nothing but an event that conforms."""
        return not (self.kind or self.facts or self.expect or self.skip or self.reject)


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests of one file."""

    file: Path
    cases: tuple[Case, ...]
    outside: Outside
    """What they state of all that is neither in the record nor in the mapping."""


def suites(mapping_file: Path, of_several: bool = False) -> list[Suite]:
    """The tests of a mapping file: those in it, and those in the file for them beside it.

    With `of_several` they are tests of a mapping without a target, and expect fields of the mappings that extend it.

    Raises MappingError with all that is wrong in them, UsageError where a file can't be read.
    """
    beside = mapping_file.parent / "tests" / f"{mapping_file.stem}.yaml"
    found = [_suite(file, of_several) for file in (mapping_file, beside) if file.is_file()]
    return [suite for suite in found if suite.cases]


def shipped_records() -> dict[str, Path]:
    """The records that ship with Doorlog, by the names that tests may use for them."""
    folder = resources.folder("mappings") / "records"
    return {file.stem: file for file in sorted(folder.glob("*.json"))}


def _suite(file: Path, of_several: bool) -> Suite:
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from None
    return _Reader(load(text, str(file)), file, of_several).suite()


class _Reader:
    def __init__(self, top: Map, file: Path, of_several: bool) -> None:
        self.top = top
        self.file = file
        self.of_several = of_several
        self.findings: list[Finding] = []
        self.records: dict[str, Json] = {}

    def suite(self) -> Suite:
        """The tests of the file; raises MappingError with all findings."""
        if "mapping" not in self.top.entries:
            for key in self.top.entries:
                if key not in TOP:
                    said = f"a file of tests has no {key!r}{hint(key, TOP)} ({', '.join(TOP)})"
                    self.findings.append(self.top.keys[key].finding(CODE, said))
        cases: list[Case] = []
        for name, node in self.entries("records"):
            self.collect(lambda name=name, node=node: self.records.__setitem__(name, as_record(node)))
        given: list[Outside] = []
        self.collect(lambda: given.append(outside(self.top.get("given"), self.collect)))
        tests = self.top.get("tests")
        if tests is not None and not isinstance(tests, Seq):
            self.findings.append(tests.mark.finding(CODE, "`tests` is a list of tests"))
        for node in tests.items if isinstance(tests, Seq) else ():
            self.collect(lambda node=node: cases.append(self.case(node)))
        if self.findings:
            raise MappingError(self.findings)
        return Suite(self.file, tuple(cases), given[0])

    def entries(self, key: str) -> Iterator[tuple[str, Node]]:
        node = self.top.get(key)
        if isinstance(node, Map):
            yield from node
        elif node is not None:
            self.findings.append(node.mark.finding(CODE, f"`{key}` holds names, each with its record"))

    def collect(self, read: Any) -> None:
        try:
            read()
        except Refused as refused:
            self.findings.append(refused.finding._replace(code=CODE))

    def case(self, node: Node) -> Case:
        if not isinstance(node, Map):
            raise Refused(node.mark, CODE, "a test is a map with `name` and `record`, and what is expected")
        for key in node.entries:
            if key not in KEYS:
                said = f"a test has no {key!r}{hint(key, KEYS)} ({', '.join(KEYS)})"
                raise Refused(node.keys[key], CODE, said)
        for key in ("name", "record"):
            if key not in node.entries:
                raise Refused(node.mark, CODE, f"a test says its `{key}`")
        record = self.record(node.entries["record"])
        paths: tuple[m.Path, ...] = ()
        if "patch" in node.entries:
            record, paths = patched(record, node.entries["patch"])
        case = Case(
            text_of(node.entries["name"], "a test's name"),
            node.mark,
            record,
            self.one(node, "kind"),
            tuple(self.listed(node, "facts")),
            self.fields(node),
            self.one(node, "skip"),
            self.one(node, "reject"),
            paths,
        )
        if case.skip and case.reject:
            raise Refused(case.reject.mark, CODE, "a record is skipped or rejected, and never both")
        if (case.skip or case.reject) and (case.expect or case.facts):
            where = (case.skip or case.reject or case).mark
            raise Refused(where, CODE, "a record that is skipped or rejected has no fields to expect")
        return case

    def record(self, node: Node) -> Json:
        if isinstance(node, Map):
            return as_record(node)
        text = text_of(node, "a test's record")
        if text in self.records:
            return copy.deepcopy(self.records[text])
        if not text.endswith(".json"):
            known = {**dict.fromkeys(self.records), **shipped_records()}
            if text not in known:
                said = f"there is no record {text!r}{hint(text, known)} (doorlog list records shows the shipped ones)"
                raise Refused(node.mark, CODE, f"{said}; a file beside the tests ends in .json")
            return _of_file(shipped_records()[text], node.mark)
        file = self.file.parent / text
        if not file.resolve().is_relative_to(self.file.parent.resolve()):
            raise Refused(node.mark, CODE, f"{text!r} is not beside the tests, nor in a folder there")
        return _of_file(file, node.mark)

    def one(self, node: Map, key: str) -> Expected | None:
        if key not in node.entries:
            return None
        text_of(node.entries[key], f"`{key}`")
        return Expected(key, node.entries[key], node.keys[key])

    def listed(self, node: Map, key: str) -> Iterator[Expected]:
        given = node.get(key)
        if given is None:
            return
        if not isinstance(given, Map):
            raise Refused(given.mark, CODE, f"`{key}` holds names, each with what it has to be")
        for name, want in given:
            yield Expected(name, want, given.keys[name])

    def fields(self, node: Map) -> dict[str, tuple[Expected, ...]]:
        """What is expected of fields; below the name of a mapping where it is for several of them."""
        listed = tuple(self.listed(node, "expect"))
        if not self.of_several:
            return {"": listed} if listed else {}
        found = {}
        for one in listed:
            if not isinstance(one.want, Map):
                said = (
                    "this mapping has no target; `expect` holds names of mappings that extend it, each with its fields"
                )
                raise Refused(one.mark, CODE, said)
            found[one.path] = tuple(Expected(name, want, one.want.keys[name]) for name, want in one.want)
        return found


def _of_file(file: Path, mark: Mark) -> Json:
    try:
        record = json.loads(file.read_bytes())
    except OSError as error:
        raise Refused(mark, CODE, f"can't read {file.name}: {error.strerror}") from None
    except ValueError:
        raise Refused(mark, CODE, f"{file.name} can't be read as JSON") from None
    if not isinstance(record, dict):
        raise Refused(mark, CODE, f"{file.name} holds no record, which is an object")
    return record
