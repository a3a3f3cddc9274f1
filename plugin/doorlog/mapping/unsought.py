"""The values that own kinds give to facts, and that nothing looks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.walk import nodes, subjects


def unsought(mapping: m.Mapping) -> Iterator[Finding]:
    """The constants that own kinds give to extended facts, and that nothing looks for: `step: login` for `logon`.

    A fact that is also written as it is, or held against something in another way, may have any value.
    """
    if mapping.target is None:
        return
    sought, free = _sought(mapping)
    known: dict[str, set[str]] = {name: set(values) for name, values in sought.items()}
    for kind in mapping.kinds:
        for name, fact in kind.facts:
            if isinstance(fact, m.Const) and isinstance(fact.value, str) and fact.mark.file not in mapping.asked:
                known.setdefault(name, set()).add(fact.value)
    for kind in mapping.kinds:
        for name, fact in kind.facts:
            if not isinstance(fact, m.Const) or not isinstance(fact.value, str) or fact.mark.file not in mapping.asked:
                continue
            if name in sought and name not in free and fact.value not in known[name]:
                values = sorted(known[name])
                said = f"nothing looks for `{name}` {fact.value!r}{hint(fact.value, values)} ({', '.join(values)})"
                yield fact.mark.finding("unsought-value", said)


def _sought(mapping: m.Mapping) -> tuple[dict[str, set[str]], set[str]]:
    """By the names of facts that extended files look at, the values that are looked for; and the facts of any value."""
    sought: dict[str, set[str]] = {}
    extended: set[str] = set()
    free: set[str] = set()
    exprs = [rule.value for section in mapping.sections for rule in section.rules.values()]
    exprs += [*mapping.facts.values(), *(fact for kind in mapping.kinds for _, fact in kind.facts)]
    every = [node for expr in exprs for node in nodes(expr)]
    every += [node for kind in mapping.kinds for subject in subjects(kind.when) for node in nodes(subject)]
    conditions = [node.condition for node in every if isinstance(node, m.When)]
    seen: set[int] = set()

    def looks(name: m.Expr, values: Iterable[object]) -> None:
        if isinstance(name, m.Name):
            seen.add(id(name))
            sought.setdefault(name.name, set()).update(value for value in values if isinstance(value, str))
            if name.mark.file not in mapping.asked:
                extended.add(name.name)

    for condition in [*conditions, *(kind.when for kind in mapping.kinds)]:
        for test in _wanted(condition):
            if not test.modifiers:
                looks(test.subject, test.values)
    for node in every:
        if isinstance(node, m.Lookup) and not node.other:
            table = mapping.tables.get(node.table) if isinstance(node.table, str) else node.table
            own_default = node.default is not None and node.mark.file in mapping.asked
            if table is not None and not own_default:
                looks(node.source, (key for key, _ in table.rows))
    free |= {node.name for node in every if isinstance(node, m.Name) and id(node) not in seen}
    return {name: values for name, values in sought.items() if name in extended}, free


def _wanted(condition: m.Condition) -> Iterator[m.Test]:
    """The tests that have to hold; to what must not, any other value is as good."""
    if isinstance(condition, m.All | m.Any):
        for one in condition.conditions:
            yield from _wanted(one)
    elif isinstance(condition, m.Test):
        yield condition
