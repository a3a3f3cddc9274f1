"""From YAML nodes to what is hidden of a record, and to where the keys for it are."""

from __future__ import annotations

from doorlog.mapping import model as m
from doorlog.mapping.functions import FUNCTIONS, HIDING, STEPS
from doorlog.mapping.parse_expr import argument_of, hint, path, text_of, truth
from doorlog.mapping.strict_yaml import Map, Mark, Node, Refused, Remove

ALLOWED = (*STEPS, *HIDING)
SOURCES = ("env", "file")


def protection(place: str, node: Node, at: Mark) -> m.Protected | Remove:
    """What becomes of the values at a path: steps, in the order in which they stand."""
    where = path(place, at)
    if isinstance(node, Remove):
        return node
    if not isinstance(node, Map) or not node.entries:
        raise Refused(node.mark, "wrong-form", "a protection holds steps, such as {redact: true} or {pseudonym: KEY}")
    if not where.keys:
        raise Refused(at, "bad-protect", "`$` is all of the record; name the paths that hold what is to be hidden")
    steps: list[tuple[str, m.Value, Mark]] = []
    for name, given in node:
        if name not in ALLOWED:
            said = f"there is no step {name!r}{hint(name, ALLOWED)} ({', '.join(ALLOWED)})"
            raise Refused(node.keys[name], "unknown-operator", said)
        function = HIDING.get(name) or FUNCTIONS[name]
        if function.argument is not None:
            steps.append((name, argument_of(function, given), given.mark))
        elif truth(given):
            steps.append((name, None, given.mark))
    if not steps:
        raise Refused(node.mark, "wrong-form", "this hides nothing")
    return m.Protected(where, tuple(steps), at)


def key_source(node: Node, at: Mark) -> m.Key:
    """Where a key is: `{env: NAME}` or `{file: PATH}`."""
    if not isinstance(node, Map) or len(node.entries) != 1 or next(iter(node.entries)) not in SOURCES:
        raise Refused(at, "wrong-form", "a key is in the environment or in a file: {env: NAME} or {file: PATH}")
    ((source, given),) = node.entries.items()
    name = text_of(given, "where a key is")
    if not name:
        raise Refused(given.mark, "empty-value", "where a key is, is no empty text")
    return m.Key("env" if source == "env" else "file", name, given.mark)
