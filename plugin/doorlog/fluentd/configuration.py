"""Fluentd's configuration as a tree in which everything knows its file and line.

Fluentd's v1 format: sections `<name argument>` ... `</name>`, parameters `key value`, comments after `#`, values of
several lines where a quoted text, an array or a map is open, and `@include`, which is followed where it names files. A
file is YAML if it is named so, as Fluentd has it, or begins so: `--config-file-type` has Fluentd read it by any name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from doorlog.fluentd import yaml_configuration
from doorlog.fluentd.flat import unfold
from doorlog.fluentd.section import Parameter, Section

_OPENS = re.compile(r"<(?P<name>[A-Za-z0-9_]+)(?:\s+(?P<argument>[^>]*?))?\s*>\s*(?:#.*)?$")
_CLOSES = re.compile(r"</(?P<name>[A-Za-z0-9_]+)\s*>\s*(?:#.*)?$")
# In a folder that is there, a pattern may match nothing yet; Fluentd reads nothing there either.
_WILD = re.compile(r"[^{]*[*?][^{]*")
_YAML = re.compile(r"(---|%YAML|(config|system)\s*:|- )")
_DEEPEST = 16


class Unfollowed(NamedTuple):
    """An `@include`, or a part of a file, that can't be read here, and why."""

    file: str
    line: int
    why: str


class Reading:
    """Reads files into one tree; `unfollowed` holds what could not be read."""

    def __init__(self) -> None:
        self.root = Section("ROOT", "", "", 0)
        self.unfollowed: list[Unfollowed] = []

    def read(self, path: Path) -> None:
        """Adds a file to the tree; raises OSError where it can't be read."""
        self._file(path, self.root, 0)
        unfold(self.root)

    def _file(self, path: Path, into: Section, depth: int) -> None:
        lines = path.read_text("utf-8", "replace").splitlines()
        first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
        if path.suffix in (".yaml", ".yml") or _YAML.match(first):
            self._yaml("\n".join(lines), path, into, depth)
            return
        around = [into]
        at = 0
        while at < len(lines):
            line, number = lines[at].strip(), at + 1
            at += 1
            here = around[-1]
            if not line or line.startswith("#"):
                continue
            if match := _CLOSES.match(line):
                if len(around) > 1 and match["name"] == here.name:
                    around.pop()
                else:
                    self.unfollowed.append(Unfollowed(str(path), number, f"{line} closes what is not open"))
            elif match := _OPENS.match(line):
                around.append(Section(match["name"], match["argument"] or "", str(path), number))
                here.sections.append(around[-1])
            else:
                key, rest = (*line.split(None, 1), "")[:2]
                while _open(rest) and at < len(lines):
                    rest += "\n" + lines[at]
                    at += 1
                if key in ("@include", "include"):
                    self._include(_plain(rest), path, number, here, depth)
                else:
                    here.parameters[key] = Parameter(_plain(rest), str(path), number)
        for left in around[1:]:
            self.unfollowed.append(Unfollowed(str(path), left.line, f"<{left.name}> is never closed"))

    def _yaml(self, text: str, path: Path, into: Section, depth: int) -> None:
        try:
            yaml_configuration.read(
                text, str(path), into, lambda what, line, to: self._include(what, path, line, to, depth)
            )
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.unfollowed.append(Unfollowed(str(path), line, f"it is no YAML: {error.problem}"))

    def _include(self, what: str, by: Path, line: int, into: Section, depth: int) -> None:
        if "://" in what and not what.startswith("file://"):
            self.unfollowed.append(Unfollowed(str(by), line, f"@include {what} is not on this machine"))
            return
        pattern = Path(what.removeprefix("file://"))
        whole = pattern if pattern.is_absolute() else by.parent / pattern
        found = sorted(Path(whole.anchor).glob(str(whole.relative_to(whole.anchor))))
        if not found and _WILD.fullmatch(whole.name) and whole.parent.is_dir():
            return
        if not found or depth >= _DEEPEST:
            why = "names no file" if not found else "goes round"
            self.unfollowed.append(Unfollowed(str(by), line, f"@include {what} {why}"))
            return
        for path in found:
            try:
                self._file(path, into, depth + 1)
            except OSError as error:
                self.unfollowed.append(Unfollowed(str(by), line, f"@include {what}: {error.strerror}"))


def _open(text: str) -> bool:
    """Whether a value goes on in the next line."""
    text = text.strip()
    if text.startswith('"'):
        return len(re.findall(r'(?<!\\)"', text)) % 2 == 1
    return text.startswith(("[", "{")) and (text.count("[") > text.count("]") or text.count("{") > text.count("}"))


def _plain(text: str) -> str:
    """The value without its quotes, or without the comment behind it."""
    text = text.strip()
    if match := re.match(r"""(["'])(.*?)(?<!\\)\1\s*(#.*)?$""", text, re.DOTALL):
        return match[2]
    return re.sub(r"\s+#.*$", "", text).strip()
