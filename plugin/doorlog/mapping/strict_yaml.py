"""YAML as mappings are written in it: plain, with the place of everything, and without YAML's surprises.

Every plain scalar is text but `true`, `false` and `null`: no `yes`/`no`, octal, sexagesimal, date or float appears by
accident. Keys are text and unique. Aliases, merge keys and tags (but `!remove`) are refused, so a document is a tree
and loading it executes nothing. PyYAML parses; the rules are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import yaml

from doorlog.errors import Finding, MappingError

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PREFIX = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_PREFIX + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value")}
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}


class Mark(NamedTuple):
    """Where something stands: the file's name as shown to people, line and column from 1."""

    file: str
    line: int
    column: int

    def finding(self, message: str) -> Finding:
        """What is wrong here."""
        return Finding(self.file, self.line, self.column, message)


class Refused(Exception):
    """Raised with one finding inside this package; collected into a MappingError at its border."""

    def __init__(self, mark: Mark, message: str) -> None:
        self.finding = mark.finding(message)
        super().__init__(str(self.finding))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, true, false or null."""

    value: str | bool | None
    mark: Mark


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
    findings: list[Finding] = []
    top = Mark(file, 1, 1)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise MappingError([top.finding(f"a mapping file is at most {MAX_BYTES} bytes long")])
    try:
        composed = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        mark = Mark(file, at.line + 1, at.column + 1) if at else top
        raise MappingError([mark.finding(f"not readable as YAML: {error.problem or error.context}")]) from None
    except yaml.YAMLError as error:
        raise MappingError([top.finding(f"not readable as YAML: {type(error).__name__}")]) from None
    except RecursionError:
        raise MappingError([top.finding(f"nested more than {MAX_DEPTH} levels deep")]) from None
    if composed is None:
        raise MappingError([top.finding("the file is empty; a mapping starts with `mapping: NAME`")])
    node = _Reader(file, findings).read(composed, 0)
    if not findings and not isinstance(node, Map):
        findings.append(top.finding("a mapping file holds keys and values at its top, such as `mapping: NAME`"))
    if findings:
        raise MappingError(findings)
    assert isinstance(node, Map)
    return node


class _Reader:
    """Turns PyYAML's nodes into ours, collecting what is refused on the way."""

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self.file = file
        self.findings = findings
        self.seen: set[int] = set()

    def read(self, node: yaml.Node, depth: int) -> Node:
        mark = Mark(self.file, node.start_mark.line + 1, node.start_mark.column + 1)
        nothing = Scalar(None, mark)
        if id(node) in self.seen:
            return self._refuse(
                nothing, "aliases (*name) are not used in mappings; write it out, or name a table or a fact"
            )
        self.seen.add(id(node))
        if depth > MAX_DEPTH:
            return self._refuse(nothing, f"nested more than {MAX_DEPTH} levels deep")
        if node.tag == "!remove":
            return Remove(mark)
        if isinstance(node, yaml.MappingNode) and node.tag == _PREFIX + "map":
            return self._map(node, mark, depth)
        if isinstance(node, yaml.SequenceNode) and node.tag == _PREFIX + "seq":
            return Seq(tuple(self.read(item, depth + 1) for item in node.value), mark)
        if isinstance(node, yaml.ScalarNode) and node.tag in _PLAIN_TAGS:
            plain = not node.style
            return Scalar(_LITERALS[node.value] if plain and node.value in _LITERALS else str(node.value), mark)
        return self._refuse(
            nothing, f"the tag {node.tag.replace(_PREFIX, '!!')} is not used in mappings; only !remove is"
        )

    def _map(self, node: yaml.MappingNode, mark: Mark, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            at = Mark(self.file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(Scalar(None, at), "a key is a text")
                continue
            key = str(key_node.value)
            if key in keys:
                self._refuse(Scalar(None, at), f"the key {key!r} stands here twice, first at line {keys[key].line}")
                continue
            if key == "<<" and not key_node.style:
                self._refuse(Scalar(None, at), "merge keys (<<) are not used in mappings; use `extends`")
                continue
            keys[key] = at
            entries[key] = self.read(value_node, depth + 1)
        return Map(entries, keys, mark)

    def _refuse(self, at: Scalar, message: str) -> Scalar:
        self.findings.append(at.mark.finding(message))
        return at
