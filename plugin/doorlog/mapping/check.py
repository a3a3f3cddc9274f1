"""Whether a rule can be: what is found wrong here is refused when a mapping is loaded, at the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from doorlog.mapping import model as m
from doorlog.mapping.fold import Scope
from doorlog.mapping.gives import Gives
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.strict_yaml import Mark, Refused
from doorlog.mapping.walk import parts
from doorlog.targets import Attribute, EcsTarget, FieldListTarget, OcsfTarget, Target
from doorlog.targets.guards import guard

Missing: TypeAlias = Callable[[m.Const, Attribute, str], m.Const]
"""Gives what is written for a constant that an attribute doesn't take (with `why`), or refuses it."""

_GATHERED = ("related.ip", "related.user", "related.hosts", "type_uid", "observables")
_TEXT_LIKE = ("text", "ip", "date")
_NOW = {"epoch_ms": 1_750_000_000_000, "epoch_s": 1_750_000_000}
"""An instant of our days in each unit: a field that doesn't take it takes none."""


def derived(target: Target) -> dict[str, m.Value]:
    """What a target says of itself in every event, by its path; no rule writes it."""
    if isinstance(target, EcsTarget):
        return {"ecs.version": target.version}
    if isinstance(target, FieldListTarget):
        return dict(target.fixed)
    fixed: dict[str, m.Value] = {
        "metadata.version": target.version,
        "class_uid": target.class_uid,
        "class_name": target.class_caption,
        "category_uid": target.category_uid,
        "category_name": target.category_caption,
    }
    return fixed | ({"metadata.profiles": tuple(sorted(target.profiles))} if target.profiles else {})


def placed(value: m.Expr, top: bool = True, inside_each: bool = False) -> None:
    """Refuses `each` and `rest` but as a whole rule, and `item` but inside `each`."""
    match value:
        case m.Each(source, rules, mark) if top:
            placed(source, False, inside_each)
            for rule in rules:
                placed(rule.value, isinstance(rule.value, m.Each), True)
            if inside_each:
                raise Refused(mark, "misplaced-source", "`each` inside `each` is not possible")
            return
        case m.Rest() if top and not inside_each:
            return
        case m.Each(_, _, mark) | m.Rest(_, mark):
            what = "each" if isinstance(value, m.Each) else "rest"
            raise Refused(
                mark, "misplaced-source", f"`{what}` makes a whole rule of `set`, with nothing beside or around it"
            )
        case m.Name("item", mark) if not inside_each:
            raise Refused(mark, "misplaced-name", "`item` has a meaning inside `each` only")
    for part in parts(value):
        placed(part, False, inside_each)


def attribute_of(rule: m.Rule, path: str, target: Target) -> Attribute:
    """The attribute that a rule writes; refuses what the target doesn't have, or what is not written so."""
    what = f"{target.name.upper()} {target.version}"
    attribute = target.attribute(path)
    if attribute is None:
        profile = target.needs_profile(path)
        if profile:
            raise Refused(
                rule.mark, "profile-off", f"{path} needs the profile {profile!r}, which `profiles` doesn't name"
            )
        classes = target.classes_with(path) if isinstance(target, OcsfTarget) else ()
        if classes:
            where = " or ".join(f"`classes: {{{name}: {{set: ...}}}}`" for name in classes)
            said = f"{path} is no field of {what}'s class {target.class_name}; it goes under {where}"
            raise Refused(rule.mark, "unknown-field", said)
        near = target.suggest(path)
        meant = f"; did you mean {near!r}?" if near else ""
        if not near and target.name == "ecs":
            meant = "; a field of your own is declared under `fields`"
        raise Refused(rule.mark, "unknown-field", f"{path} is no field of {what}{meant}")
    if attribute.deprecated:
        raise Refused(rule.mark, "deprecated-field", f"{path} is deprecated in {what} since {attribute.deprecated}")
    if attribute.caption_of:
        raise Refused(rule.mark, "derived-field", f"{path} is written with {attribute.caption_of}, from the same rule")
    if path in derived(target) or path in _GATHERED:
        raise Refused(rule.mark, "derived-field", f"{path} is derived from the other rules, and not written by one")
    steps = rule.path.split(".")
    above = path.removesuffix(rule.path)
    for end in range(1, len(steps)):
        holder = target.attribute(above + ".".join(steps[:end]))
        if holder is not None and holder.array and holder.kind == "object":
            raise Refused(rule.mark, "wrong-structure", f"{holder.path} is a list of objects; write them with `each`")
    return attribute


def shape(rule: m.Rule, value: m.Expr, attribute: Attribute) -> None:
    """Refuses a list of objects, an object or a rest where the attribute is none, and the other way round."""
    path, kind = attribute.path, attribute.kind
    if isinstance(value, m.Each):
        if not (attribute.array and kind == "object"):
            raise Refused(rule.mark, "wrong-structure", f"{path} takes no list of objects")
        return
    if kind == "object":
        way = "with `each`" if attribute.array else f"member by member ({path}.NAME)"
        raise Refused(rule.mark, "wrong-structure", f"{path} is an object; it is written {way}")
    if isinstance(value, m.Rest) and kind not in ("flattened", "any"):
        raise Refused(
            rule.mark, "wrong-structure", f"{path} takes {attribute.type_name}; a rest goes into a free-form object"
        )


def type_fits(rule: m.Rule, given: Gives, attribute: Attribute) -> None:
    """Refuses what can never be of the attribute's type."""
    path, kind = attribute.path, attribute.kind
    if attribute.array and given not in ("list", "any", "nothing"):
        raise Refused(rule.mark, "needs-list", f"{path} is a list; write [...] or `collect`")
    if not attribute.array and given == "list" and kind != "any":
        raise Refused(rule.mark, "needs-one", f"{path} is no list")
    if attribute.array or given in ("any", "nothing") or kind == "any":
        return
    wanted = {"text": _TEXT_LIKE, "boolean": ("boolean",), "integer": ("integer", "timestamp", "float")}
    if kind not in wanted.get(given, ("flattened",)):
        article = "an" if given in ("integer", "object") else "a"
        raise Refused(
            rule.mark,
            "wrong-type",
            f"{path} takes {attribute.type_name}, and this never gives one, but {article} {given}",
        )


def refuse(const: m.Const, attribute: Attribute, why: str) -> m.Const:
    """What becomes of a constant that the attribute doesn't take: it is refused."""
    raise Refused(const.mark, "wrong-value", why)


def captions(value: m.Expr, attribute: Attribute, scope: Scope, missing: Missing = refuse) -> m.Expr:
    """An expression of an enum's captions as one of pairs (id, caption); `missing` decides on those that are none."""
    values = attribute.values or {}

    def pair(const: m.Const) -> m.Const:
        if const.value is None:
            return const
        if not isinstance(const.value, str) or const.value not in values:
            by_id = next(
                (f"; did you mean {name!r}?" for name, id in values.items() if str(id) == str(const.value)), ""
            )
            said = f"{const.value!r} is no value of {attribute.path}{by_id or hint(str(const.value), values)}"
            return missing(const, attribute, f"{said} ({', '.join(values)})")
        return m.Const((values[const.value], const.value), const.mark)

    def other(bare: m.Expr) -> m.Expr:
        if isinstance(bare, m.OtherText):
            return bare
        raise Refused(bare.mark, "needs-caption", f"{attribute.path} takes captions: a constant, a `table`, or `other`")

    return outcomes(value, pair, other, scope)


def typed(rule: m.Rule, value: m.Expr, attribute: Attribute, scope: Scope, missing: Missing = refuse) -> m.Expr:
    """An expression with its constants as the attribute's type has them; `missing` decides on those that don't fit."""
    fits = guard(attribute)
    number = attribute.kind in ("integer", "timestamp")

    def one(item: m.Value, mark: Mark) -> m.Value:
        if item is None or item == "":
            raise Refused(mark, "empty-value", "an empty value is not written; leave it out")
        result = _number(item, attribute) if attribute.kind in ("integer", "timestamp", "float") else item
        if not _is_of(result, attribute) or (fits is not None and not fits(result)):
            allowed = f" ({', '.join(map(str, attribute.values))})" if attribute.values else ""
            near = hint(str(item), map(str, attribute.values or ()))
            said = f"{item!r} is no value of {attribute.path}, which takes {attribute.type_name}"
            return missing(m.Const(item, mark), attribute, said + near + allowed).value
        return result

    def elements(given: m.Const) -> tuple[m.Value, ...]:
        values = given.value if isinstance(given.value, tuple) else ()
        marks = given.marks or (given.mark,) * len(values)
        found = (one(value, mark) for value, mark in zip(values, marks, strict=True))
        return tuple(value for value in found if value is not None)

    def const(given: m.Const) -> m.Const:
        if given.value is None:
            return given
        if isinstance(given.value, tuple):
            if not given.value:
                raise Refused(given.mark, "empty-value", "an empty list is not written; leave it out")
            items = elements(given)
            if not items:
                raise Refused(
                    given.mark, "wrong-value", f"{attribute.path} takes none of {', '.join(map(str, given.value))}"
                )
            return replace(given, value=items)
        if attribute.array and given.mark.file != rule.mark.file:
            raise Refused(rule.mark, "needs-list", f"{attribute.path} is a list; write [...] or `collect`")
        if attribute.array:
            raise Refused(given.mark, "needs-list", f"{attribute.path} is a list; write [{given.value}]")
        return replace(given, value=one(given.value, given.mark))

    def element(given: m.Const) -> m.Const:
        """What stands in a `collect` becomes elements of the list, and so do those of a list in it."""
        if isinstance(given.value, tuple) or given.value is None:
            return const(given)
        return replace(given, value=one(given.value, given.mark))

    def bare(given: m.Expr) -> m.Expr:
        if isinstance(given, m.OtherText):
            said = f"`other` is for an id with captions, and {attribute.path} is none"
            raise Refused(given.mark, "misplaced-source", said)
        now = _NOW.get(given.function) if isinstance(given, m.Apply) and number else None
        if now is not None and fits is not None and not fits(now):
            other = next((f"; write `as: {name}`" for name, one in _NOW.items() if fits(one)), "")
            mark = given.mark if given.mark.file == rule.mark.file else rule.mark
            raise Refused(mark, "wrong-type", f"{attribute.path} takes no instant in this unit{other}")
        if isinstance(given, m.Collect) and attribute.array:
            return replace(given, items=tuple(outcomes(item, element, bare, scope) for item in given.items))
        return given

    return outcomes(value, const, bare, scope)


def outcomes(
    value: m.Expr, change: Callable[[m.Const], m.Const], bare: Callable[[m.Expr], m.Expr], scope: Scope
) -> m.Expr:
    """The expression with every constant that it can result in changed, and all else that it can seen by `bare`.

    A fact of which something changes is written out.
    """

    def inner(part: m.Expr) -> m.Expr:
        return outcomes(part, change, bare, scope)

    match value:
        case m.Const():
            return change(value)
        case m.Name(name, mark) if name != "item":
            own = scope.fact(name, mark)
            changed = inner(own)
            return value if changed == own else changed
        case m.First(options, _):
            return replace(value, options=tuple(inner(option) for option in options))
        case m.When(_, then, otherwise, _):
            return replace(value, then=inner(then), otherwise=inner(otherwise))
        case m.Lookup(source, table, default, other, mark) if isinstance(table, m.Table):
            if other:
                bare(m.OtherText(source, mark))
            rows = tuple((key, change(const)) for key, const in table.rows)
            changed_table = table if rows == table.rows else replace(table, rows=rows)
            return replace(value, table=changed_table, default=None if default is None else inner(default))
        case _:
            return bare(value)


def _number(value: m.Value, attribute: Attribute) -> m.Value:
    """A constant as a number, where it is one; plain scalars of a mapping are texts."""
    if isinstance(value, str) and attribute.kind != "float" and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, str) and attribute.kind == "float" and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", value):
        return float(value)
    return value


def _is_of(value: m.Value, attribute: Attribute) -> bool:
    if attribute.kind == "any":
        return True
    if attribute.kind == "boolean":
        return isinstance(value, bool)
    if attribute.kind in ("integer", "timestamp"):
        return isinstance(value, int) and not isinstance(value, bool)
    if attribute.kind == "float":
        return isinstance(value, float)
    return attribute.kind in _TEXT_LIKE and isinstance(value, str)
