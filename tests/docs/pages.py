"""The documents of the project, and what is fenced in them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(?P<what>[^\n`]*)\n(?P<text>.*?)^```$", re.M | re.S)


class Fence(NamedTuple):
    """A fenced block: what is written behind the backticks, and the text."""

    what: str
    text: str
    line: int


def pages() -> list[Path]:
    """Every document for users and contributors."""
    folders = ("docs", "examples", "tests/golden", "benchmarks")
    found = [*ROOT.glob("*.md"), *(page for folder in folders for page in (ROOT / folder).rglob("*.md"))]
    return sorted(page for page in found if page.name != "LICENSE.md")


def fences(page: Path, what: str | None = None) -> list[Fence]:
    """The fenced blocks of a page, in their order."""
    text = page.read_text("utf-8")
    found = [
        Fence(match["what"].strip(), match["text"], text[: match.start()].count("\n") + 2)
        for match in FENCE.finditer(text)
    ]
    return [fence for fence in found if what is None or fence.what == what]


def only(page: Path, what: str) -> str:
    """The text of the one block of that name."""
    (fence,) = fences(page, what)
    return fence.text


class Typed(NamedTuple):
    """One command of a console block, and what it is said to print."""

    command: str
    printed: str


def typed(text: str) -> list[Typed]:
    """The commands of a console block: a line after `$ ` is one, and what follows up to the next is printed by it."""
    parts = re.split(r"^\$ ", text, flags=re.M)
    assert parts[0] == "", "a console block begins with a command"
    return [Typed(command, printed) for command, _, printed in (part.partition("\n") for part in parts[1:])]


def shell(command: str, folder: Path, path: str) -> str:
    """What a user sees who types the command there: stdout and stderr, as they come."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOORLOG_", "PYTHON"))}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.stdout.decode()
