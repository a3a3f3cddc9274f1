"""What an event repeats of its own values, where readers look for them first: ECS's `related`, OCSF's `observables`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from doorlog.mapping import values
from doorlog.mapping.body import Body
from doorlog.mapping.code import built, expression, literal, statements
from doorlog.mapping.plan import Leaf, Plan


@dataclass(slots=True)
class Written:
    """What an object's statements wrote: the values of watched paths, and the leaves that keep values."""

    watched: dict[str, ast.Name | ast.Constant] = field(default_factory=dict)
    kept: list[Leaf] = field(default_factory=list)
    sure: set[str] = field(default_factory=set)
    """The watched paths that always hold a text."""


def gather(body: Body, plan: Plan, document: ast.Name, written: Written) -> None:
    """ECS's `related`: what was written at other paths, once each."""
    for above in sorted({path.rpartition(".")[0] for path, _ in plan.gathered}):
        holder = body.new("d")
        own = any(leaf.path.startswith(f"{above}.") for leaf in plan.leaves)
        pattern = "HOLDER = DOC.get(ABOVE) or {}" if own else "HOLDER = {}"
        body.add(pattern, HOLDER=holder, DOC=document, ABOVE=literal(above))
        sure = False
        for path, sources in plan.gathered:
            if path.rpartition(".")[0] == above:
                sure = _list_of(body, plan, holder, path, sources, written) or sure
        pattern = "DOC[ABOVE] = HOLDER" if sure else "if HOLDER: DOC[ABOVE] = HOLDER"
        body.add(pattern, HOLDER=holder, DOC=document, ABOVE=literal(above))


def _list_of(body: Body, plan: Plan, holder: ast.Name, path: str, sources: Sequence[str], written: Written) -> bool:
    """One list of `related`; whether it is always there."""
    paths = [source for source in sources if source in written.watched]
    if not paths:
        return False
    found = [written.watched[source] for source in paths]
    sure = [source in written.sure for source in paths]
    parts: dict[str, ast.expr] = {"HOLDER": holder, "LAST": literal(path.rpartition(".")[2]), "ONE": found[0]}
    if any(leaf.path in sources and leaf.attribute.array for leaf in plan.leaves):
        gathered = body.new("l")
        unique = body.globals.bind(values.unique)
        body.add("LIST = UNIQUE(ALL)", LIST=gathered, UNIQUE=unique, ALL=built(ast.Tuple, list(found), ast.Load()))
        body.add("if LIST: HOLDER[LAST] = LIST", LIST=gathered, **parts)
        return False
    if len(found) == 1:
        body.add("HOLDER[LAST] = [ONE]" if sure[0] else "if ONE: HOLDER[LAST] = [ONE]", **parts)
        return sure[0]
    gathered = body.new("l")
    parts["LIST"] = gathered
    if sure[0] and sure[1]:
        body.add("LIST = [ONE, OTHER] if ONE != OTHER else [ONE]", OTHER=found[1], **parts)
        found, sure = found[1:], sure[1:]
    else:
        body.add("LIST = [ONE]" if sure[0] else "LIST = [ONE] if ONE else []", **parts)
    for other, is_sure in zip(found[1:], sure[1:], strict=True):
        pattern = "if OTHER not in LIST: LIST.append(OTHER)"
        body.add(pattern if is_sure else pattern.replace("if ", "if OTHER and ", 1), OTHER=other, LIST=gathered)
    always = any(source in written.sure for source in paths)
    body.add("HOLDER[LAST] = LIST" if always else "if LIST: HOLDER[LAST] = LIST", **parts)
    return always


def observe(body: Body, plan: Plan, document: ast.Name, written: Written) -> None:
    """OCSF's `observables`: an object for each of the values that the mapping lists by their paths."""
    seen = [(path, number, caption) for path, number, caption in plan.observables if path in written.watched]
    if not seen:
        return
    listed = body.new("o")
    each = "{'name': PATH, 'type_id': NUMBER, 'type': CAPTION, 'value': V}"
    first: list[ast.expr] = []
    later: list[ast.stmt] = []
    for path, number, caption in seen:
        parts: dict[str, ast.expr] = {"V": written.watched[path], "LISTED": listed}
        parts |= {"PATH": literal(path), "NUMBER": literal(number), "CAPTION": literal(caption)}
        if path not in written.sure:
            later += statements(f"if V: LISTED.append({each})", **parts)
        elif later:
            later += statements(f"LISTED.append({each})", **parts)
        else:
            first.append(expression(each, **parts))
    body.add("LISTED = FIRST", LISTED=listed, FIRST=built(ast.List, first, ast.Load()))
    body.block += later
    pattern = "DOC['observables'] = LISTED" if first else "if LISTED: DOC['observables'] = LISTED"
    body.add(pattern, LISTED=listed, DOC=document)
