"""Writes what came into the tests, in the place of what was expected; the rest of the file stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from doorlog.testing.trying import Result
from doorlog.testing.values import written


class _Edit(NamedTuple):
    """What stands between two places of the text is replaced."""

    begin: int
    end: int
    text: str


def rewritten(text: str, results: Sequence[Result]) -> str:
    """The text of a file of tests, with the expectations that differ written anew, and some where there were none."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    edits: list[_Edit] = []
    for result in results:
        at = (result.case.mark.line - 1, result.case.mark.column - 1)
        node = next(node for node in _value(root, "tests").value if _place(node) == at)
        for difference in result.differences:
            if difference.expected is not None:
                mark = difference.expected.mark
                edits.append(_replaced(node, text, (mark.line - 1, mark.column - 1), difference.got))
        if result.own and not result.differences:
            edits.append(_added(node, text, result.own))
    for edit in sorted(edits, reverse=True):
        text = text[: edit.begin] + edit.text + text[edit.end :]
    return text


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line, node.start_mark.column


def _value(node: Any, key: str) -> Any:
    return next(value for name, value in node.value if name.value == key)


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    """All keys inside a node, with their values."""
    if isinstance(node, yaml.MappingNode):
        return [pair for key, value in node.value for pair in [(key, value), *_pairs(value)]]
    return [pair for item in node.value for pair in _pairs(item)] if isinstance(node, yaml.SequenceNode) else []


def _replaced(test: yaml.Node, text: str, at: tuple[int, int], got: Any) -> _Edit:
    """The edit of the value whose key stands at this place."""
    value = next(value for key, value in _pairs(test) if _place(key) == at)
    begin, end = value.start_mark.index, _end(value, text)
    if begin == end:  # an empty value, which is nothing
        return _Edit(begin, end, f" {written(got)}" if text[begin - 1] == ":" else written(got))
    return _Edit(begin, end, written(got))


def _end(node: yaml.Node, text: str) -> int:
    """The place behind the last character of a node; of a block, PyYAML says where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last, text)
    begin = int(node.start_mark.index)
    return begin + len(text[begin : node.end_mark.index].rstrip())


def _added(test: Any, text: str, own: Sequence[tuple[str, Any]]) -> _Edit:
    """The edit that adds `expect` to a test that has none."""
    end = _end(test, text)
    if test.flow_style:
        inside = ", ".join(f"{written(path)}: {written(value)}" for path, value in own)
        return _Edit(end - 1, end - 1, f", expect: {{{inside}}}")
    indent = " " * test.start_mark.column
    lines = [f"{indent}expect:", *(f"{indent}  {written(path)}: {written(value)}" for path, value in own)]
    return _Edit(end, end, "\n" + "\n".join(lines))
