"""What a mapping says and never uses: facts, tables and fields."""

from __future__ import annotations

from collections.abc import Iterator

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.walk import nodes, subjects


def unused(mapping: m.Mapping) -> Iterator[Finding]:
    """The findings in the files that were asked for; a mapping without a target is there for others to use."""
    if mapping.target is None:
        return
    facts, tables = _used(mapping)
    for name, fact in mapping.facts.items():
        if name not in facts and fact.mark.file in mapping.asked:
            mark = mapping.fact_marks.get(name, fact.mark)
            yield mark.finding("unused-fact", f"nothing uses the fact {name!r}")
    # What kinds of an extended mapping say of themselves is asked of every kind.
    asked = {name for kind in mapping.kinds for name, fact in kind.facts if fact.mark.file not in mapping.asked}
    for kind in mapping.kinds:
        for name, fact in kind.facts:
            if name not in facts | asked and fact.mark.file in mapping.asked:
                said = f"nothing uses the fact {name!r} of the kind {kind.name!r}{hint(name, facts)}"
                yield mapping.fact_marks.get(f"{kind.name}.{name}", fact.mark).finding("unused-fact", said)
    for name, table in mapping.tables.items():
        if name not in tables and table.mark.file in mapping.asked:
            yield table.mark.finding("unused-table", f"nothing uses the table {name!r}")
    written = {path for section in mapping.sections for path in section.rules}
    for path, field in mapping.fields.items():
        if field.mark.file in mapping.asked and not any(f"{one}.".startswith(f"{path}.") for one in written):
            yield field.mark.finding("unused-field", f"no rule writes {path}")


def _used(mapping: m.Mapping) -> tuple[set[str], set[str]]:
    """The facts and the tables that rules and conditions of kinds use, and those that such facts use."""
    facts: set[str] = set()
    tables: set[str] = set()
    left = [rule.value for section in mapping.sections for rule in section.rules.values()]
    left += [subject for kind in mapping.kinds for subject in subjects(kind.when)]
    while left:
        for node in nodes(left.pop()):
            if isinstance(node, m.Lookup) and isinstance(node.table, str):
                tables.add(node.table)
            elif isinstance(node, m.Name) and node.name not in facts:
                facts.add(node.name)
                left += [mapping.facts[node.name]] if node.name in mapping.facts else []
                left += [fact for kind in mapping.kinds for name, fact in kind.facts if name == node.name]
    return facts, tables
