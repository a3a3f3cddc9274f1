"""What a mapping may have meant otherwise: record paths that nobody knows, and texts that are spelled as facts."""

from __future__ import annotations

from collections.abc import Iterator

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.walk import nodes, subjects
from doorlog.schema import RecordSchema


def names_as_texts(mapping: m.Mapping) -> Iterator[Finding]:
    """The constants in the files that were asked for that are the names of facts: `user.name: user_name`.

    What a kind says of its facts is not among them, since the words that tell a `step` may also name facts.
    """
    known = {*mapping.facts, *(name for kind in mapping.kinds for name, _ in kind.facts)}
    said = [rule.value for section in mapping.sections for rule in section.rules.values()]
    for node in (node for expr in (*said, *mapping.facts.values()) for node in nodes(expr)):
        if isinstance(node, m.Const) and node.bare and node.value in known and node.mark.file in mapping.asked:
            told = f"this is the text {node.value!r}, and not the fact of that name, which is {{from: {node.value}}}"
            yield node.mark.finding("name-as-text", f"{told}; {{value: {node.value}}} says that the text is meant")


def unknown_paths(mapping: m.Mapping, schema: RecordSchema) -> Iterator[Finding]:
    """The record paths in the files that were asked for of which the record's schema knows nothing."""
    exprs = [rule.value for section in mapping.sections for rule in section.rules.values()]
    exprs += [*mapping.facts.values(), *mapping.dispatch, *([mapping.time] if mapping.time else [])]
    for kind in mapping.kinds:
        exprs += [*(fact for _, fact in kind.facts), *subjects(kind.when)]
    for node in (node for expr in exprs for node in nodes(expr)):
        path = node.path if isinstance(node, m.Rest) else node
        if isinstance(path, m.Path) and path.mark.file in mapping.asked:
            meant = schema.meant(path.keys)
            if meant is not None:
                near = f"; did you mean {meant!r}?" if meant else ""
                said = f"no sign-in record is known to have {path}{near}"
                yield path.mark.finding("unknown-path", said)
    for path in (*(one.path for one in mapping.protected), *(path for path, _ in mapping.masks)):
        meant = schema.meant(path.keys) if path.mark.file in mapping.asked else None
        if meant is not None:
            near = f"; did you mean {meant!r}?" if meant else ""
            said = f"no sign-in record is known to have {path}, so this hides nothing{near}"
            yield path.mark.finding("unknown-path", said)
