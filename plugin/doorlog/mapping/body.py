"""The body of a compiled function: each value is read once, each fact computed once; expressions become code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from doorlog.mapping import model as m
from doorlog.mapping import values
from doorlog.mapping.code import Globals, built, expression, literal, name, statements
from doorlog.mapping.conditions import code_of
from doorlog.mapping.fold import Scope
from doorlog.mapping.functions import prepared
from doorlog.mapping.gives import Gives, Types, gives
from doorlog.mapping.shapes import Shape
from doorlog.mapping.sure import is_sure
from doorlog.mapping.walk import MOST_TOLD, facts_of, paths_of

OTHER = 99
_MEMOS: dict[Callable[[str], Any], values.Memo] = {}


class Body:
    """Statements so far, and the names of paths and facts in them; `block` is where the next statement goes."""

    def __init__(self, types: Types, scope: Globals, shape: Shape | None = None) -> None:
        self.types = types
        self.shape = shape
        self.globals = scope
        self.block: list[ast.stmt] = []
        self.places: dict[tuple[str | int, ...], ast.Name | ast.Constant] = {(): name("record")}
        self.looping = False
        self.lazy = False
        self._shared: dict[object, ast.Name | ast.Constant] = {}
        self._count = 0

    def new(self, prefix: str) -> ast.Name:
        """A variable that no other part of the function has."""
        self._count += 1
        return name(f"{prefix}{self._count}")

    def add(self, pattern: str, **parts: ast.expr) -> None:
        """Adds the statements of a pattern."""
        self.block += statements(pattern, **parts)

    def hoist(self, value: ast.expr) -> ast.Name | ast.Constant:
        """The value under a name, so that it is computed once."""
        if isinstance(value, ast.Name | ast.Constant):
            return value
        held = self.new("x")
        self.add("HELD = VALUE", HELD=held, VALUE=value)
        return held

    # -- expressions -------------------------------------------------------------------------------------------------

    def gives(self, value: m.Expr, scope: Scope) -> Gives:
        """What an expression gives."""
        return gives(value, scope, self.types)

    def text(self, value: m.Expr, scope: Scope) -> ast.Name | ast.Constant:
        """The value if it is a text, else None, under a name."""
        return self.hoist(self.value(value, scope, as_text=True))

    def value(self, value: m.Expr, scope: Scope, as_text: bool = False) -> ast.expr:
        """The code of a folded expression; with `as_text`, one that gives texts only, and passes over all else."""
        if as_text and self.gives(value, scope) in ("text", "nothing"):
            as_text = False
        match value:
            case m.Path(keys, _):
                return self._as_text(self.places[keys]) if as_text else self.places[keys]
            case m.Name(fact, mark) if fact != "item":
                return self._fact(fact, scope.fact(fact, mark), scope, as_text)
            case m.First(options, _):
                return self._first(options, scope, as_text)
            case m.Drop(source, dropped, _):
                held = self.hoist(self.value(source, scope, as_text))
                listed = built(ast.Tuple, [self.value(item, scope) for item in dropped], ast.Load())
                pattern = "None if HELD == ONE else HELD" if len(dropped) == 1 else "None if HELD in ALL else HELD"
                return expression(pattern, HELD=held, ONE=listed.elts[0], ALL=listed)
            case m.When(condition, then, otherwise, _):
                test = code_of(self, condition, scope)
                # What only one branch needs is computed in it, if it is costly and nothing else has asked for it.
                outer, self.lazy = self.lazy, True
                branches = self.value(then, scope, as_text), self.value(otherwise, scope, as_text)
                self.lazy = outer
                return built(ast.IfExp, test, *branches)
        code = self._code(value, scope)
        return self._as_text(self.hoist(code)) if as_text else code

    def _code(self, value: m.Expr, scope: Scope) -> ast.expr:
        match value:
            case m.Const(constant, _):
                return self.constant(constant)
            case m.Name("item", _):
                return name("item")
            case m.Member(source, key, _):
                holder, wanted = self.hoist(self.value(source, scope)), self.text(key, scope)
                pattern = "HOLDER.get(KEY) if HOLDER.__class__ is dict else None"
                return expression(pattern, HOLDER=holder, KEY=wanted)
            case m.Apply(function, source, argument, _):
                return self._apply(function, source, argument, scope)
            case m.Lookup():
                return self._lookup(value, scope)
            case m.Template(parts, _):
                return self._template(parts, scope)
            case m.Collect(items, _):
                return self._collect(items, scope)
            case m.OtherText(text, _):
                held = self.text(text, scope)
                return expression("(OTHER, HELD) if HELD else None", OTHER=literal(OTHER), HELD=held)
            case _:
                raise TypeError(f"{type(value).__name__} has no value of its own")

    def _collect(self, items: tuple[m.Expr, ...], scope: Scope) -> ast.expr:
        """A list of texts, each once; one of constants alone is one object that all events share."""
        if len(items) <= 2 and all(is_sure(item, scope) for item in items):
            if all(isinstance(item, m.Const) for item in items):
                texts = dict.fromkeys(item.value for item in items if isinstance(item, m.Const))
                return self.constant(tuple(texts))
            held = [self.text(item, scope) for item in items]
            pattern = "[ONE]" if len(held) == 1 else "[ONE, OTHER] if ONE != OTHER else [ONE]"
            return expression(pattern, ONE=held[0], OTHER=held[-1])
        codes = [self.value(item, scope) for item in items]
        if len(items) == 1 and self.gives(items[0], scope) == "text":
            return expression("[HELD] if HELD else None", HELD=self.hoist(codes[0]))
        return expression(
            "UNIQUE(LISTED)", UNIQUE=self.globals.bind(values.unique), LISTED=built(ast.Tuple, codes, ast.Load())
        )

    def constant(self, value: m.Value) -> ast.expr:
        """A constant; a list is one object that all events share, since nobody changes an event."""
        if isinstance(value, tuple) and not (len(value) == 2 and isinstance(value[0], int)):
            return self.globals.bind(list(value))
        return literal(value)

    def _as_text(self, held: ast.Name | ast.Constant) -> ast.expr:
        return self._once(("text", held.id) if isinstance(held, ast.Name) else None,
                          expression("HELD if HELD.__class__ is str else None", HELD=held))  # fmt: skip

    def _once(self, key: object, code: ast.expr) -> ast.expr:
        """The code under a name that later uses share; inside a loop nothing is shared, since it may not run."""
        if key is None or self.looping:
            return code
        if isinstance(code, ast.Name | ast.Constant):
            self._shared[key] = code
        if key not in self._shared:
            held = self._shared[key] = self.new("s")
            self.add("HELD = VALUE", HELD=held, VALUE=code)
        return self._shared[key]

    def _fact(self, fact: str, own: m.Expr, scope: Scope, as_text: bool) -> ast.expr:
        closure = frozenset((other, scope.fact(other, own.mark)) for other in facts_of(own, scope))
        key = ("fact", fact, own, closure, as_text)
        if key not in self._shared:
            outer, self.lazy = self.lazy, False
            code = self.value(own, scope, as_text)
            self.lazy = outer
            return self._once(key, code)
        return self._shared[key]

    def _first(self, options: tuple[m.Expr, ...], scope: Scope, as_text: bool) -> ast.expr:
        codes = [self.value(option, scope, as_text) for option in options]
        found = {self.gives(option, scope) for option in options} - {"nothing"}
        if as_text or found <= {"text"} or found <= {"list"}:
            return built(ast.BoolOp, ast.Or(), codes)
        if found <= {"boolean", "integer"}:
            result = codes[-1]
            for code in reversed(codes[:-1]):
                result = expression("HELD if HELD is not None else NEXT", HELD=self.hoist(code), NEXT=result)
            return result
        return built(ast.Call, self.globals.bind(values.first), codes, [])

    def guarded(self, value: m.Apply, scope: Scope, key: str, check: Callable[[Any], bool]) -> ast.Name | ast.Constant:
        """What a remembered function of a text gives, if a guard lets it pass; both are remembered as one."""
        return self.hoist(self._apply(value.function, value.source, value.argument, scope, (key, check)))

    def _apply(
        self,
        function: str,
        source: m.Expr,
        argument: m.Value,
        scope: Scope,
        check: tuple[str, Callable[[Any], bool]] | None = None,
    ) -> ast.expr:
        known = scope.functions[function]
        own = prepared(known, argument)
        call = self.globals.bind(own)
        if known.takes == "any":
            held = self.hoist(self.value(source, scope))
            pattern = known.inline or "CALL(HELD) if HELD is not None else None"
            return self._once((function, argument, ast.dump(held)), expression(pattern, CALL=call, HELD=held))
        held = self.text(source, scope)
        there = "" if is_sure(source, scope) else " if HELD else None"
        if known.needs:
            there = f" if {'' if is_sure(source, scope) else 'HELD and '}NEEDED in HELD else None"
        parts = {"CALL": call, "HELD": held, "ARGUMENT": literal(argument), "NEEDED": literal(known.needs)}
        if isinstance(argument, str):
            parts["LENGTH"] = literal(len(argument))
        if check is not None:
            memo = self.globals.bind(_guarded(own, check[0], check[1]))
            return expression(f"MEMO[HELD]{there}", MEMO=memo, **parts)
        if known.whole is not None:
            nothing = self.globals.bind(known.whole(""))
            whole = self.globals.bind(_memo(known.whole) if known.memo else known.whole)
            pattern = "WHOLE[HELD]" if known.memo else "WHOLE(HELD)"
            taken = expression(
                f"{pattern}{' if HELD else NOTHING' if there else ''}", WHOLE=whole, HELD=held, NOTHING=nothing
            )
            parts_of = self.hoist(self._once(("whole", known.whole, ast.dump(held)), taken))
            return self._once(
                (function, ast.dump(held)), expression("PARTS[AT]", PARTS=parts_of, AT=literal(known.part))
            )
        if known.inline:
            code = expression(f"({known.inline}){there}", **parts)
        elif known.memo:
            code = expression(f"MEMO[HELD]{there}", MEMO=self.globals.bind(_memo(own)), **parts)
        else:
            code = expression(f"CALL(HELD){there}", **parts)
        key = (function, argument, ast.dump(held))
        return code if self.lazy and key not in self._shared else self._once(key, code)

    def _lookup(self, value: m.Lookup, scope: Scope) -> ast.expr:
        assert isinstance(value.table, m.Table)
        held = self.text(value.source, scope)
        get = self.globals.bind(_rows(value.table).get)
        default = self.value(value.default, scope) if value.default is not None else literal(None)
        if value.other:
            pattern = "GET(HELD) or ((OTHER, HELD) if HELD else DEFAULT)"
            return expression(pattern, GET=get, HELD=held, OTHER=literal(OTHER), DEFAULT=default)
        if value.default is None:
            return expression("GET(HELD)", GET=get, HELD=held)
        return expression("GET(HELD, DEFAULT)", GET=get, HELD=held, DEFAULT=default)

    def _template(self, parts: tuple[str | m.Expr, ...], scope: Scope) -> ast.expr:
        pieces: list[ast.expr] = []
        needed: list[ast.expr] = []
        for part in parts:
            if isinstance(part, str):
                pieces.append(literal(part))
                continue
            bare = self.gives(part, scope) in ("boolean", "integer", "any")
            held = self.text(_as_scalar(part) if bare else part, scope)
            pieces.append(built(ast.FormattedValue, held, -1, None))
            if not is_sure(part, scope) and not (isinstance(part, m.First) and isinstance(part.options[-1], m.Const)):
                needed.append(held)
        text = built(ast.JoinedStr, pieces)
        if not needed:
            return text
        test = needed[0] if len(needed) == 1 else built(ast.BoolOp, ast.And(), needed)
        return built(ast.IfExp, test, text, literal(None))


def _as_scalar(part: m.Expr) -> m.Expr:
    """A value as text, alternative by alternative, so that one that has no text gives way to the next."""
    if isinstance(part, m.First):
        return m.First(tuple(_as_scalar(option) for option in part.options), part.mark)
    return part if isinstance(part, m.Const) else m.Apply("text", part, None, part.mark)


_ROWS: dict[int, tuple[m.Table, dict[str, Any]]] = {}


def _rows(table: m.Table) -> dict[str, Any]:
    """A table's rows; those of a long one are shared by all functions that look something up in it."""
    if id(table) in _ROWS:
        return _ROWS[id(table)][1]
    rows = {row: _plain(const.value) for row, const in table.rows}
    if len(rows) > MOST_TOLD:
        _ROWS[id(table)] = table, rows
    return rows


def _plain(value: m.Value) -> Any:
    """A table's value as the event has it; a pair of an enum stays one."""
    if isinstance(value, tuple) and not (len(value) == 2 and isinstance(value[0], int)):
        return [_plain(item) for item in value]
    return value


_GUARDED: dict[tuple[Callable[[str], Any], str], values.Memo] = {}


def _guarded(call: Callable[[str], Any], key: str, check: Callable[[Any], bool]) -> values.Memo:
    if (call, key) not in _GUARDED:

        def pass_on(text: str) -> Any:
            result = call(text)
            return result if result is not None and check(result) else None

        _GUARDED[call, key] = values.Memo(pass_on)
    return _GUARDED[call, key]


def _memo(call: Callable[[str], Any]) -> values.Memo:
    if call not in _MEMOS:
        _MEMOS[call] = values.Memo(call)
    return _MEMOS[call]


def paths_in(expressions: Iterable[m.Expr], scope: Scope) -> list[m.Path]:
    """All record paths that these expressions read, through the facts that they use."""
    found = {path.keys: path for value in expressions for path in paths_of(value, scope)}
    return list(found.values())
