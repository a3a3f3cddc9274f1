"""Every function gives what its examples say, for a value of the record and for a constant; and it takes anything."""

from __future__ import annotations

import importlib
import json
import pkgutil
from typing import Any

import pytest
from tiny import Tiny

from doorlog.errors import MappingError
from doorlog.mapping import functions
from doorlog.mapping.functions import FUNCTIONS, HIDING, Example, Function, prepared

pytestmark = pytest.mark.usefixtures("geoip")

EXAMPLES = [(function, example) for function in FUNCTIONS.values() for example in function.examples]
NAMES = [f"{function.name}-{at}" for function in FUNCTIONS.values() for at in range(len(function.examples))]

ODD: list[Any] = [
    "", " ", "\x00", "\ud800", "é" * 2000, "a" * 100_000, ":::/?#@", "arn:", "https://", "%", "{}", "-1", "1" * 5000,
    "fe80::1%eth0", "::ffff:10.0.0.1", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-23:59",
    0, -1, 2**63, 10**400, 1.5, 1e308, True, False, [], ["a"], [None], [["a"]], {}, {"a": {}},
]  # fmt: skip


def written(function: Function, example: Example) -> str:
    """The function as a mapping has it."""
    return function.usage if function.argument is None else f"{function.name}: {json.dumps(example.argument)}"


def argument(given: Any) -> Any:
    """An argument as the language holds it."""
    if isinstance(given, dict):
        return tuple(given.items())
    return tuple(given) if isinstance(given, list) else given


@pytest.mark.parametrize(("function", "example"), EXAMPLES, ids=NAMES)
def test_a_function_gives_what_its_example_says(tiny: Tiny, function: Function, example: Example) -> None:
    said = f"{{from: $.additionalEventData.given, {written(function, example)}}}"
    found = tiny.value(said, additionalEventData={"given": example.given})
    assert (found, type(found)) == (example.gives, type(example.gives))


@pytest.mark.parametrize(("function", "example"), EXAMPLES, ids=NAMES)
def test_it_gives_the_same_for_a_constant(tiny: Tiny, function: Function, example: Example) -> None:
    if isinstance(example.given, str) and example.given.isprintable():
        assert tiny.value(f"{{value: {json.dumps(example.given)}, {written(function, example)}}}") == example.gives


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_a_function_never_raises_and_gives_what_it_says(function: Function) -> None:
    classes: dict[str, type] = {"text": str, "boolean": bool, "integer": int, "list": list, "any": object}
    for example in function.examples:
        call = prepared(function, argument(example.argument))
        for value in ODD:
            if function.takes == "any" or (isinstance(value, str) and value):
                result = call(value)
                assert result is None or isinstance(result, classes[function.gives])
                assert result != "" or value == ""


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_what_a_function_keeps_can_be_got_back(function: Function) -> None:
    for example in function.examples:
        if function.keeps == "if given" and example.gives is not None:
            assert example.given in (example.argument + example.gives, example.gives + example.argument)


KEY = b"0123456789abcdef"


@pytest.mark.parametrize("function", HIDING.values(), ids=list(HIDING))
def test_what_hides_a_value_gives_what_its_examples_say_and_nothing_of_any_text(function: Function) -> None:
    for example in function.examples:
        call = function.call(KEY) if function.keyed else prepared(function, argument(example.argument))
        assert call(example.given) == example.gives
        for value in (text for text in ODD if isinstance(text, str) and text):
            assert isinstance(call(value), str)


def test_every_function_is_described_and_tried() -> None:
    for function in (*FUNCTIONS.values(), *HIDING.values()):
        assert function.summary.endswith(".") and not function.fails.endswith(".")
        assert any(example.gives is not None for example in function.examples), function.name
        given = [example for example in function.examples if example.gives is None]
        assert bool(given) == bool(function.fails), f"{function.name} says when it gives nothing, and shows it"


def test_every_module_of_functions_is_in_the_registry() -> None:
    listed = {id(function) for function in (*FUNCTIONS.values(), *HIDING.values())}
    for found in pkgutil.iter_modules(functions.__path__):
        module = importlib.import_module(f"{functions.__name__}.{found.name}")
        own = [getattr(module, "FUNCTION", None), *getattr(module, "FUNCTIONS", ())]
        assert {id(function) for function in own if function is not None} <= listed, found.name


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("prefix: ''", "no empty text"),
        ("replace: []", "map of texts"),
        ("replace: {}", "map of texts"),
        ("element: last", "whole number"),
        ("substring: 4", "list of numbers"),
        ("substring: [1, 2, 3]", "where it begins"),
        ("network: [24]", "bits that stay"),
        ("network: [33, 48]", "bits that stay"),
        ("digest: sha3", "no digest 'sha3'"),
        ("match: '(a'", r"no regular expression of RE2: missing \)"),
        ("match: '(?=a)b'", "no regular expression of RE2: invalid perl operator"),
        ("match: '(a)\\1'", "no regular expression of RE2: invalid escape sequence"),
        ("match: '(a)(b)'", "one group at the most"),
        ("when: {$.errorCode|re: '(a'}", "no regular expression of RE2"),
    ],
)
def test_an_argument_that_a_function_cannot_take_is_refused_where_it_stands(tiny: Tiny, steps: str, said: str) -> None:
    with pytest.raises(MappingError, match=said) as refused:
        tiny.value(f"{{from: $.errorCode, {steps}}}")
    (finding,) = refused.value.findings
    assert finding.line > 1 and finding.column > 1


@pytest.mark.parametrize("function", [each for each in FUNCTIONS.values() if each.shortens], ids=lambda each: each.name)
def test_a_function_that_shortens_gives_nothing_longer_than_the_value(function: Function) -> None:
    for example in function.examples:
        call = prepared(function, argument(example.argument))
        for value in [*ODD, *(example.given for example in function.examples)]:
            result = call(value) if isinstance(value, str) and value else None
            assert result is None or len(result) <= len(value)


@pytest.mark.parametrize("function", [each for each in FUNCTIONS.values() if each.needs], ids=lambda each: each.name)
def test_a_function_gives_nothing_without_what_it_needs(function: Function) -> None:
    values = [*ODD, *(example.given for example in function.examples)]
    for value in [value for value in values if isinstance(value, str) and value and function.needs not in value]:
        assert function.call(value) is None
