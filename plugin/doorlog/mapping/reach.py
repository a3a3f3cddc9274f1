"""What in a mapping no record ever reaches: branches, values that a fact never has, and kinds of event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope, decide, fold, scope_of
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.possible import Possible, possible, verdict
from doorlog.mapping.strict_yaml import Mark, Refused
from doorlog.mapping.sure import is_sure
from doorlog.mapping.walk import parts, tests

MOST_LISTED = 12
"""More values than this help nobody to find the right one."""


def unreached(mapping: m.Mapping) -> list[Finding]:
    """The findings in the files that were asked for, whose mapping has no errors."""
    scopes = [(kind, scope) for kind in mapping.kinds if _whole(scope := scope_of(mapping, kind))]
    own = [expr for expr in _own(mapping) if expr.mark.file in mapping.asked]
    found = list(_never_equal(own, [scope for _, scope in scopes]))
    said = {(finding.file, finding.line, finding.column) for finding in found}
    reach = _Reach()
    for expr in own:
        for kind, scope in scopes:
            if _is_of(expr, kind, mapping):
                reach.visit(expr, scope)
    for expr in own:
        found += [mark.finding("unreachable", why) for mark, why in reach.left(expr) if tuple(mark) not in said]
    found += _empty(mapping, scopes, reach)
    return found + list(_kinds(mapping))


def _empty(mapping: m.Mapping, scopes: Sequence[tuple[m.Kind, Scope]], reach: _Reach) -> Iterator[Finding]:
    """Rules that give nothing for any kind, such as those of a fact that is nothing, and of which no part tells why."""
    for rule in (rule for section in mapping.sections for rule in section.rules.values()):
        if rule.mark.file in mapping.asked and next(reach.left(rule.value), None) is None:
            given = [fold(rule.value, scope) for kind, scope in scopes if _is_of(rule.value, kind, mapping)]
            if given and all(isinstance(one, m.Const) and one.value is None for one in given):
                yield rule.mark.finding("unreachable", "this rule never gives anything")


def _whole(scope: Scope) -> bool:
    """Whether all facts mean something for a kind, as they do unless it is skipped; another mapping may map that."""
    try:
        for name, fact in scope.facts.items():
            scope.fact(name, fact.mark)
    except Refused:
        return False
    return True


def _own(mapping: m.Mapping) -> list[m.Expr]:
    rules = [rule.value for section in mapping.sections for rule in section.rules.values()]
    facts = [fact for kind in mapping.kinds for _, fact in kind.facts]
    return list({id(expr): expr for expr in (*rules, *mapping.facts.values(), *facts)}.values())


def _is_of(expr: m.Expr, kind: m.Kind, mapping: m.Mapping) -> bool:
    """Whether an expression counts for a kind of event: another kind's facts, and other classes' rules, don't."""
    others = [fact for other in mapping.kinds if other is not kind for _, fact in other.facts]
    if any(expr is fact for fact in others):
        return False
    holding = [section for section in mapping.sections if any(rule.value is expr for rule in section.rules.values())]
    named = [section for section in mapping.sections if any(const.value == kind.name for const in section.kinds)]
    return not holding or any(section in (named or [s for s in mapping.sections if not s.kinds]) for section in holding)


def _conditions(expr: m.Expr) -> Iterator[m.Condition]:
    if isinstance(expr, m.When):
        yield expr.condition
    for part in parts(expr):
        yield from _conditions(part)


def _never_equal(exprs: Iterable[m.Expr], scopes: Sequence[Scope]) -> Iterator[Finding]:
    """Texts that conditions hold against something that never has them."""
    for expr in exprs:
        for condition in _conditions(expr):
            for test in tests(condition):
                if not test.modifiers:
                    yield from _never(test, _in_all(test.subject, scopes))


def _in_all(subject: m.Expr, scopes: Sequence[Scope]) -> Possible:
    values: set[m.Value] = set()
    for scope in scopes:
        here = possible(subject, scope)
        if here is None:
            return None
        values |= here
    return frozenset(values)


def _never(test: m.Test, values: Possible) -> Iterator[Finding]:
    if values is None or not isinstance(test.subject, m.Name):
        return
    known = sorted(str(value).lower() if isinstance(value, bool) else str(value) for value in values - {None})
    for value in test.values:
        if value is not None and value != "" and value not in values:
            near = "; write it without quotes" if str(value) in known else hint(str(value), known)
            listed = f" ({', '.join(known)})" if len(known) <= MOST_LISTED else ""
            said = f"`{test.subject.name}` is never {value!r}{near}{listed}"
            yield test.mark.finding("unreachable", said)


class _Reach:
    """The branches that some kind of event reaches, by identity: a mapping's expressions are the same for all kinds."""

    def __init__(self) -> None:
        self.reached: set[int] = set()

    def visit(self, expr: m.Expr, scope: Scope) -> None:
        match expr:
            case m.First(options, _):
                for option in options:
                    self.branch(option, scope)
                    if _always_gives(option, scope):
                        break
            case m.When(condition, then, otherwise, _):
                holds = verdict(condition, scope)
                if holds is not False:
                    self.branch(then, scope)
                if holds is not True:
                    self.branch(otherwise, scope)
            case m.Lookup(source, _, default, _, _):
                self.visit(source, scope)
                if default is not None and not _in_table(fold(expr, scope), scope):
                    self.branch(default, scope)
            case _:
                for part in parts(expr):
                    self.visit(part, scope)

    def branch(self, expr: m.Expr, scope: Scope) -> None:
        self.reached.add(id(expr))
        self.visit(expr, scope)

    def left(self, expr: m.Expr) -> Iterator[tuple[Mark, str]]:
        """The outermost branches that were never reached, each with the reason."""
        for branch, mark, why in _branches(expr):
            if id(branch) in self.reached:
                yield from self.left(branch)
            elif not (isinstance(branch, m.Const) and branch.value is None):
                yield mark, why
        if not isinstance(expr, m.First | m.When):
            for part in parts(expr):
                if not isinstance(expr, m.Lookup) or part is expr.source:
                    yield from self.left(part)


def _branches(expr: m.Expr) -> Iterator[tuple[m.Expr, Mark, str]]:
    match expr:
        case m.First(options, _):
            for option in options:
                yield option, option.mark, "this is never reached: what stands before it always gives something"
        case m.When(condition, then, otherwise, _):
            first = next(tests(condition), None)
            yield then, first.mark if first else then.mark, "this condition never holds"
            yield otherwise, otherwise.mark, "this is never reached: the condition always holds"
        case m.Lookup(_, _, default, _, _) if default is not None:
            yield default, default.mark, "this is never reached: the table has a row for every value"


def _always_gives(expr: m.Expr, scope: Scope) -> bool:
    match fold(expr, scope):
        case m.When(condition, then, otherwise, _):
            holds = verdict(condition, scope)
            sides = [side for side, reached in ((then, holds is not False), (otherwise, holds is not True)) if reached]
            return all(_always_gives(side, scope) for side in sides)
        case folded:
            return is_sure(folded, scope) or (isinstance(folded, m.Const) and folded.value not in (None, ""))


def _in_table(expr: m.Expr, scope: Scope) -> bool:
    """Whether a folded lookup finds a row for every value that it can be given."""
    if not isinstance(expr, m.Lookup) or not isinstance(expr.table, m.Table):
        return False
    values = possible(expr.source, scope)
    return values is not None and values <= {key for key, _ in expr.table.rows}


def _kinds(mapping: m.Mapping) -> Iterator[Finding]:
    """Kinds to which those before them leave no record, where that shows from the values that tell kinds apart."""
    plain = scope_of(mapping, None)
    for place, kind in enumerate(mapping.kinds):
        if kind.mark.file not in mapping.asked:
            continue
        certain = scope_of(mapping, kind).certain
        known = {str(p): m.Const(certain[p.keys], p.mark) for p in mapping.dispatch if p.keys in certain}
        scope = replace(plain, known=known, folded={})
        for earlier in mapping.kinds[:place]:
            if decide(earlier.when, scope) == m.Always(True):
                said = f"no record is left for this kind: {earlier.name!r}, before it, takes them all"
                yield kind.mark.finding("unreachable", said)
                break
