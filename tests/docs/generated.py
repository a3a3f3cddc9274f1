"""The tables of the documents that the program itself knows best."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from importlib import import_module
from inspect import getsource
from textwrap import fill

import click

from doorlog.cli.exits import Exit
from doorlog.cli.list import WHAT
from doorlog.cli.verbs import VERBS
from doorlog.mapping.functions import FUNCTIONS, HIDING, Example, Function
from doorlog.mapping.load import load

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
            rows += _rows(verb, _command(verb))
    return _table(("verb", "option", "what it does"), rows)


def _rows(verb: str, command: click.Command) -> list[tuple[str, str, str]]:
    if isinstance(command, click.Group):
        return [row for name, each in command.commands.items() for row in _rows(f"{verb} {name}", each)]
    rows = [(f"`{verb}`", _spelled(option), str(option.help)) for option in _options(command)]
    usage = " ".join(command.collect_usage_pieces(click.Context(command))[1:])
    return [*rows, (f"`{verb}`", f"`{usage}`" if usage else "", str(command.help).split("\n")[0])]


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


def _kept(function: Function) -> str:
    canonical = " and ".join(sorted(map(str, function.canonical)))
    return f"for {canonical}" if canonical else KEPT[function.keeps]


def functions(casts: bool) -> str:
    rows = [
        (f"`{function.usage}`", function.gives, function.summary, _kept(function))
        for function in FUNCTIONS.values()
        if function.cast is casts
    ]
    return _table(("written", "gives", "what it gives", "keeps the value"), rows)


def described(casts: bool) -> str:
    return "\n\n".join(_described(function) for function in FUNCTIONS.values() if function.cast is casts)


def _described(function: Function) -> str:
    takes = "any value" if function.takes == "any" else "a text"
    said = [f"`{function.usage}`", f"takes {takes}", f"gives {_GIVES[function.gives]}"]
    said += [f"gives nothing where {function.fails}"] if function.fails else []
    said += [f"keeps the value {_kept(function).removeprefix('yes')}".rstrip()] if _kept(function) else []
    examples = "\n".join(_shown(function, example) for example in function.examples)
    signature = fill(f"{'; '.join(said)}.", 120, break_long_words=False, break_on_hyphens=False)
    summary = fill(function.summary, 120, break_long_words=False, break_on_hyphens=False)
    return f"### {function.name}\n\n{summary}\n\n{signature}\n\n```\n{examples}\n```"


_GIVES = {
    "text": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "list": "a list",
    "any": "a value",
}


def _shown(function: Function, example: Example) -> str:
    given = json.dumps(example.given)
    result = "nothing" if example.gives is None else json.dumps(example.gives)
    said = function.usage if function.argument is None else f"{function.name}: {json.dumps(example.argument)}"
    return f"{given}  {said}  -> {result}"


def traps() -> str:
    from doorlog.fluentd.traps import TRAPS

    return _table(("trap", "what it is"), ((f"`{name}`", about) for name, about in TRAPS.items()))


def sent_away() -> str:
    from doorlog.relay.server import SENT_AWAY

    return _table(("reason", "what it is"), ((f"`{name}`", about) for name, about in SENT_AWAY.items()))


def facts() -> str:
    about = load("aws-signin").about
    return _table(("fact", "what it is"), ((f"`{name}`", str(said.value)) for name, said in about.items()))


PARTS: dict[str, Callable[[], str]] = {
    "verbs": verbs,
    "run options": run_options,
    "other options": other_options,
    "exit codes": exit_codes,
    "traps": traps,
    "sent away": sent_away,
    "reasons": lambda: _listed("reasons", "reason"),
    "skips": lambda: _listed("skips", "name"),
    "facts": facts,
    "kinds": lambda: _listed("kinds", "kind"),
    "steps": lambda: functions(casts=False),
    "casts": lambda: functions(casts=True),
    "step functions": lambda: described(casts=False),
    "cast functions": lambda: described(casts=True),
    "hiding functions": lambda: "\n\n".join(map(_described, HIDING.values())),
}

_PART = re.compile(r"<!-- (?P<name>[a-z ]+) -->\n(?P<text>.*?)<!-- end -->", re.S)


def parts(text: str) -> dict[str, str]:
    """The generated parts of a page, as they stand in it."""
    return {match["name"]: match["text"] for match in _PART.finditer(text)}


def renewed(text: str) -> str:
    """The page with its generated parts as they have to be."""
    return _PART.sub(lambda part: f"<!-- {part['name']} -->\n\n{PARTS[part['name']]()}\n\n<!-- end -->", text)
