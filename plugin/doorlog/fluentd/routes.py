"""Where Doorlog stands in a Fluentd configuration, and where what it makes goes from there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from doorlog.fluentd.section import Section

OUTPUTS = ("match", "store", "secondary")

_SHELLS = {"ash", "bash", "dash", "ksh", "sh", "zsh"}
_SCRIPT = re.compile(r"-[a-z]*c")


class Child(NamedTuple):
    """An exec_filter or a filter plugin that starts Doorlog, and the label (or the root) that it stands in."""

    section: Section
    around: Section
    words: tuple[str, ...]

    def has(self, *options: str) -> bool:
        """Whether the command has one of these options."""
        return any(word.split("=")[0] in options for word in self.words)

    def values(self, option: str) -> list[str]:
        """What is given to an option, each time that it is given."""
        pairs = zip(self.words, self.words[1:], strict=False)
        after = [value for word, value in pairs if word == option]
        return after + [word.partition("=")[2] for word in self.words if word.startswith(f"{option}=")]

    def tags(self) -> list[str]:
        """The tags that it gives to events and rejects, as far as its command says them."""
        prefix = (self.values("--tag-prefix") or ["doorlog"])[-1]
        targets = [name for name in self.values("--to") or ["ecs"] if "/" not in name and "." not in name]
        names = [name.partition("@")[0] for name in targets] + ([] if self.has("--rejects") else ["reject"])
        return [f"{prefix}.{name}" for name in names]


def labels(root: Section) -> dict[str, Section]:
    """Each label by its name."""
    return {label.argument: label for label in root.of("label")}


def children(root: Section) -> list[Child]:
    """Every place where Doorlog is started."""
    found = []
    for around in (root, *root.of("label")):
        for section in _all(around):
            words = _words(section.value("command"))
            known = section.type == "doorlog" or (section.type == "exec_filter" and _is_doorlog(words))
            if section.name in ("match", "filter", "store") and known:
                found.append(Child(section, around, words))
    return found


def downstream(root: Section, found: list[Child]) -> list[Section]:
    """The outputs that events and rejects reach; all there are, where no Doorlog is started."""
    named = labels(root)
    if not found:
        places = [root, *named.values()]
    else:
        places = [named[name] for child in found for name in _goes_to(child) if name in named]
        places += [child.around for child in found if child.section.type == "doorlog"]
    waiting = [output for place in places for output in _outputs(place)]
    waiting += [output for child in found for output in _unlabelled(child)]
    reached: list[Section] = []
    for output in waiting:
        if output in reached or any(output is child.section for child in found):
            continue
        reached.append(output)
        onward = named.get(output.value("@label"))
        if output.type in ("relabel", "exec_filter") and onward is not None and onward not in places:
            places.append(onward)
            waiting += _outputs(onward)
    return reached


def takes(pattern: str, tag: str) -> bool:
    """Whether a `<match>` with this pattern takes a tag."""
    return any(re.fullmatch(_regex(each), tag) for each in pattern.split())


def _regex(pattern: str) -> str:
    parts = re.split(r"(\.\*\*$|^\*\*\.|\*\*|\*|\{[^}]*\})", pattern)
    return "".join(_part(part) for part in parts)


def _part(part: str) -> str:
    known = {".**": r"(\..*)?", "**.": r"(.*\.)?", "**": ".*", "*": r"[^.]+"}
    if part in known:
        return known[part]
    if part.startswith("{"):
        return f"(?:{'|'.join(map(re.escape, part[1:-1].split(',')))})"
    return re.escape(part)


def _goes_to(child: Child) -> list[str]:
    if child.section.type == "exec_filter":
        return [child.section.value("@label")]
    return [child.section.value("reject_label") or "@ERROR"]


def _unlabelled(child: Child) -> Iterator[Section]:
    """The outputs that take what comes back from an exec_filter without a label: those around it."""
    if child.section.type == "exec_filter" and not child.section.value("@label"):
        for match in child.around.of("match"):
            if any(takes(match.argument or "**", tag) for tag in child.tags()):
                yield match
                yield from _outputs(match)


def _all(section: Section) -> Iterator[Section]:
    for inner in section.sections:
        if inner.name != "label":
            yield inner
            yield from _all(inner)


def _outputs(place: Section) -> list[Section]:
    return [section for section in _all(place) if section.name in OUTPUTS]


def _words(command: str) -> tuple[str, ...]:
    """The words of a command; those of a script that it gives to a shell by -c stand in the script's place."""
    # A shell ends a command at these, with or without blanks around them.
    parts = shlex.shlex(command, posix=True, punctuation_chars=";&|()`")
    parts.whitespace_split, parts.commenters = True, ""
    try:
        words = tuple(parts)
    except ValueError:
        return tuple(command.split())
    for at, (option, script) in enumerate(pairwise(words)):
        if _SCRIPT.fullmatch(option) and any(_name(word) in _SHELLS for word in words[:at]):
            return words[: at + 1] + _words(script)
    return words


def _is_doorlog(words: tuple[str, ...]) -> bool:
    return any(_name(word) == "doorlog" for word in words)


def _name(word: str) -> str:
    return word.rpartition("/")[2]
