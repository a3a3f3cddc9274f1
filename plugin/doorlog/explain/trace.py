"""A reference interpreter of the mapping language: what an expression gives for a record, step by step.

It reads the mapping as it is written, before anything is decided for a kind of event, and shares nothing with the
compiler but the functions and the meaning of a single test. Events come from compiled functions; a test holds that
both agree, so what is told of an event here is what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from doorlog.explain.steps import Step
from doorlog.mapping import model as m
from doorlog.mapping.fold import apply
from doorlog.mapping.functions import FUNCTIONS
from doorlog.mapping.holds import holds
from doorlog.mapping.strict_yaml import Mark
from doorlog.mapping.values import present, unique
from doorlog.record import Json

OTHER = 99
"""The id of an enum's "Other"."""


class Tracer:
    """Tells what expressions give for one record of one kind of event."""

    def __init__(self, mapping: m.Mapping, kind: m.Kind | None, record: Json) -> None:
        self.mapping = mapping
        self.record = record
        self.kind = kind
        self._facts: dict[tuple[str, bool], Step] = {}
        self._said = {**mapping.facts, **(dict(kind.facts) if kind is not None else {})}
        self._items: list[tuple[Step, Any]] = []

    def fact(self, name: str, as_text: bool = False) -> Step:
        """How a fact came to its value."""
        key = (name, as_text)
        if key not in self._facts:
            items, self._items = self._items, []
            self._facts[key] = self.value(self._said[name], as_text)
            self._items = items
        return self._facts[key]

    def known(self) -> dict[str, Step]:
        """The facts that were asked for so far, by name."""
        found = {name: step for (name, _), step in self._facts.items()}
        return {name: self._facts.get((name, False), step) for name, step in found.items()}

    def value(self, expr: m.Expr, as_text: bool = False) -> Step:
        """What an expression gives; with `as_text`, alternatives that are no text give way to the next."""
        match expr:
            case m.Name(name, mark) if name not in ("item", "kind"):
                of = self.fact(name, as_text)
                return Step("fact", name, mark, of.value, (of,), constant=of.constant)
            case m.First(options, mark):
                return self._first(options, mark, as_text)
            case m.When():
                return self._when(expr, as_text)
            case m.Drop(source, dropped, mark):
                held = self.value(source, as_text)
                others = tuple(self.value(one) for one in dropped)
                value = None if any(held.value == one.value for one in others) else held.value
                listed = [one.value for one in others]
                said = f"drop: {_written(listed if len(listed) > 1 else listed[0])}"
                return Step("drop", said, mark, value, (held, *others), (0,), constant=held.constant)
        step = self._plain(expr)
        if as_text and not isinstance(step.value, str):
            return Step(step.what, step.said, step.mark, None, step.inside, step.taken, step.keys)
        return step

    def _plain(self, expr: m.Expr) -> Step:
        match expr:
            case m.Const(value, mark):
                return Step("constant", _written(value), mark, _plain(value), constant=True)
            case m.Path(keys, mark):
                return Step("path", str(expr), mark, _at(self.record, keys), keys=keys)
            case m.Name("item", mark):
                source, item = self._items[-1]
                return Step("item", "item", mark, item, (source,))
            case m.Name("kind", mark):
                return Step("constant", "kind", mark, self.kind.name if self.kind else None, constant=True)
            case m.Member(source, key, mark):
                return self._member(source, key, mark)
            case m.Apply(function, source, argument, mark):
                known = self.mapping.functions[function]
                held = self.value(source, known.takes == "text")
                said = f"as: {function}" if known.cast else f"{function}: {_argument(argument)}"
                value = _plain(apply(known, held.value, argument))
                return Step("function", said, mark, value, (held,), constant=held.constant)
            case m.Lookup():
                return self._lookup(expr)
            case m.Template(parts, mark):
                return self._template(parts, mark)
            case m.Collect(items, mark):
                found = tuple(self.value(item) for item in items)
                taken = tuple(at for at, one in enumerate(found) if present(one.value))
                return Step("collect", "collect", mark, unique(one.value for one in found), found, taken)
            case m.OtherText(text, mark):
                held = self.value(text, as_text=True)
                return Step("other", "other", mark, (OTHER, held.value) if held.value else None, (held,))
            case _:
                raise TypeError(f"{type(expr).__name__} makes a whole rule")

    def items(self, each: m.Each, tell: Callable[[], Any]) -> tuple[Step, list[Any]]:
        """The list that an `each` goes through, and what `tell` says for each element."""
        source = self.value(each.source)
        told = []
        for item in source.value if isinstance(source.value, list) else ():
            self._items.append((source, item))
            told.append(tell())
            self._items.pop()
        return source, told

    def _first(self, options: Sequence[m.Expr], mark: Mark, as_text: bool) -> Step:
        tried: list[Step] = []
        for option in options:
            tried.append(self.value(option, as_text))
            if present(tried[-1].value):
                break
        last = tried[-1]
        found = present(last.value)
        said = f"{len(tried)} of {len(options)}" if found else f"none of {len(options)}"
        # An empty text as the last alternative is a template's empty default.
        value = last.value if found or (len(tried) == len(options) and last.value == "") else None
        taken = (len(tried) - 1,) if found else ()
        return Step("first", said, mark, value, tuple(tried), taken, constant=last.constant)

    def _when(self, expr: m.When, as_text: bool) -> Step:
        verdict = self.holds(expr.condition)
        branch = self.value(expr.then if verdict.value else expr.otherwise, as_text)
        said = "when" if verdict.value else "else"
        return Step("when", said, expr.mark, branch.value, (verdict, branch), (1,), constant=branch.constant)

    def _member(self, source: m.Expr, key: m.Expr, mark: Mark) -> Step:
        holder, wanted = self.value(source), self.value(key, as_text=True)
        value = holder.value.get(wanted.value) if isinstance(holder.value, dict) else None
        keys = (*holder.keys, wanted.value) if holder.keys is not None and wanted.value is not None else None
        said = f"{holder.said}, key: {wanted.said}"
        # The object was only the way to the member, whose keys say where it stands.
        taken = () if keys is not None else (0,)
        return Step("member", said, mark, value, (holder, wanted), taken, keys)

    def _lookup(self, expr: m.Lookup) -> Step:
        table = self.mapping.tables[expr.table] if isinstance(expr.table, str) else expr.table
        held = self.value(expr.source, as_text=True)
        said = f"table: {expr.table}" if isinstance(expr.table, str) else "table"
        rows = dict(table.rows)
        if held.value in rows:
            row = rows[held.value]
            found = Step("row", f"{_written(held.value)}: {_written(row.value)}", row.mark, _plain(row.value))
            return Step("table", said, expr.mark, found.value, (held, found), (0, 1), constant=True)
        if expr.other and held.value:
            return Step("table", f"{said}, other", expr.mark, (OTHER, held.value), (held,))
        if expr.default is None:
            return Step("table", f"{said}, no row", expr.mark, None, (held,), ())
        default = self.value(expr.default)
        return Step(
            "table", f"{said}, default", expr.mark, default.value, (held, default), (1,), constant=default.constant
        )

    def _template(self, parts: Sequence[str | m.Expr], mark: Mark) -> Step:
        texts: list[str] = []
        inside: list[Step] = []
        missing = False
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            step = self._slot(part)
            inside.append(step)
            texts.append(step.value or "")
            has_default = isinstance(part, m.First) and isinstance(part.options[-1], m.Const)
            missing = missing or (not step.value and not has_default)
        said = "".join(part if isinstance(part, str) else _slot_said(part) for part in parts)
        constant = all(step.constant for step in inside)
        text = None if missing else "".join(texts)
        return Step("template", said, mark, text, tuple(inside), constant=constant)

    def _slot(self, part: m.Expr) -> Step:
        """A value in a template: numbers and truth values are written out."""
        if isinstance(part, m.First):
            tried = []
            for option in part.options:
                tried.append(self._slot(option))
                if tried[-1].value:
                    break
            said = f"{len(tried)} of {len(part.options)}"
            return Step("first", said, part.mark, tried[-1].value, tuple(tried), (len(tried) - 1,))
        step = self.value(part)
        text = step.value if step.constant and step.value == "" else apply(FUNCTIONS["text"], step.value, None)
        return Step(step.what, step.said, step.mark, text, step.inside, step.taken, step.keys, step.constant)

    def holds(self, condition: m.Condition) -> Step:
        """Whether a condition holds, with the tests that decided it."""
        match condition:
            case m.Test():
                return self._test(condition)
            case m.Not(inner):
                of = self.holds(inner)
                return Step("not", "not", of.mark, not of.value, (of,))
            case m.All(inner) | m.Any(inner):
                decisive = isinstance(condition, m.Any)
                tried: list[Step] = []
                for one in inner:
                    tried.append(self.holds(one))
                    if tried[-1].value is decisive:
                        break
                word = "any" if decisive else "all"
                return Step(word, word, tried[0].mark, tried[-1].value, tuple(tried))
            case m.Always(verdict):
                return Step("always", "always", self.mapping.mark, verdict)

    def _test(self, test: m.Test) -> Step:
        # A part of a text is looked for in the first alternative that is one.
        in_text = bool(test.modifiers) and set(test.modifiers) <= {"startswith", "endswith", "contains"}
        subject = self.value(test.subject, as_text=in_text and all(isinstance(one, str) for one in test.values))
        verdict = holds(subject.value, test.modifiers, test.values)
        values = _written(test.values[0] if len(test.values) == 1 else test.values)
        said = "|".join([subject.said, *test.modifiers]) + f": {values}"
        return Step("test", said, test.mark, verdict, (subject,))


def _at(value: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        if isinstance(key, str):
            value = value.get(key) if isinstance(value, dict) else None
        else:
            value = value[key] if isinstance(value, list) and len(value) > key else None
    return value


def _plain(value: Any) -> Any:
    """A constant as an event has it: lists are lists."""
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _argument(argument: Any) -> str:
    return "true" if argument is None else _written(argument)


def _slot_said(part: m.Expr) -> str:
    if isinstance(part, m.First):
        return "{" + "|".join(_said(option) for option in part.options) + "}"
    return "{" + _said(part) + "}"


def _said(part: m.Expr) -> str:
    match part:
        case m.Path():
            return str(part)
        case m.Name(name, _):
            return name
        case m.Const(value, _):
            return str(value)
        case _:
            return type(part).__name__.lower()


def _written(value: Any) -> str:
    """A constant as it may stand in a mapping."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_written, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value) if value != "" else '""'
