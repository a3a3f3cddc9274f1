"""What a mapping says only ever becomes a constant in code: nothing of it is compiled, formatted or named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from tiny import RECORD, Tiny

from doorlog.mapping import code as coding
from doorlog.mapping import compile as compiling
from doorlog.normalize import Normalizer

NASTY = [
    "'",
    '"',
    "'''",
    '"""',
    "\\",
    "\\n",
    "{",
    "}",
    "{}",
    "{0.__class__}",
    "{record}",
    "%s",
    "${x}",
    "`",
    "record",
    "__class__",
    "__builtins__",
    "__import__('os').system('true')",
    "lambda: 0",
    "None",
    "HELD",
    "KEY",
    "v1",
    "k0",
    "x1",
    "é" * 50,
    "]",
    "#",
    "a\tb",
]


def trees(root: Path) -> Iterator[tuple[str, ast.AST]]:
    for file in sorted((root / "plugin" / "doorlog").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            yield file.relative_to(root / "plugin" / "doorlog").as_posix(), node


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )


def test_one_module_compiles_and_what_it_compiles_is_a_tree(root: Path) -> None:
    places = {(file, called(node)) for file, node in trees(root) if called(node) in ("exec", "eval", "__import__")}
    assert places == {("mapping/code.py", "exec")}
    built_in = [
        (file, node)
        for file, node in trees(root)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "compile"
    ]
    assert [file for file, _ in built_in] == ["mapping/code.py"]
    compiled = built_in[0][1].args[0]
    assert isinstance(compiled, ast.Name)
    assert compiled.id == "tree"


def test_no_text_is_a_format(root: Path) -> None:
    assert {(file, called(node)) for file, node in trees(root) if called(node) in ("format", "format_map")} == set()


def names_in(code: CodeType) -> set[str]:
    found = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars, code.co_name, code.co_filename}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= names_in(constant)
    return found


def compiled(normalize: Normalizer, monkeypatch: pytest.MonkeyPatch) -> list[FunctionType]:
    made: list[FunctionType] = []
    for module in (compiling, __import__("doorlog.mapping.kinds", fromlist=["kinds"])):
        original = module.function

        def kept(*args: object, original: object = original) -> object:
            result = original(*args)  # type: ignore[operator]
            made.append(result)
            return result

        monkeypatch.setattr(module, "function", kept)
    normalize(RECORD)
    return made


def nasty(tiny: Tiny, word: str) -> str:
    quoted = word.replace("'", "''")
    return tiny.write(
        "nasty",
        f"""\
mapping: nasty
target: ecs@9.4.0
dispatch: [$.eventSource, $.eventName]
time: $.eventTime
tables:
  '{quoted} ': {{'{quoted}': '{quoted}'}}
kinds:
  '{quoted} kind':
    when: {{$.eventName|not: '{quoted}', $.a|startswith|not: '{quoted}'}}
    facts: {{said: '{quoted}'}}
facts:
  said: x
set:
  '@timestamp': {{from: $.eventTime, as: time}}
  message: {{template: 'by {{$.userAgent|{quoted.replace("{", "(").replace("}", ")")}}}'}}
  event.action: {{from: $.errorCode, table: '{quoted} ', default: '{quoted}', after: '{quoted}'}}
  event.reason: {{from: '$.x.{quoted.replace(".", "") or "x"} .y'}}
  event.code: {{from: said}}
  event.id: {{when: {{$.eventName: ['{quoted}', ConsoleLogin]}}, value: '{quoted}'}}
""",
    )


@pytest.mark.parametrize("word", NASTY)
def test_a_mapping_full_of_code_gives_the_same_names_as_a_plain_one(
    tiny: Tiny, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for text in ("plain", word):
        nasty(tiny, text)
        functions = compiled(tiny.normalizer("nasty"), monkeypatch)
        assert functions
        found.append(
            {name for function in functions for name in names_in(function.__code__) | set(function.__globals__)}
        )
        monkeypatch.undo()
    assert found[0] == found[1]


@pytest.mark.parametrize("word", NASTY)
def test_no_word_of_a_mapping_is_ever_parsed_as_code(tiny: Tiny, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[set[str]] = []
    original = ast.parse

    def parse(source: str, *args: Any, **options: Any) -> ast.AST:
        parsed[-1].add(source)
        return original(source, *args, **options)

    monkeypatch.setattr(ast, "parse", parse)
    for text in ("plain", word):
        nasty(tiny, text)
        parsed.append(set())
        coding._filler.cache_clear()
        tiny.normalizer("nasty")(RECORD)
    assert parsed[0]
    assert parsed[1] <= parsed[0]


@pytest.mark.parametrize("word", NASTY)
def test_such_words_come_out_as_they_went_in(tiny: Tiny, word: str) -> None:
    nasty(tiny, word)
    result = tiny.normalizer("nasty")(RECORD)
    assert isinstance(result, tuple)
    assert (result[0]["event"]["code"], result[0]["event"]["id"]) == (word, word)
    assert result[0]["message"] == "by " + word.replace("{", "(").replace("}", ")")
    assert result[0]["event"]["action"] == word


@pytest.mark.parametrize("word", NASTY)
def test_such_keys_of_a_record_are_read_by_path_and_kept(tiny: Tiny, word: str) -> None:
    if "." in word:
        return
    quoted = word.replace("'", "''")
    tiny.ecs(f"event.reason: {{from: '$.additionalEventData.{quoted}'}}\naws.cloudtrail.flattened.rest: {{rest: $}}")
    event = tiny.event(additionalEventData={word: "value", "other": {word: 1}})
    assert event["event"]["reason"] == "value"
    assert event["aws"]["cloudtrail"]["flattened"]["rest"]["additionalEventData"] == {"other": {word: 1}}
