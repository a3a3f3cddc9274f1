"""Fluentd's configuration in YAML, which it takes since 1.15, as the same tree as one in its own format.

    config:
      - match:
          $tag: cloudtrail.**
          $type: exec_filter
          buffer: {$type: file, path: /var/lib/fluentd/buffer}

`$type` and other names with a dollar are those with `@`, or what stands behind the name of a section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from doorlog.fluentd.section import Parameter, Section

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ARGUMENTS = ("$tag", "$name", "$arg")
_BOOLEANS = {"yes": "true", "on": "true", "no": "false", "off": "false"}

Include = Callable[[str, int, Section], None]
"""What reads the files of an `!include` (a pattern, and the line that it stands in) into a section."""


def read(text: str, file: str, into: Section, include: Include) -> None:
    """Adds what a file says to the section; raises yaml.MarkedYAMLError where it is no YAML."""
    node = yaml.compose(text, _LOADER)
    if isinstance(node, yaml.SequenceNode):
        _all(node, file, into, include)
        return
    for key, value in _members(node):
        if key.value == "config":
            _all(value, file, into, include)
        else:
            into.sections += _sections(key, value, file, include)


def _all(node: yaml.Node, file: str, into: Section, include: Include) -> None:
    """Each section of a list."""
    for item in node.value if isinstance(node, yaml.SequenceNode) else ():
        if item.tag == "!include":
            include(item.value, _line(item), into)
        for key, value in _members(item):
            into.sections += _sections(key, value, file, include)


def _sections(key: yaml.Node, value: yaml.Node, file: str, include: Include) -> list[Section]:
    """The section of this name, or several where there is a list of them."""
    if isinstance(value, yaml.SequenceNode):
        return [section for item in value.value for section in _sections(key, item, file, include)]
    made = Section(key.value, "", file, _line(key))
    for name, inner in _members(value):
        if name.value in _ARGUMENTS:
            made.argument = _text(inner)
        elif name.value == "config" and key.value in ("label", "worker"):
            _all(inner, file, made, include)
        elif _is_section(inner):
            made.sections += _sections(name, inner, file, include)
        else:
            made.parameters[name.value.replace("$", "@", 1)] = Parameter(_text(inner), file, _line(name))
    return [made]


def _is_section(node: yaml.Node) -> bool:
    if isinstance(node, yaml.SequenceNode):
        return bool(node.value) and not isinstance(node.value[0], yaml.ScalarNode)
    return isinstance(node, yaml.MappingNode)


def _members(node: yaml.Node | None) -> Iterator[tuple[Any, Any]]:
    """The members of a mapping, with those that `<<` brings."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == "<<":
            yield from _members(value)
        else:
            yield key, value


def _text(node: yaml.Node) -> str:
    if isinstance(node, yaml.SequenceNode):
        return ",".join(map(_text, node.value))
    value = str(node.value)
    return _BOOLEANS.get(value.lower(), value) if node.tag.endswith(":bool") else value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
