"""YAML as mappings are written in it: what a scalar is, and what is refused, with its place."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from doorlog.errors import MappingError
from doorlog.mapping.strict_yaml import MAX_BYTES, MAX_DEPTH, Map, Node, Remove, Scalar, Seq, load


def plain(node: Node) -> object:
    match node:
        case Map():
            return {key: plain(value) for key, value in node}
        case Seq(items, _):
            return [plain(item) for item in items]
        case Scalar(value, _):
            return value
        case Remove():
            return Remove


def value(text: str) -> object:
    loaded = plain(load(f"a: {text}\n", "f.yaml"))
    assert isinstance(loaded, dict)
    return loaded["a"]


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "NO",
        "Off",
        "True",
        "TRUE",
        "False",
        "NULL",
        "Null",
        "~",
        "012",
        "0o14",
        "0x1f",
        "1:30",
        "1e3",
        "1.10",
        "1_000",
        ".inf",
        ".nan",
        "2024-01-01",
        "2024-01-01T00:00:00Z",
        "0123456701",
        "123456789012",
        "=",
        "-5",
        "+5",
        "9.4.0",
        "$.eventName",
        "10.0.0.0/8",
    ],
)
def test_a_plain_scalar_is_its_text(text: str) -> None:
    assert value(text) == text


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("false", False), ("null", None), ("", None)])
def test_true_false_and_null_are_no_texts(text: str, expected: object) -> None:
    assert value(text) is expected


@pytest.mark.parametrize("text", ['"true"', "'true'", "|-\n  true", ">-\n  true"])
def test_quoted_they_are(text: str) -> None:
    assert value(text) == "true"


def test_remove_is_a_mark_of_its_own() -> None:
    assert value("!remove") is Remove


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "the file is empty"),
        ("# nothing\n", "1:1", "the file is empty"),
        ("- a\n", "1:1", "keys and values"),
        ("text\n", "1:1", "keys and values"),
        ("a: b\na: c\n", "2:1", "twice, first at line 1"),
        ('a: b\n"a": c\n', "2:1", "twice, first at line 1"),
        ("x:\n  a: b\n  b: c\n  a: d\n", "4:3", "twice, first at line 2"),
        ("a: &x foo\n", "1:4", "anchors"),
        ("a: [*x]\n", "1:5", "aliases"),
        ("a: foo\n*x : bar\n", "2:1", ""),
        ("<<: {a: b}\n", "1:1", "merge keys"),
        ("a: {b: c, <<: {d: e}}\n", "1:11", "merge keys"),
        ("? [a]\n: b\n", "1:3", "a key is a text"),
        ("? {a: b}\n: c\n", "1:3", "a key is a text"),
        ("a: !foo b\n", "1:4", "tag"),
        ("a: !!python/object/apply:os.system [x]\n", "1:4", "tag"),
        ("a: !!binary aGk=\n", "1:4", "tag"),
        ("a: !!set {x}\n", "1:4", "tag"),
        ("a: !!str true\n", "1:4", "tag"),
        ("a: !!bool yes\n", "1:4", "tag"),
        ('a: !!int "5"\n', "1:4", "tag"),
        ("a: !!map {b: c}\n", "1:4", "tag"),
        ("!foo a: b\n", "1:1", "tag"),
        ("!remove a: b\n", "1:1", ""),
        ("a: !remove x\n", "1:4", ""),
        ("a: !remove {b: c}\n", "1:4", ""),
        ("a: b\n---\nc: d\n", "", "one document"),
        ("a: [b\n", "2:1", "not readable as YAML"),
        ("a: b: c\n", "1:5", "not readable as YAML"),
        ("a:\n\t- b\n", "2:1", "a tab can't indent in YAML; write blanks"),
        ("a: @x\n", "1:4", "not readable as YAML"),
        ("a: b\nc: \x00\n", "2:4", ""),
        ("a: b\nc: \x1b\n", "2:4", ""),
        ("a: " + "[" * (MAX_DEPTH + 5) + "]" * (MAX_DEPTH + 5), "", "levels deep"),
        ("a: " + "{a: " * (MAX_DEPTH + 5) + "}" * (MAX_DEPTH + 5), "", "levels deep"),
        ("a: '" + "x" * MAX_BYTES + "'\n", "1:1", f"at most {MAX_BYTES} bytes"),
    ],
)
def test_what_else_yaml_has_is_refused_where_it_stands(text: str, place: str, message: str) -> None:
    with pytest.raises(MappingError) as refused:
        load(text, "f.yaml")
    first = str(refused.value.findings[0])
    assert first.startswith(f"f.yaml:{place}:" if place else "f.yaml:"), first
    assert message in first


def test_every_breach_is_found_at_once() -> None:
    with pytest.raises(MappingError) as refused:
        load("a: !x 1\nb: &y 2\nc: *y\nd: 3\nd: 4\n<<: {}\n", "f.yaml")
    assert [finding.line for finding in refused.value.findings] == [1, 2, 3, 5, 6]


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(MappingError):
        load("a: \ud800\n", "f.yaml")


@pytest.mark.parametrize("opening", ["[", "{a: ", "[{a: "])
def test_endless_nesting_is_refused_and_ends_no_process(opening: str) -> None:
    # In a process of its own, since what recurses in C would take this one with it.
    code = (
        "from doorlog.errors import MappingError\nfrom doorlog.mapping.strict_yaml import load\n"
        f"try: load('a: ' + {opening!r} * 100_000, 'f.yaml')\nexcept MappingError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=_environment())
    assert (done.returncode, "levels deep" in done.stdout) == (0, True), (
        done.returncode,
        done.stdout,
        done.stderr[-300:],
    )


def test_places_are_counted_from_one_whatever_ends_a_line() -> None:
    for text in ("a: b\nc:\n  d: e\n", "a: b\r\nc:\r\n  d: e\r\n", "\ufeffa: b\nc:\n  d: e\n"):
        loaded = load(text, "f.yaml")
        inner = loaded.get("c")
        assert isinstance(inner, Map)
        assert inner.keys["d"][1:] == (3, 3)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
