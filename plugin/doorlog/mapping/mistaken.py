"""What a mapping may have meant otherwise: record paths that nobody knows, and texts that are spelled as facts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.parse_expr import SOURCES
from doorlog.mapping.walk import nodes, subjects
from doorlog.schema import RecordSchema

# What stands in the braces of a template, and the beginning of a map that quotes make a text of.
_SLOT = re.compile(r"\{(\$\.[^{}|]+|[a-z][a-z0-9_]*)(?:\|[^{}]*)?\}")
_MAP = re.compile(rf"\{{\s*({'|'.join(SOURCES)})\s*:")


def names_as_texts(mapping: m.Mapping, schema: RecordSchema) -> Iterator[Finding]:
    """The constants in the files that were asked for that are probably meant otherwise: `user.name: user_name`.

    They are the names of facts and of the record's own fields, such as `eventName`, texts with such names or paths in
    braces, and in quotes what is no text without them.
    What a kind says of its facts is not among them, since the words that tell a `step` may also name facts.
    """
    known = {*mapping.facts, *(name for kind in mapping.kinds for name, _ in kind.facts)}
    said = [rule.value for section in mapping.sections for rule in section.rules.values()]
    for node in (node for expr in (*said, *mapping.facts.values()) for node in nodes(expr)):
        if isinstance(node, m.Const) and node.bare and node.mark.file in mapping.asked:
            meant = _meant(str(node.value), known, schema)
            if meant:
                written = f'"{node.value}"' if "{" in str(node.value) or node.value == "!remove" else node.value
                told = f"this is the text {node.value!r}, and {meant}; {{value: {written}}} says that the text is meant"
                yield node.mark.finding("name-as-text", told)


def _meant(text: str, known: Collection[str], schema: RecordSchema) -> str:
    """What a constant is not, though it looks like it; nothing if it looks like a constant."""
    if text in known:
        return f"not the fact of that name, which is {{from: {text}}}"
    first, *_ = keys = text.split(".")
    if first != first.lower() and first in schema.document["properties"] and schema.meant(keys) is None:
        return f"not the record's value, which is $.{text}"
    if text == "!remove":
        return "takes nothing away, as !remove does without quotes"
    if _MAP.match(text):
        return "not what it says without quotes"
    if any(slot.startswith("$.") or slot in known for slot in _SLOT.findall(text)):
        return f'no template, which is {{template: "{text}"}}'
    return ""


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
