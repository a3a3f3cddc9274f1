"""YAML as mappings are written in it: plain, with the place of everything, and without YAML's surprises.

Every plain scalar is text but `true`, `false` and `null`: no `yes`/`no`, octal, sexagesimal, date or float appears by
accident. Keys are text and unique. Aliases, merge keys and tags (but `!remove`) are refused, so a document is a tree
and loading it executes nothing. PyYAML parses; the rules are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import yaml

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}


class Mark(NamedTuple):
    """Where something stands: the file's name as shown to people, line and column from 1."""

    file: str
    line: int
    column: int

    def finding(self, code: str, message: str) -> Finding:
        """What is wrong here; `code` is one of `doorlog.diagnostics`."""
        return Finding(self.file, self.line, self.column, code, message)


class Refused(Exception):
    """Raised with one finding inside this package; collected into a MappingError at its border."""

    def __init__(self, mark: Mark, code: str, message: str) -> None:
        self.finding = mark.finding(code, message)
        super().__init__(str(self.finding))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, true, false or null."""

    value: str | bool | None
    mark: Mark
    inside: int | None = None
    """The column of the text's first character, where every character of it stands in the file as it is."""
    plain: bool = False
    """Whether it stands there without quotes, so that `5` may also mean the number."""

    def at(self, offset: int) -> Mark:
        """The place of a character of the text, or the text's own where that can't be told."""
        return self.mark if self.inside is None else self.mark._replace(column=self.inside + offset)


@dataclass(frozen=True, slots=True)
class Seq:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Map:
    """A mapping from text to nodes, in the order of the file."""

    entries: dict[str, Node]
    keys: dict[str, Mark]
    mark: Mark

    def __iter__(self) -> Iterator[tuple[str, Node]]:
        return iter(self.entries.items())

    def get(self, key: str) -> Node | None:
        """The node under a key."""
        return self.entries.get(key)


@dataclass(frozen=True, slots=True)
class Remove:
    """The mark `!remove`: what stood here is taken away."""

    mark: Mark


Node: TypeAlias = "Scalar | Seq | Map | Remove"


def load(text: str, file: str) -> Map:
    """The tree of a mapping file; raises MappingError with every place that breaks the rules above."""
    top = Mark(file, 1, 1)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise MappingError([_mark_at(text, error.start, file).finding("bad-yaml", "this is no UTF-8 text")]) from None
    if size > MAX_BYTES:
        raise MappingError([top.finding("too-large", f"a mapping file is at most {MAX_BYTES} bytes long")])
    reader = _Reader(text, file)
    try:
        node = reader.document()
    except Refused as refused:
        raise MappingError([*reader.findings, refused.finding]) from None
    except yaml.reader.ReaderError as error:
        mark = _mark_at(text, int(error.position), file)
        raise MappingError([mark.finding("bad-yaml", "this character is not allowed in YAML")]) from None
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = Mark(file, at.line + 1, at.column + 1) if at else top
        # libyaml reads ahead of our count of the levels, and has a limit of its own.
        if "nesting depth" in str(error.problem):
            raise MappingError([mark.finding("too-large", f"nested more than {MAX_DEPTH} levels deep")]) from None
        if _tab_indents(text, mark):
            said = "a tab can't indent in YAML; write blanks"
            raise MappingError([mark._replace(column=1).finding("bad-yaml", said)]) from None
        if error.context == "while scanning a tag":
            said = "a blank stands behind a tag: `!remove }`, `!remove ,`"
            raise MappingError([mark.finding("bad-yaml", said)]) from None
        said = f"not readable as YAML: {error.problem or error.context}"
        if error.problem and error.context and (opened := error.context_mark) and opened.line != mark.line - 1:
            said += f" ({error.context} from line {opened.line + 1}, column {opened.column + 1})"
        raise MappingError([mark.finding("bad-yaml", said)]) from None
    if node is None:
        raise MappingError([top.finding("missing-name", "the file is empty; a mapping starts with `mapping: NAME`")])
    if not reader.findings and not isinstance(node, Map):
        reader.findings.append(
            node.mark.finding("wrong-form", "a mapping file holds keys and values, such as `mapping: NAME`")
        )
    if reader.findings:
        raise MappingError(reader.findings)
    assert isinstance(node, Map)
    return node


def _tab_indents(text: str, mark: Mark) -> bool:
    """Whether the line begins with blanks of which one is a tab."""
    line = text.split("\n")[mark.line - 1 : mark.line]
    return any("\t" in one[: len(one) - len(one.lstrip())] for one in line)


def _mark_at(text: str, position: int, file: str) -> Mark:
    before = text[:position]
    return Mark(file, before.count("\n") + 1, position - before.rfind("\n"))


def _inside(event: Any, mark: Mark) -> int | None:
    """Where a scalar's text begins, if it stands on one line and nothing in it is written in another way."""
    quotes = {"'": 1, '"': 1, None: 0, "": 0}.get(event.style)
    start, end = event.start_mark, event.end_mark
    if quotes is None or start.line != end.line or end.column - start.column != len(event.value) + 2 * quotes:
        return None
    return mark.column + quotes


class _Reader:
    """Turns PyYAML's events, which come one after the other whatever the depth, into nodes."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.events = yaml.parse(text, Loader=LOADER)
        self.findings: list[Finding] = []

    def document(self) -> Node | None:
        """The only document's top node, None if there is none."""
        node: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                if node is not None:
                    raise Refused(self.mark(event), "bad-yaml", "a mapping file holds one document")
                node = self.node(event, 0)
        return node

    def mark(self, event: yaml.Event) -> Mark:
        start: Any = event.start_mark
        return Mark(self.file, start.line + 1, start.column + 1)

    def node(self, event: Any, depth: int) -> Node:
        mark = self.mark(event)
        if depth > MAX_DEPTH:
            raise Refused(mark, "too-large", f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent):
            return self.refuse(
                mark, "yaml-alias", "aliases (*name) are not used in mappings; write it out, or name a fact"
            )
        if event.anchor is not None:
            self.refuse(mark, "yaml-alias", "anchors (&name) are not used in mappings")
        removed = event.tag == "!remove"
        if event.tag is not None and not removed:
            self.refuse(mark, "yaml-tag", f"the tag {event.tag} is not used in mappings; only !remove is")
        if removed and not (isinstance(event, yaml.ScalarEvent) and event.value == "" and not event.style):
            self.refuse(mark, "yaml-tag", "!remove stands alone")
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner, depth + 1))
            return Seq(tuple(items), mark)
        if isinstance(event, yaml.MappingStartEvent):
            return self.map(mark, depth)
        if removed:
            return Remove(mark)
        plain = not event.style
        value = _LITERALS[event.value] if plain and event.value in _LITERALS else str(event.value)
        return Scalar(value, mark, _inside(event, mark), plain)

    def map(self, mark: Mark, depth: int) -> Map:
        entries: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = self.mark(event)
            if not isinstance(event, yaml.ScalarEvent):
                self.node(event, depth + 1)
                self.refuse(at, "yaml-key", "a key is a text")
                self.node(next(self.events), depth + 1)
                continue
            if event.anchor is not None or event.tag is not None:
                self.refuse(at, "yaml-key", "a key has no tag and no anchor")
            key = str(event.value)
            value = self.node(next(self.events), depth + 1)
            if key in keys:
                self.refuse(at, "duplicate-key", f"the key {key!r} stands here twice, first at line {keys[key].line}")
            elif key == "<<" and not event.style:
                self.refuse(at, "yaml-alias", "merge keys (<<) are not used in mappings; use `extends`")
            else:
                keys[key] = at
                entries[key] = value
        return Map(entries, keys, mark)

    def refuse(self, mark: Mark, code: str, message: str) -> Scalar:
        self.findings.append(mark.finding(code, message))
        return Scalar(None, mark)
