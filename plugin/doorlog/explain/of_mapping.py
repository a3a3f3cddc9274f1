"""Where the parts of a mapping come from, as text and as JSON."""

from __future__ import annotations

from pathlib import Path

from doorlog.log import visible
from doorlog.mapping.find import Stack
from doorlog.mapping.origins import Origin, Said, origins

_BEFORE = {"says": "instead of", "appends": "behind", "changes": "a part of", "removes": "which was"}


def as_text(stack: Stack) -> str:
    """The files in their order, then each rule, fact, table row and kind with its place, and what that took over."""
    lines = ["files, each counting over those before it:", *(f"  {file.mark.file}" for file in stack.files)]
    groups: dict[str, list[Origin]] = {}
    for origin in sorted(origins(stack), key=lambda origin: origin.part != "set"):
        groups.setdefault(" of ".join(filter(None, (origin.part, origin.of_class))), []).append(origin)
    for name, members in groups.items():
        width = max(len(origin.name) for origin in members)
        lines += ["", f"{name}:", *(f"  {origin.name:<{width}}  {_line(origin)}" for origin in members)]
    return "\n".join(map(visible, lines))


def as_json(stack: Stack) -> dict[str, object]:
    """The same, with all that each file does about something, in the files' order."""
    return {
        "mapping": stack.name,
        "files": [file.mark.file for file in stack.files],
        "origins": [
            {
                "part": origin.part,
                "name": origin.name,
                "class": origin.of_class,
                "there": origin.there,
                "said": [
                    {"how": said.how, "file": said.mark.file, "line": said.mark.line, "column": said.mark.column}
                    for said in origin.said
                ],
            }
            for origin in origins(stack)
        ],
    }


def _line(origin: Origin) -> str:
    *before, last = origin.said
    line = f"removed at {_place(last)}" if last.how == "removes" else _place(last)
    if before:
        line += f" ({_BEFORE[last.how]} {_place(before[-1])})"
    return line


def _place(said: Said) -> str:
    return f"{Path(said.mark.file).name}:{said.mark.line}"
