"""An explanation as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import click

from doorlog.explain.explanation import Explanation, Field
from doorlog.explain.lines import Line, in_a_row, lines, place, shown, why
from doorlog.explain.steps import Read, Step
from doorlog.log import visible
from doorlog.mapping.parse_expr import hint
from doorlog.record import Reject, Skip
from doorlog.rejects import REASONS
from doorlog.schema import written

Paint = Callable[..., str]

_FOLLOWS = {
    "caption": "the caption of {}",
    "type": "follows from {}",
    "gathered": "gathered from {}",
    "observable": "an observable, from {}",
}


def as_text(told: Explanation, where: str, only: Sequence[str] = (), colour: bool = False) -> str:
    """The explanation; with `only`, of those fields (and all below them) and the facts that they came from."""
    paint: Paint = click.style if colour else (lambda text, **_style: str(text))
    out = [*_head(told, where, paint)]
    if told.event is None:
        return "\n".join(out)
    fields = [field for field in told.fields if not only or _is_asked_for(field.path, only)]
    for field in fields:
        if field.how != "rest":
            out += _field(field, paint)
    names = {name for field in fields for name in field.facts}
    facts = {name: step for name, step in (told.facts or {}).items() if not only or name in names}
    if facts:
        out += ["", paint("Facts", bold=True)]
        for name, step in facts.items():
            out += _fact(name, step, paint)
    if not only:
        out += _left(told, paint)
    paths = [*(field.path for field in told.fields), *(one.path for one in told.silent)]
    for asked in only:
        if not any(_is_asked_for(path, [asked]) for path in paths):
            out += ["", f"no rule writes {visible(asked)}{hint(asked, paths)}"]
    silent = [one for one in told.silent if not only or _is_asked_for(one.path, only)]
    if silent:
        out += ["", paint("Rules that wrote nothing", bold=True)]
        for one in silent:
            reason = "" if one.why == "gives nothing" else f"  {visible(one.why)}"
            out.append(_row(f"  {one.path}{reason}", place(one.rule), paint, dim=True))
            out += [_line(line, paint, 2) for line in lines(one.step)] if only else []
    return "\n".join(out)


def _is_asked_for(path: str, only: Sequence[str]) -> bool:
    return any(path == one or path.startswith(f"{one}.") for one in only)


def _head(told: Explanation, where: str, paint: Paint) -> Iterator[str]:
    writes = f"{told.mapping.name} ({told.mapping.writes})"
    match told.result:
        case Reject(reason, problems, _):
            yield f"{visible(where)}: {paint('rejected', fg='red', bold=True)}, {reason}: {REASONS[reason]}"
            for problem in problems:
                yield f"  {visible(problem.path)}: {problem.rule}: {problem.expected}"
        case Skip(name):
            yield f"{visible(where)}: {paint('skipped', fg='yellow', bold=True)}, {name}"
        case _:
            yield f"{visible(where)}: an event of {paint(writes, bold=True)}"
    if told.kind is not None:
        fits = told.tried[-1]
        yield _row(f"  kind {paint(fits.name, bold=True)}  when {visible(why(fits.test))}", place(fits.mark), paint)
    elif told.tried and isinstance(told.result, Skip):
        yield f"  of no kind; {len(told.tried)} were tried"
    yield ""


def _field(field: Field, paint: Paint) -> Iterator[str]:
    said = f"{paint(visible(field.path), bold=True)}  {paint(visible(shown(field.value)), fg='green')}"
    if field.how == "rule" and field.rule is not None and field.step is not None:
        yield from _with_steps(said, field.step, place(field.rule), paint, 1)
        return
    about = _FOLLOWS.get(field.how, "what the target says of itself").replace("{}", ", ".join(field.follows))
    yield f"{said}  {paint(about, dim=True)}"


def _fact(name: str, step: Step, paint: Paint) -> Iterator[str]:
    said = f"  {paint(name, bold=True)}  {paint(visible(shown(step.value)), fg='cyan')}"
    yield from _with_steps(said, step, place(step.mark), paint, 2)


def _with_steps(said: str, step: Step, where: str, paint: Paint, depth: int) -> Iterator[str]:
    """A line, with what it came from behind it if that is short, and below it otherwise."""
    row = in_a_row(step)
    if row is not None:
        yield _row(f"{said}  {paint(f'<- {visible(row)}', dim=True)}", where, paint)
        return
    yield _row(said, where, paint)
    if step.what != "constant":
        yield from (_line(line, paint, depth) for line in lines(step))


def _line(line: Line, paint: Paint, depth: int) -> str:
    sign = {"taken": paint("+ ", fg="green"), "passed": paint("- ", dim=True), "": ""}[line.sign]
    text = visible(line.text)
    gave = f"  {visible(line.gave)}" if line.gave else ""
    if line.sign == "passed":
        text, gave = paint(text, dim=True), paint(gave, dim=True)
    return _row(f"{'  ' * (depth + line.depth)}{sign}{text}{gave}", place(line.mark), paint)


def _left(told: Explanation, paint: Paint) -> Iterator[str]:
    if told.left:
        yield from ("", paint("Kept by no rule, and so left to a rest", bold=True))
        for field in told.left:
            yield f"  {_read(field.reads[0])}  {paint(f'in {visible(field.path)}', dim=True)}"
    if told.lost:
        yield from ("", paint("In no field of the event (the mapping has no `rest` for it)", bold=True))
        for read in told.lost:
            yield f"  {_read(read)}"


def _read(read: Read) -> str:
    return f"{visible(written(read.keys))}  {visible(shown(read.value))}"


def _row(text: str, where: str, paint: Paint, dim: bool = False) -> str:
    """A line with a place at its end, in a column of its own where there is room."""
    width = len(click.unstyle(text))
    return f"{paint(text, dim=True) if dim else text}{' ' * max(2, 88 - width)}{paint(visible(where), dim=True)}"
