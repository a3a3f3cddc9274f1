"""From a mapping file to what it says by itself, before anything that it extends is merged in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError
from doorlog.mapping import model as m
from doorlog.mapping.parse_expr import (
    condition,
    expression,
    hint,
    not_nested,
    path,
    reference,
    text_of,
    truth,
    written,
)
from doorlog.mapping.parse_protect import key_source, protection
from doorlog.mapping.strict_yaml import Map, Mark, Node, Refused, Remove, Scalar, Seq, load

T = TypeVar("T")

KEYS = (
    "mapping", "description", "extends", "target", "profiles", "fields", "dispatch", "time", "lists", "tables", "kinds",
    "facts", "about", "set", "classes", "observables", "masks", "keys", "protect", "tests", "records", "given",
)  # fmt: skip
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
"""What the name of a mapping looks like."""


@dataclass(frozen=True, slots=True)
class Append:
    """`{append: ...}`: what comes behind that which the extended mappings say."""

    value: m.Expr
    mark: Mark


@dataclass(frozen=True, slots=True)
class ListFile:
    """A file of rows beside the mapping, and the column that is looked up in, if that is not the first."""

    file: str
    key: str | None
    mark: Mark


@dataclass(slots=True)
class KindPart:
    """What one file says of a kind of event; None where it is silent."""

    mark: Mark
    when: m.Condition | None = None
    skip: str | bool | None = None
    counted: bool | None = None
    description: str | None = None
    facts: dict[str, m.Expr | Remove] = field(default_factory=dict)
    fact_marks: dict[str, Mark] = field(default_factory=dict)


@dataclass(slots=True)
class SectionPart:
    """What one file says of a class of the target."""

    mark: Mark
    kinds: tuple[m.Const, ...] | None = None
    adds: bool = False
    """Whether the kinds come to those that the extended mappings name, and don't replace them."""
    rules: dict[str, m.Rule | Append | Remove] = field(default_factory=dict)


@dataclass(slots=True)
class File:
    """One mapping file as it stands. Any part may be missing; `!remove` takes away what an extended one says."""

    name: str
    mark: Mark
    extends: tuple[m.Const, ...] = ()
    target: m.Const | None = None
    profiles: tuple[m.Const, ...] | None = None
    fields: dict[str, m.OwnField] = field(default_factory=dict)
    dispatch: tuple[m.Path, ...] | None = None
    time: m.Path | None = None
    lists: dict[str, ListFile] = field(default_factory=dict)
    tables: dict[str, dict[str, m.Const | Remove] | Remove] = field(default_factory=dict)
    table_marks: dict[str, Mark] = field(default_factory=dict)
    kinds: dict[str, KindPart | Remove] = field(default_factory=dict)
    facts: dict[str, m.Expr | Append | Remove] = field(default_factory=dict)
    fact_marks: dict[str, Mark] = field(default_factory=dict)
    about: dict[str, m.Const] = field(default_factory=dict)
    rules: dict[str, m.Rule | Append | Remove] = field(default_factory=dict)
    sections: dict[str, SectionPart] = field(default_factory=dict)
    observables: tuple[m.Const, ...] = ()
    keys: dict[str, m.Key] = field(default_factory=dict)
    protected: dict[str, m.Protected | Remove] = field(default_factory=dict)
    masks: dict[str, tuple[m.Path, tuple[str, ...]] | Remove] = field(default_factory=dict)


def mapping_name(node: Node) -> str:
    """The name under which a mapping is asked for and extended."""
    name = text_of(node, "a mapping's name")
    if not re.fullmatch(NAME, name):
        raise Refused(node.mark, "bad-name", "a mapping's name is made of letters, digits, `.`, `_` and `-`")
    return name


def appended(node: Node) -> Append | None:
    """What `{append: ...}` adds, None where a node is something else."""
    if not isinstance(node, Map) or "append" not in node.entries:
        return None
    for key in node.entries:
        if key != "append":
            raise Refused(node.keys[key], "misplaced-key", f"`append` stands alone; put {key!r} into what is appended")
    return Append(expression(node.entries["append"]), node.keys["append"])


def own_field(node: Node, at: Mark) -> m.OwnField:
    """What is declared of a field of one's own: the name of its type, in brackets if it is a list."""
    array = isinstance(node, Seq)
    if isinstance(node, Seq):
        if len(node.items) != 1:
            raise Refused(node.mark, "wrong-form", "a field that is a list has one type in brackets: `[keyword]`")
        node = node.items[0]
    return m.OwnField(m.Const(text_of(node, "a field's type"), node.mark), array, at)


def skipped(node: Node) -> str | bool:
    """Whether a kind's records are skipped, perhaps under another name than the kind's."""
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        return truth(node)
    # The words that other readers of YAML take for truth values are no names here.
    if not re.fullmatch(r"(?!(?:yes|no|on|off|true|false)\Z)[a-z][a-z0-9-]+", node.value):
        raise Refused(node.mark, "bad-name", "this is true, false, or a name of a-z, 0-9 and `-` to count them under")
    return node.value


def list_file(node: Node, at: Mark) -> ListFile:
    """What is said of a list beside the mapping: its file, or that and the column that is looked up in."""
    if not isinstance(node, Map):
        return ListFile(text_of(node, "a list's file"), None, node.mark)
    for key in node.entries:
        if key not in ("file", "key"):
            raise Refused(node.keys[key], "unknown-key", f"a list has no {key!r} (file, key)")
    file, column = node.get("file"), node.get("key")
    if file is None:
        raise Refused(at, "wrong-form", "a list needs the name of a `file`")
    return ListFile(
        text_of(file, "a list's file"), None if column is None else text_of(column, "a column's name"), file.mark
    )


def parse(text: str, file: str) -> File:
    """What a mapping file says; raises MappingError with all that is wrong in it."""
    return _Parser(load(text, file)).file()


class _Parser:
    def __init__(self, top: Map) -> None:
        self.top = top
        self.findings: list[Finding] = []

    def file(self) -> File:
        top = self.top
        for key in top.entries:
            if key not in KEYS:
                self.findings.append(top.keys[key].finding("unknown-key", f"a mapping has no {key!r}{hint(key, KEYS)}"))
        found = File(name="", mark=top.mark)
        if "mapping" in top.entries:
            found.name = self.one(top.entries["mapping"], mapping_name) or ""
        else:
            self.findings.append(top.mark.finding("missing-name", "a mapping says its name first: `mapping: NAME`"))
        readers: dict[str, Callable[[Node], object]] = {
            "description": lambda n: text_of(n, "a description"),
            "extends": lambda n: setattr(found, "extends", self.texts(n)),
            "target": lambda n: setattr(found, "target", m.Const(text_of(n, "a target"), n.mark)),
            "profiles": lambda n: setattr(found, "profiles", self.texts(n)),
            "fields": lambda n: self.each(n, "fields", lambda k, v, at: found.fields.__setitem__(k, own_field(v, at))),
            "dispatch": lambda n: setattr(found, "dispatch", self.paths(n)),
            "time": lambda n: setattr(found, "time", path(text_of(n, "a record path"), n.mark)),
            "lists": lambda n: self.each(n, "lists", lambda k, v, at: found.lists.__setitem__(k, list_file(v, at))),
            "tables": lambda n: self.tables(n, found),
            "kinds": lambda n: self.each(n, "kinds", lambda k, v, at: found.kinds.__setitem__(k, self.kind(v, at))),
            "facts": lambda n: self.facts(n, found.facts, found.fact_marks),
            "about": lambda n: self.each(
                n,
                "about",
                lambda k, v, at: found.about.__setitem__(k, m.Const(text_of(v, "the description of a fact"), at)),
            ),
            "set": lambda n: self.rules(n, found.rules),
            "classes": lambda n: self.each(
                n, "classes", lambda k, v, at: found.sections.__setitem__(k, self.section(v, at))
            ),
            "observables": lambda n: setattr(found, "observables", self.texts(n)),
            "masks": lambda n: self.masks(n, found),
            "keys": lambda n: self.each(n, "keys", lambda k, v, at: found.keys.__setitem__(k, key_source(v, at))),
            "protect": lambda n: self.each(
                n, "protect", lambda k, v, at: found.protected.__setitem__(k, protection(k, v, at))
            ),
        }
        for key, read in readers.items():
            node = top.get(key)
            if node is not None:
                self.one(node, read)
        if self.findings:
            raise MappingError(self.findings)
        return found

    def one(self, node: Node, read: Callable[[Node], T]) -> T | None:
        """What `read` makes of a node; a refusal is collected, so that reading goes on."""
        try:
            return read(node)
        except Refused as refused:
            self.findings.append(refused.finding)
            return None

    def each(self, node: Node, what: str, read: Callable[[str, Node, Mark], object]) -> None:
        if not isinstance(node, Map):
            raise Refused(node.mark, "wrong-form", f"`{what}` holds names, each with what it means")
        for key, value in node:
            self.one(value, lambda value, key=key: read(key, value, node.keys[key]))  # type: ignore[misc]

    def texts(self, node: Node) -> tuple[m.Const, ...]:
        items = node.items if isinstance(node, Seq) else (node,)
        return tuple(m.Const(text_of(item, "a name here"), item.mark) for item in items)

    def paths(self, node: Node) -> tuple[m.Path, ...]:
        return tuple(path(str(const.value), const.mark) for const in self.texts(node))

    def tables(self, node: Node, found: File) -> None:
        def read(key: str, value: Node, at: Mark) -> None:
            found.table_marks[key] = at
            if isinstance(value, Remove):
                found.tables[key] = value
                return
            if not isinstance(value, Map):
                raise Refused(value.mark, "wrong-form", "a table holds rows: `TEXT: VALUE`")
            found.tables[key] = {row: cell if isinstance(cell, Remove) else written(cell) for row, cell in value}

        self.each(node, "tables", read)

    def facts(self, node: Node, into: dict[str, m.Expr | Append | Remove], marks: dict[str, Mark]) -> None:
        def read(key: str, value: Node, at: Mark) -> None:
            if not isinstance(reference(key, at), m.Name) or key in ("kind", "item"):
                raise Refused(
                    at, "bad-name", "a fact's name is lower-case letters, digits and _, and not `kind` or `item`"
                )
            marks[key] = at
            into[key] = value if isinstance(value, Remove) else appended(value) or expression(value)

        self.each(node, "facts", read)

    def masks(self, node: Node, found: File) -> None:
        def read(key: str, value: Node, at: Mark) -> None:
            place = path(key, at)
            names = () if isinstance(value, Remove) else tuple(str(const.value) for const in self.texts(value))
            found.masks[key] = value if isinstance(value, Remove) else (place, names)
            if not isinstance(value, Remove) and (not names or "" in names):
                raise Refused(value.mark, "wrong-form", "`masks` lists the names of the parameters to hide")

        self.each(node, "masks", read)

    def rules(self, node: Node, into: dict[str, m.Rule | Append | Remove]) -> None:
        def read(key: str, value: Node, at: Mark) -> None:
            if isinstance(value, Remove):
                into[key] = Remove(at)
            else:
                not_nested(key, value)
                added = appended(value)
                said: m.Expr = added.value if added else expression(value)
                if isinstance(said, m.Const) and said.value is None:
                    told = "nothing stands here, so that nothing is ever written; say a value, leave the rule out, or"
                    raise Refused(at, "empty-value", f"{told} write `!remove` to take away an extended mapping's")
                into[key] = Append(said, at) if added else m.Rule(key, said, at)

        self.each(node, "set", read)

    def kind(self, node: Node, at: Mark) -> KindPart | Remove:
        if isinstance(node, Remove):
            return node
        if not isinstance(node, Map):
            wanted = "a kind holds `when`, and perhaps `description`, `facts`, `skip` or `counted`"
            raise Refused(node.mark, "wrong-form", wanted)
        part = KindPart(at)
        for key, value in node:
            if key == "when":
                part.when = self.one(value, condition)
            elif key == "description":
                part.description = self.one(value, lambda value: text_of(value, "a description"))
            elif key == "skip":
                part.skip = self.one(value, skipped)
            elif key == "counted":
                part.counted = self.one(value, truth)
            elif key == "facts":
                said: dict[str, m.Expr | Append | Remove] = {}
                self.one(value, lambda value, said=said: self.facts(value, said, part.fact_marks))  # type: ignore[misc]
                for name, fact in said.items():
                    if isinstance(fact, Append):
                        raise Refused(fact.mark, "misplaced-key", "`append` is for rules and for facts of all kinds")
                    part.facts[name] = fact
            else:
                words = ("when", "description", "facts", "skip", "counted")
                raise Refused(
                    node.keys[key], "unknown-key", f"a kind has no {key!r}{hint(key, words)} ({', '.join(words)})"
                )
        return part

    def section(self, node: Node, at: Mark) -> SectionPart:
        if not isinstance(node, Map):
            raise Refused(node.mark, "wrong-form", "a class holds `set`, and perhaps `kinds`")
        part = SectionPart(at)
        for key, value in node:
            if key == "kinds":
                more = value.get("append") if isinstance(value, Map) and len(value.entries) == 1 else None
                part.adds = more is not None
                part.kinds = self.texts(more or value)
            elif key == "set":
                self.one(value, lambda value: self.rules(value, part.rules))
            else:
                raise Refused(
                    node.keys[key], "unknown-key", f"a class has no {key!r}{hint(key, ('kinds', 'set'))} (kinds, set)"
                )
        return part
