"""The tables of the documents that the program itself knows best."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from importlib import import_module
from inspect import getsource

import click

from doorlog.cli.exits import Exit
from doorlog.cli.list import WHAT
from doorlog.cli.verbs import VERBS
from doorlog.mapping.functions import FUNCTIONS

KEPT = {"never": "", "if equal": "where the result equals it", "if given": "yes"}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), ["---"] * len(list(head)), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _command(verb: str) -> click.Command:
    command = import_module(f"doorlog.cli.{verb}").command
    assert isinstance(command, click.Command)
    return command


def _options(command: click.Command) -> list[click.Option]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def _spelled(option: click.Option) -> str:
    if option.is_flag:
        return f"`{option.opts[0]}`"
    choice = option.type.choices if isinstance(option.type, click.Choice) else None
    return f"`{option.opts[0]} {'|'.join(map(str, choice)) if choice else option.metavar}`"


def _default(option: click.Option) -> str:
    given = option.default
    if option.is_flag or given in (None, ()) or type(given).__name__ == "Sentinel":
        return ""
    return f"`{' '.join(map(str, given)) if isinstance(given, tuple | list) else given}`"


def _named(option: click.Option) -> str:
    return f"`DOORLOG_{str(option.name).upper()}`" if option.allow_from_autoenv else ""


def verbs() -> str:
    return _table(("verb", "what it does"), ((f"`{verb}`", about) for verb, about in VERBS.items()))


def run_options() -> str:
    rows = ((_spelled(o), _default(o), _named(o), str(o.help)) for o in _options(_command("run")))
    return _table(("option", "default", "environment", "what it does"), rows)


def other_options() -> str:
    rows = [("`doorlog`", "`--version`", "Show versions."), ("every verb", "`-h`, `--help`", "Show help.")]
    for verb in VERBS:
        if verb not in ("run", "replay"):
            rows += [(f"`{verb}`", _spelled(option), str(option.help)) for option in _options(_command(verb))]
            usage = " ".join(_command(verb).collect_usage_pieces(click.Context(_command(verb)))[1:])
            rows.append((f"`{verb}`", f"`{usage}`", str(_command(verb).help).split("\n")[0]))
    return _table(("verb", "option", "what it does"), rows)


def exit_codes() -> str:
    rows = ((f"{int(code)}", about) for code, about in _said(Exit).items())
    return _table(("code", "what it says"), rows)


def _said(codes: type[IntEnum]) -> dict[IntEnum, str]:
    """Each member with the text below it."""
    found = re.findall(r'^    ([A-Z]+) = [0-9]+\n    """(.+)"""', getsource(codes), re.M)
    assert [name for name, _ in found] == list(codes.__members__)
    return {codes[name]: about for name, about in found}


def _listed(what: str, head: str) -> str:
    return _table((head, "what it is"), ((f"`{name}`", about) for name, about in WHAT[what](())))


def functions(casts: bool) -> str:
    rows = []
    for name, function in FUNCTIONS.items():
        if function.cast is casts:
            kept = f"for {' and '.join(sorted(map(str, function.canonical)))}" if function.canonical else ""
            written = f"as: {name}" if casts else f"{name}: {'TEXT' if function.argument else 'true'}"
            rows.append((f"`{written}`", function.gives, function.summary, kept or KEPT[function.keeps]))
    return _table(("written", "gives", "what it gives", "keeps the value"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "verbs": verbs,
    "run options": run_options,
    "other options": other_options,
    "exit codes": exit_codes,
    "reasons": lambda: _listed("reasons", "reason"),
    "skips": lambda: _listed("skips", "name"),
    "kinds": lambda: _listed("kinds", "kind"),
    "steps": lambda: functions(casts=False),
    "casts": lambda: functions(casts=True),
}

_PART = re.compile(r"<!-- (?P<name>[a-z ]+) -->\n(?P<text>.*?)<!-- end -->", re.S)


def parts(text: str) -> dict[str, str]:
    """The generated parts of a page, as they stand in it."""
    return {match["name"]: match["text"] for match in _PART.finditer(text)}


def renewed(text: str) -> str:
    """The page with its generated parts as they have to be."""
    return _PART.sub(lambda part: f"<!-- {part['name']} -->\n\n{PARTS[part['name']]()}\n\n<!-- end -->", text)
