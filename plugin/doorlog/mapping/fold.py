"""Decides at load time what the kind of event decides: constants go through tables, conditions and choices.

What is left reads the record. A `Known` can also hold values of the record itself, which is how kinds are told apart.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from doorlog.mapping import model as m
from doorlog.mapping.functions import FUNCTIONS, Function, NotReadyError, prepared
from doorlog.mapping.functions.match import finder
from doorlog.mapping.holds import holds
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.shapes import Shape
from doorlog.mapping.strict_yaml import Mark, Refused
from doorlog.mapping.sure import is_sure


@dataclass(slots=True)
class Scope:
    """What names mean for one kind of event, and what is known of the record beforehand (by its path's text)."""

    facts: Mapped[str, m.Expr]
    tables: Mapped[str, m.Table]
    functions: Mapped[str, Function] = field(default_factory=lambda: FUNCTIONS)
    known: Mapped[str, m.Const] = field(default_factory=dict)
    certain: Mapped[tuple[str | int, ...], str] = field(default_factory=dict)
    """The values that records of the kind have at certain paths, or there would be another kind."""
    shape: Shape | None = None
    use_told: bool = True
    """Whether values that a shape tells apart are put in their place."""
    kind: str | None = None
    kind_mark: Mark | None = None
    """Where an own kind stands, that has to say what extended rules want of each kind."""
    of_kinds: frozenset[str] = frozenset()
    """The facts that other kinds say."""
    folded: dict[str, m.Expr] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def fact(self, name: str, mark: Mark) -> m.Expr:
        """A fact's own expression, folded; raises Refused if there is none or it needs itself."""
        if name not in self.folded:
            if name not in self.facts:
                own = self.kind_mark
                if own is not None and name in self.of_kinds and mark.file != own.file:
                    raise Refused(own, "unknown-fact", f"the kind {self.kind!r} says no `{name}` under `facts`")
                raise Refused(mark, "unknown-fact", f"there is no fact {name!r}{hint(name, self.facts)}")
            if name in self.open:
                raise Refused(mark, "fact-cycle", f"the fact {name!r} needs itself")
            self.open.add(name)
            try:
                self.folded[name] = fold(self.facts[name], self)
            finally:
                self.open.discard(name)
        return self.folded[name]


def scope_of(mapping: m.Mapping, kind: m.Kind | None) -> Scope:
    """The scope of a kind of event: the mapping's facts, with those that the kind says otherwise."""
    if kind is None:
        return Scope(mapping.facts, mapping.tables, mapping.functions)
    facts = {**mapping.facts, **dict(kind.facts)}
    scope = Scope(facts, mapping.tables, mapping.functions, certain=_certain(kind.when), kind=kind.name)
    if kind.mark.file in mapping.asked:
        scope.kind_mark = kind.mark
        scope.of_kinds = frozenset(name for other in mapping.kinds for name, _ in other.facts)
    return scope


def _certain(condition: m.Condition) -> dict[tuple[str | int, ...], str]:
    """The values that a condition demands of paths."""
    match condition:
        case m.Test(m.Path(keys, _), (), (str(value),), _):
            return {keys: value}
        case m.All(inner):
            return {keys: value for one in inner for keys, value in _certain(one).items()}
        case _:
            return {}


def fold(expr: m.Expr, scope: Scope) -> m.Expr:
    """The same expression with all that is decided taken out; raises Refused for a name that means nothing."""
    match expr:
        case m.Name(name, mark):
            if name == "kind" and scope.kind is not None:
                return m.Const(scope.kind, mark)
            if name == "item":
                return expr
            value = scope.fact(name, mark)
            return value if isinstance(value, m.Const | m.Path) else expr
        case m.Path(keys, mark):
            if scope.shape is not None and scope.shape.lacks(keys):
                return m.Const(scope.shape.blanks.get(keys), mark)  # type: ignore[arg-type]
            return scope.known.get(str(expr), expr) if scope.known else expr
        case m.First(options, mark):
            return _first([fold(option, scope) for option in options], mark, scope)
        case m.Member(source, key, mark):
            holder = fold(source, scope)
            if isinstance(holder, m.Const):
                return m.Const(None, mark)
            wanted = fold(key, scope)
            if isinstance(holder, m.Path) and isinstance(wanted, m.Path) and wanted.keys in scope.certain:
                return fold(m.Path((*holder.keys, scope.certain[wanted.keys]), mark), scope)
            return replace(expr, source=holder, key=wanted)
        case m.Apply(function, source, argument, mark):
            known = scope.functions[function]
            _have(lambda: prepared(known, argument), mark)
            inner = _told(fold(source, scope), scope)
            if isinstance(inner, m.Const):
                decided = apply(known, inner.value, argument)
                return replace(expr, source=inner) if isinstance(decided, dict) else m.Const(decided, mark)
            if (
                isinstance(inner, m.Path)
                and scope.shape is not None
                and _does_nothing(function, inner.keys, scope.shape)
            ):
                return inner
            return replace(expr, source=inner)
        case m.Drop(source, values, mark):
            kept = fold(source, scope)
            if _is_nothing(kept):
                return m.Const(None, mark)
            dropped = tuple(fold(value, scope) for value in values)
            verdict = _told_among(kept, dropped, scope)
            if verdict is not None:
                return m.Const(None, mark) if verdict else kept
            return replace(expr, source=kept, values=dropped)
        case m.Lookup():
            return _lookup(expr, scope)
        case m.When(condition, then, otherwise, _):
            decided = decide(condition, scope)
            if isinstance(decided, m.Always):
                return fold(then if decided.verdict else otherwise, scope)
            folded_then, folded_else = fold(then, scope), fold(otherwise, scope)
            if _is_nothing(folded_then) and _is_nothing(folded_else):
                return m.Const(None, expr.mark)
            return replace(expr, condition=decided, then=folded_then, otherwise=folded_else)
        case m.Template(parts, _):
            return _template(expr, [part if isinstance(part, str) else fold(part, scope) for part in parts])
        case m.Collect(items, _):
            found = tuple(item for item in (fold(i, scope) for i in items) if not _is_nothing(item))
            return replace(expr, items=found) if found else m.Const(None, expr.mark)
        case m.Each(source, rules, _):
            of = fold(source, scope)
            if _is_nothing(of) and scope.shape is not None:
                return m.Const(None, expr.mark)
            folded = tuple(replace(rule, value=fold(rule.value, scope)) for rule in rules)
            return replace(expr, source=of, rules=folded)
        case m.OtherText(text, _):
            return replace(expr, text=fold(text, scope))
        case _:
            return expr


def _told(expr: m.Expr, scope: Scope) -> m.Expr:
    """The value that a shape or the kind tells of a path; a rule that only writes it reads it all the same."""
    if not isinstance(expr, m.Path) or not scope.use_told:
        return expr
    told = scope.certain.get(expr.keys)
    if told is None and scope.shape is not None:
        told = scope.shape.value(expr.keys)
    return expr if told is None else m.Const(told, expr.mark)


def _told_among(expr: m.Expr, values: tuple[m.Expr, ...], scope: Scope) -> bool | None:
    """Whether the value at a path is one of these, if a shape tells that."""
    if not isinstance(expr, m.Path) or scope.shape is None or not scope.use_told:
        return None
    texts = tuple(value.value for value in values if isinstance(value, m.Const))
    return scope.shape.verdict(expr.keys, texts) if len(texts) == len(values) else None


def _have(made: Callable[[], object], mark: Mark) -> None:
    """Refuses a function that needs what isn't there."""
    try:
        made()
    except NotReadyError as error:
        raise Refused(mark, "not-ready", str(error)) from None


def apply(function: Function, value: object, argument: m.Value) -> Any:
    """A function on a constant; None for what it can't take."""
    if value is None or value == "" or (function.takes == "text" and not isinstance(value, str)):
        return None
    result = prepared(function, argument)(value)
    return tuple(result) if isinstance(result, list) else result


def _does_nothing(function: str, keys: tuple[str | int, ...], shape: Shape | None) -> bool:
    """Whether a cast gives what it is given, for records of this shape."""
    if shape is None:
        return False
    of_sort = {"text": shape.sure, "time": shape.instants, "boolean": shape.truths}
    return keys in of_sort.get(function, ())


def _is_nothing(expr: m.Expr) -> bool:
    return isinstance(expr, m.Const) and expr.value in (None, "")


def _first(options: list[m.Expr], mark: Mark, scope: Scope) -> m.Expr:
    kept: list[m.Expr] = []
    for option in options:
        # An empty text as the last alternative is a template's empty default.
        if _is_nothing(option) and not (option is options[-1] and kept and option == m.Const("", option.mark)):
            continue
        kept.append(option)
        if isinstance(option, m.Const) or is_sure(option, scope):
            break
    if not kept:
        return m.Const(None, mark)
    return kept[0] if len(kept) == 1 else m.First(tuple(kept), mark)


def _defaulted(said: str | m.Expr, part: str | m.Expr) -> bool:
    """Whether a part of a template is nothing, and has a default for that."""
    has_default = isinstance(said, m.First) and isinstance(said.options[-1], m.Const)
    return has_default and not isinstance(part, str) and _is_nothing(part)


def _template(expr: m.Template, parts: list[str | m.Expr]) -> m.Expr:
    # An empty default stands for what is decided to be nothing, too.
    parts = ["" if _defaulted(said, part) else part for said, part in zip(expr.parts, parts, strict=True)]
    if any(isinstance(part, m.Const) and part.value in (None, "") for part in parts):
        return m.Const(None, expr.mark)
    plain = [part.value if isinstance(part, m.Const) and isinstance(part.value, str) else part for part in parts]
    merged: list[str | m.Expr] = []
    for part in plain:
        if not isinstance(part, str | m.Path | m.Name | m.First | m.Const):
            merged.append(part)
        elif isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    if len(merged) == 1 and isinstance(merged[0], str):
        return m.Const(merged[0], expr.mark)
    return replace(expr, parts=tuple(merged))


def _lookup(expr: m.Lookup, scope: Scope) -> m.Expr:
    table = expr.table
    if isinstance(table, str):
        if table not in scope.tables:
            raise Refused(expr.mark, "unknown-table", f"there is no table {table!r}{hint(table, scope.tables)}")
        table = scope.tables[table]
    source = fold(expr.source, scope)
    source = _told(source, scope)
    default = fold(expr.default, scope) if expr.default is not None else None
    if isinstance(source, m.Const):
        rows = dict(table.rows)
        if source.value in rows:
            return rows[str(source.value)]
        if expr.other and source.value not in (None, ""):
            return m.OtherText(source, expr.mark)
        return default if default is not None else m.Const(None, expr.mark)
    return replace(expr, source=source, table=table, default=default)


def decide(condition: m.Condition, scope: Scope) -> m.Condition:
    """The same condition with all that is decided taken out."""
    match condition:
        case m.Not(inner):
            decided = decide(inner, scope)
            return m.Always(not decided.verdict) if isinstance(decided, m.Always) else m.Not(decided)
        case m.All(inner) | m.Any(inner):
            absorbing = isinstance(condition, m.Any)
            left: list[m.Condition] = []
            for one in inner:
                decided = decide(one, scope)
                if not isinstance(decided, m.Always):
                    left.append(decided)
                elif decided.verdict is absorbing:
                    return decided
            if not left:
                return m.Always(not absorbing)
            return left[0] if len(left) == 1 else replace(condition, conditions=tuple(left))
        case m.Test():
            subject = fold(condition.subject, scope)
            for pattern in condition.values if "re" in condition.modifiers else ():
                _have(partial(finder, str(pattern)), condition.mark)
            if not condition.modifiers:
                constants = tuple(m.Const(value, condition.mark) for value in condition.values)
                verdict = _told_among(subject, constants, scope)
                if verdict is not None:
                    return m.Always(verdict)
            if "exists" in condition.modifiers and is_sure(subject, scope):
                return m.Always(condition.values[0] is True)
            subject = _told(subject, scope)
            if isinstance(subject, m.Const):
                return m.Always(holds(subject.value, condition.modifiers, condition.values))
            return replace(condition, subject=subject)
        case _:
            return condition
