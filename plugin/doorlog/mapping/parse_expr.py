"""From YAML nodes to expressions and conditions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace

from doorlog.mapping import model as m
from doorlog.mapping.functions import FUNCTIONS, HIDING, Function, NotReadyError, prepared
from doorlog.mapping.functions import STEPS as FUNCTION_STEPS
from doorlog.mapping.functions.match import finder
from doorlog.mapping.network import not_a_network
from doorlog.mapping.strict_yaml import Map, Mark, Node, Refused, Remove, Scalar, Seq

SOURCES = ("from", "value", "first", "template", "collect", "each", "rest", "other")
# In the order in which they are applied, whatever their order in the file.
STEPS = ("key", *FUNCTION_STEPS, "drop", "as", "table", "default")
KEYWORDS = (*SOURCES, *STEPS, "when", "else", "set")
MODIFIERS = ("startswith", "endswith", "contains", "re", "lower", "exists", "not", "cidr", "gt", "lt")

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_NOT_OF_TEXT = {"exists", "cidr", "gt", "lt"}
_SLOT = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")


def hint(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'x'?` where one of the words is near, else nothing."""
    known = list(words)
    same = [other for other in known if other.lower() == word.lower()]
    near = same or difflib.get_close_matches(word, known, 1, 0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def text_of(node: Node, what: str) -> str:
    """The text of a scalar."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value
    raise Refused(node.mark, "wrong-form", f"{what} is a text")


def constant(node: Node) -> m.Value:
    """A scalar, or a list of them, as a constant."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Seq) and not any(isinstance(item, Seq) for item in node.items):
        return tuple(constant(item) for item in node.items)
    raise Refused(node.mark, "wrong-form", "a constant is a text, true, false, null or a list of these")


def written(node: Node) -> m.Const:
    """A constant with the places of its elements."""
    return m.Const(constant(node), node.mark, tuple(item.mark for item in node.items) if isinstance(node, Seq) else ())


def truth(node: Node) -> bool:
    """A scalar that is true or false."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    raise Refused(node.mark, "wrong-form", "this is true or false")


def path(text: str, mark: Mark) -> m.Path:
    """A record path, written with dots: `$.resources.0.ARN`; `$` alone is the record."""
    keys = text.split(".")[1:]
    if not (text == "$" or text.startswith("$.")) or "" in keys:
        raise Refused(mark, "bad-path", "a record path starts with `$.` and has no empty part, as `$.userIdentity.arn`")
    return m.Path(tuple(int(key) if re.fullmatch(r"0|[1-9][0-9]{0,8}", key) else key for key in keys), mark)


def reference(text: str, mark: Mark) -> m.Expr:
    """A record path or the name of a fact."""
    if text.startswith("$"):
        return path(text, mark)
    if not _NAME.match(text):
        raise Refused(
            mark,
            "bad-reference",
            f"{text!r} is neither a record path (`$.eventName`) nor the name of a fact (`outcome`){_meant(text)}",
        )
    return m.Name(text, mark)


def _meant(text: str) -> str:
    """The record path that is meant by a text with capitals inside, as AWS spells its names and no fact is spelled."""
    return f"; did you mean '$.{text}'?" if re.fullmatch(r"[a-z]+[A-Z][A-Za-z]*(\.[A-Za-z]+)*", text) else ""


def expression(node: Node) -> m.Expr:
    """What stands in the place of a value: a constant, a record path, a list of constants, or a map of operators."""
    if isinstance(node, Remove):
        raise Refused(
            node.mark, "misplaced-remove", "!remove stands where a whole rule, fact, table, row or kind stands"
        )
    if isinstance(node, Map):
        return _operators(node)
    const = written(node)
    value = const.value
    if isinstance(value, str) and value.startswith("$."):
        return path(value, node.mark)
    if isinstance(value, str) and re.match(r"\$[A-Za-z]", value):
        raise Refused(
            node.mark, "bad-path", f"a record path starts with `$.`; for the text itself write {{value: {value!r}}}"
        )
    return replace(const, bare=isinstance(value, str))


def not_nested(key: str, node: Node) -> None:
    """Refuses fields that stand below one another as YAML has it, in words that say how they are written."""
    if not isinstance(node, Map) or any(name in KEYWORDS or name in HIDING for name in node.entries):
        return
    for name in node.entries:
        if name != "append" and not hint(name, KEYWORDS):
            said = f"there is no operator {name!r}; a field inside another is written in one line, `{key}.{name}: ...`"
            raise Refused(node.keys[name], "unknown-operator", said)


def _source(node: Node) -> m.Expr:
    """The value of `from`: a path or fact, or several of which the first that gives something counts."""
    if isinstance(node, Seq):
        return m.First(tuple(_source(item) for item in _items(node)), node.mark)
    if isinstance(node, Map):
        return expression(node)
    return reference(text_of(node, "what `from` names"), node.mark)


def _items(node: Seq) -> tuple[Node, ...]:
    """The items of a list that has some."""
    if not node.items:
        raise Refused(node.mark, "empty-value", "an empty list says nothing here")
    return node.items


def _operators(node: Map) -> m.Expr:
    for key in node.entries:
        if key in HIDING:
            said = f"`{key}` hides a value from all rules, and stands under `protect`"
            raise Refused(node.keys[key], "unknown-operator", said)
        if key not in KEYWORDS:
            raise Refused(node.keys[key], "unknown-operator", f"there is no operator {key!r}{hint(key, KEYWORDS)}")
    named = [key for key in SOURCES if key in node.entries]
    if "table" in node.entries and "other" in named:
        named.remove("other")
    if len(named) != 1:
        said = " and ".join(f"`{key}`" for key in named) or "none"
        raise Refused(node.mark, "one-source", f"an expression has one source ({', '.join(SOURCES)}); this has {said}")
    value = _start(named[0], node)
    for step in STEPS:
        if step in node.entries:
            value = _step(step, value, node)
    if "when" in node.entries:
        otherwise = node.get("else")
        alternative = expression(otherwise) if otherwise is not None else m.Const(None, node.mark)
        return m.When(condition(node.entries["when"]), value, alternative, node.mark)
    if "set" in node.entries and "each" not in node.entries:
        raise Refused(node.keys["set"], "misplaced-key", "`set` needs an `each`")
    if "else" in node.entries:
        raise Refused(node.keys["else"], "misplaced-key", "`else` needs a `when`")
    return value


def _start(source: str, node: Map) -> m.Expr:
    given, mark = node.entries[source], node.keys[source]
    if source == "from":
        return _source(given)
    if source == "value":
        return written(given)
    if source == "other":
        text = expression(given)
        return m.OtherText(text, mark)
    if source == "rest":
        return m.Rest(path(text_of(given, "what `rest` names"), given.mark), mark)
    if source == "template":
        return _template(given)
    if source == "each":
        rules = node.get("set")
        if not isinstance(rules, Map):
            raise Refused(mark, "misplaced-key", "`each` needs a `set` with the fields of an element")
        found = tuple(m.Rule(key, expression(value), rules.keys[key]) for key, value in rules)
        return m.Each(_source(given), found, mark)
    if not isinstance(given, Seq):
        raise Refused(given.mark, "wrong-form", f"`{source}` takes a list")
    items = tuple(_item(item) for item in _items(given))
    return m.First(items, mark) if source == "first" else m.Collect(items, mark)


def _item(node: Node) -> m.Expr:
    """An element of `first` or `collect`: a path, a fact or a map of operators; a constant is written `{value: x}`."""
    return expression(node) if isinstance(node, Map) else reference(text_of(node, "a path or fact"), node.mark)


def _step(step: str, value: m.Expr, node: Map) -> m.Expr:
    given, mark = node.entries[step], node.keys[step]
    if step == "key":
        return m.Member(value, _source(given), mark)
    if step == "drop":
        items = _items(given) if isinstance(given, Seq) else (given,)
        return m.Drop(value, tuple(expression(item) for item in items), mark)
    if step == "as":
        name = text_of(given, "a cast")
        casts = [key for key, function in FUNCTIONS.items() if function.cast]
        if name not in casts:
            raise Refused(
                given.mark, "unknown-cast", f"there is no cast {name!r}{hint(name, casts)} ({', '.join(casts)})"
            )
        return m.Apply(name, value, None, given.mark if FUNCTIONS[name].ready else mark)
    if step == "table":
        other = node.get("other")
        default = node.get("default")
        return m.Lookup(
            value,
            table(given) if isinstance(given, Map) else text_of(given, "a table"),
            expression(default) if default is not None else None,
            other is not None and truth(other),
            mark if isinstance(given, Map) else given.mark,
        )
    if step == "default":
        return value if "table" in node.entries else m.First((value, expression(given)), mark)
    function = FUNCTIONS[step]
    if function.argument is None:
        return m.Apply(step, value, None, mark) if truth(given) else value
    return m.Apply(step, value, argument_of(function, given), mark)


def argument_of(function: Function, node: Node) -> m.Value:
    """What stands after a step's name, as the function takes it; refuses what it can't take."""
    argument = _argument(function, node)
    if not function.keyed:
        _fits(function, argument, node.mark)
    return argument


def _fits(function: Function, argument: m.Value, mark: Mark) -> None:
    """Refuses an argument that a function can't take; whether it has all that it needs counts when it is used."""
    try:
        prepared(function, argument)
    except NotReadyError:
        pass
    except ValueError as error:
        raise Refused(mark, "bad-argument", str(error)) from None


def _argument(function: Function, node: Node) -> m.Value:
    what = f"what `{function.name}` takes"
    if function.argument == "text":
        text = text_of(node, what)
        if not text:
            raise Refused(node.mark, "empty-value", f"{what} is no empty text")
        return text
    if function.argument == "pairs":
        if not isinstance(node, Map) or not node.entries or "" in node.entries:
            raise Refused(node.mark, "wrong-form", f"{what} is a map of texts: {{OLD: NEW}}")
        return tuple((old, _text_or_empty(new, what)) for old, new in node)
    if function.argument == "number":
        return _whole_number(node, what)
    if not isinstance(node, Seq):
        raise Refused(node.mark, "wrong-form", f"{what} is a list of numbers")
    return tuple(_whole_number(item, what) for item in node.items)


def _text_or_empty(node: Node, what: str) -> str:
    return "" if isinstance(node, Scalar) and node.value is None else text_of(node, what)


def _whole_number(node: Node, what: str) -> int:
    text = text_of(node, what)
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise Refused(node.mark, "wrong-form", f"{what} is a whole number")
    return int(text)


def table(node: Map) -> m.Table:
    """A lookup table."""
    return m.Table(tuple((key, written(value)) for key, value in node), node.mark)


def _template(node: Node) -> m.Template:
    text = text_of(node, "a template")
    assert isinstance(node, Scalar)
    parts: list[str | m.Expr] = []
    end = 0
    for slot in _SLOT.finditer(text):
        parts.append(_plain(text[end : slot.start()], node, end))
        value = reference(slot[1], node.at(slot.start(1)))
        default = None if slot[2] is None else m.Const(slot[2], node.at(slot.start(2)))
        parts.append(value if default is None else m.First((value, default), value.mark))
        end = slot.end()
    parts.append(_plain(text[end:], node, end))
    return m.Template(tuple(part for part in parts if part != ""), node.mark)


def _plain(text: str, node: Scalar, begin: int) -> str:
    """What stands between the slots of a template; a brace there belongs to none."""
    brace = re.search(r"[{}]", text)
    if brace:
        said = "in a template, braces hold a path or fact: `{outcome}` or `{outcome|unknown}`"
        raise Refused(node.at(begin + brace.start()), "bad-template", said)
    return text


def condition(node: Node) -> m.Condition:
    """A condition as Sigma writes them: a map is *and*, a list is *or*; `any`, `all` and `not` hold more of them."""
    if isinstance(node, Seq):
        return m.Any(tuple(condition(item) for item in _items(node)))
    if not isinstance(node, Map) or not node.entries:
        raise Refused(
            node.mark, "bad-condition", "a condition is a map such as `{$.eventName: ConsoleLogin}`, or a list of them"
        )
    tests: list[m.Condition] = []
    for key, value in node:
        if key == "not":
            tests.append(m.Not(condition(value)))
        elif key in ("any", "all"):
            if not isinstance(value, Seq):
                raise Refused(value.mark, "bad-condition", f"`{key}` takes a list of conditions")
            inner = tuple(condition(item) for item in _items(value))
            tests.append(m.Any(inner) if key == "any" else m.All(inner))
        else:
            tests.append(_test(key, value, node.keys[key]))
    return tests[0] if len(tests) == 1 else m.All(tuple(tests))


def _test(key: str, value: Node, mark: Mark) -> m.Condition:
    subject, *modifiers = key.split("|")
    for modifier in modifiers:
        if modifier not in MODIFIERS:
            raise Refused(
                mark,
                "unknown-modifier",
                f"there is no modifier {modifier!r}{hint(modifier, MODIFIERS)} ({', '.join(MODIFIERS)})",
            )
    ways = [modifier for modifier in modifiers if modifier not in ("lower", "not")]
    if len(ways) > 1 or len(set(modifiers)) < len(modifiers) or ("lower" in modifiers and {*ways} & _NOT_OF_TEXT):
        raise Refused(mark, "bad-modifier", f"these modifiers don't go together: {', '.join(modifiers)}")
    given = constant(value)
    values = given if isinstance(given, tuple) else (given,)
    if not values:
        raise Refused(value.mark, "empty-value", "an empty list says nothing here")
    if "exists" in modifiers and values not in ((True,), (False,)):
        raise Refused(value.mark, "bad-modifier", "`exists` is true or false")
    of_texts = {"startswith", "endswith", "contains", "re", "cidr"} & set(modifiers)
    if of_texts and not all(isinstance(v, str) for v in values):
        raise Refused(value.mark, "bad-modifier", "this modifier takes texts")
    if "re" in modifiers:
        try:
            for pattern in values:
                finder(str(pattern))
        except NotReadyError:
            pass
        except ValueError as error:
            raise Refused(value.mark, "bad-modifier", str(error)) from None
    if "cidr" in modifiers:
        for item in value.items if isinstance(value, Seq) else (value,):
            wrong = not_a_network(text_of(item, "a network"))
            if wrong is not None:
                raise Refused(item.mark, "bad-modifier", wrong)
    if {"gt", "lt"} & set(modifiers) and not all(isinstance(v, str) and _is_number(v) for v in values):
        raise Refused(value.mark, "bad-modifier", "this modifier takes a number")
    negated = "not" in modifiers
    test = m.Test(reference(subject, mark), tuple(x for x in modifiers if x != "not"), values, mark)
    return m.Not(test) if negated else test


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", text) is not None
