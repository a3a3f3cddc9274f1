"""An explanation as one HTML page: record, mapping and event side by side, where pointing at one lights up the others.

The page needs nothing from elsewhere. Records are hostile input: every text is escaped, what could deceive a reader is
written out, and the policy in the page's head lets only its own script and style in, by their hashes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from doorlog.explain.explanation import Explanation, Field
from doorlog.explain.lines import file_name, lines, place, shown, why
from doorlog.explain.steps import Read, Step
from doorlog.log import visible
from doorlog.mapping.strict_yaml import Mark
from doorlog.record import Reject, Skip
from doorlog.rejects import REASONS
from doorlog.schema import written

_HERE = Path(__file__).resolve().parent
_DEEPEST = 12
"""Deeper nesting is indented no further."""

_HOW = {
    "rule": "",
    "caption": "the caption of {}",
    "type": "follows from {}",
    "gathered": "gathered from {}",
    "observable": "an observable, from {}",
    "schema": "what the target says of itself",
    "rest": "kept by no rule, and so left to a rest",
}


@dataclass(slots=True)
class _Links:
    """What lights up with a field: what it came from, and what was only looked at on the way."""

    came: dict[str, None] = field(default_factory=dict)
    looked: dict[str, None] = field(default_factory=dict)


def page(told: Explanation, where: str) -> str:
    """The whole page as text."""
    return _Page(told, where).text()


class _Page:
    def __init__(self, told: Explanation, where: str) -> None:
        self.told = told
        self.where = where
        self.files: dict[str, int] = {}
        self.places: dict[tuple[str | int, ...], str] = {}
        """From the keys of a record's leaf to the id of its line."""
        self.left = {one.reads[0].keys for one in told.left} | {read.keys for read in told.lost}

    def text(self) -> str:
        style, script = ((_HERE / name).read_text("utf-8") for name in ("page.css", "page.js"))
        policy = (
            f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
            " base-uri 'none'; form-action 'none'"
        )
        record = "".join(self.record(self.told.record))
        event, details = self.event()
        mapping = "".join(self.mapping())
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f"<title>{_text(self.where)} by {_text(self.told.mapping.name)}</title>\n"
            f"<style>{style}</style>\n</head>\n<body>\n{self.head()}"
            f'<main>\n<section aria-label="Record"><h2>Record</h2><div class="scroll">{record}</div></section>\n'
            f'<section aria-label="Mapping"><h2>Mapping</h2>{mapping}</section>\n'
            f'<section aria-label="Event"><h2>Event</h2><div class="scroll">{event}</div></section>\n</main>\n'
            f'<aside aria-live="polite" aria-label="Details">{details}</aside>\n'
            f"<script>{script}</script>\n</body>\n</html>\n"
        )

    def head(self) -> str:
        told = self.told
        match told.result:
            case Reject(reason, _, _):
                said = f'<b class="bad">rejected</b>, {_text(reason)}'
            case Skip(name):
                said = f'<b class="bad">skipped</b>, {_text(name)}'
            case _:
                said = f"an event of <b>{_text(told.mapping.name)}</b>, {_text(told.mapping.writes)}"
        kind = f" of the kind <b>{_text(told.kind.name)}</b>" if told.kind is not None else ""
        legend = (
            '<p class="legend">Point at a line, or move to it with Tab; Enter or a click pins it, Escape lets it go.'
            ' <span class="key came">came from</span> <span class="key looked">looked at on the way</span>'
            ' <span class="key left">kept by no rule</span></p>'
        )
        return f"<header><h1>{_text(self.where)}: {said}{kind}</h1>{legend}</header>\n"

    # -- the record --------------------------------------------------------------------------------------------------

    def record(self, value: Any, keys: tuple[str | int, ...] = (), name: str = "", comma: str = "") -> Iterator[str]:
        """The lines of a value of the record; each that holds no others can be pointed at."""
        depth, label = len(keys), f'<span class="name">{_text(_quoted(name))}</span>: ' if name else ""
        if isinstance(value, dict | list) and value:
            opening, closing = "{}" if isinstance(value, dict) else "[]"
            yield _line(depth, f"{label}{opening}")
            members = list(value.items() if isinstance(value, dict) else enumerate(value))
            for at, (key, inner) in enumerate(members):
                behind = "," if at < len(members) - 1 else ""
                yield from self.record(inner, (*keys, key), key if isinstance(key, str) else "", behind)
            yield _line(depth, closing + comma)
            return
        place = self.places[keys] = f"r{len(self.places)}"
        wrong = any(one.path == written(keys) for one in self.told.problems)
        classes = "item left" if keys in self.left else "item wrong" if wrong else "item"
        yield _line(depth, f"{label}{_value(value)}{comma}", f'id="{place}" class="{classes}" tabindex="0"')

    def leaves_below(self, read: Read) -> Iterator[str]:
        """The ids of the record's lines that a value that was read stands on."""
        for keys, line in self.places.items():
            if keys[: len(read.keys)] == read.keys:
                yield line

    # -- the event ---------------------------------------------------------------------------------------------------

    def event(self) -> tuple[str, str]:
        """The lines of the event, and what is told of each."""
        if self.told.event is None:
            problems = "".join(
                f"<li><code>{_text(one.path)}</code> {_text(one.rule)}: {_text(one.expected)}</li>"
                for one in self.told.problems
            )
            about = REASONS[self.told.result.reason] if isinstance(self.told.result, Reject) else ""
            test = self.told.tried[-1] if self.told.tried and self.told.kind is not None else None
            because = f"<p>{_text(test.name)}: when {_text(why(test.test))}</p>" if test is not None else ""
            if test is not None:
                self.id_of(test.mark)
            return f"<p>No event.</p><p>{_text(about)}</p><ul>{problems}</ul>{because}", ""
        fields = {one.path: one for one in self.told.fields}
        ids = {path: f"e{at}" for at, path in enumerate(fields)}
        links: dict[str, _Links] = {}
        for path, one in fields.items():
            links[path] = self.links(one)
            for other in one.follows:
                if other in links:
                    links[path].came |= links[other].came
                    links[path].looked |= links[other].looked
        body = "".join(self.lines_of(self.told.event, "", "", "", 0, ids, links))
        return body, "".join(self.detail(fields[path], place) for path, place in ids.items())

    def lines_of(
        self, value: Any, path: str, name: str, comma: str, depth: int, ids: dict[str, str], links: dict[str, _Links]
    ) -> Iterator[str]:
        label = f'<span class="name">{_text(_quoted(name))}</span>: ' if name else ""
        if path in ids:
            classes = "item rest" if self.is_rest(path) else "item"
            came, looked = " ".join(links[path].came), " ".join(links[path].looked)
            linked = f'data-came="{came}" data-looked="{looked}"'
            attributes = f'id="{ids[path]}" class="{classes}" tabindex="0" {linked}'
            yield _line(depth, f"{label}{_value(value)}{comma}", attributes)
            return
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        yield _line(depth, f"{label}{opening}")
        members = list(value.items() if isinstance(value, dict) else enumerate(value))
        for at, (key, inner) in enumerate(members):
            below = f"{path}.{key}" if path else str(key)
            behind = "," if at < len(members) - 1 else ""
            yield from self.lines_of(inner, below, key if isinstance(key, str) else "", behind, depth + 1, ids, links)
        yield _line(depth, closing + comma)

    def is_rest(self, path: str) -> bool:
        return any(one.path == path for one in self.told.left)

    def links(self, one: Field) -> _Links:
        """What lights up with a field."""
        found = _Links()
        if one.rule is not None:
            found.came[self.id_of(one.rule)] = None
        if one.step is not None:
            for mark in one.step.lines():
                found.came.setdefault(self.id_of(mark), None)
            for mark in _marks(one.step):
                found.looked.setdefault(self.id_of(mark), None)
        for read in one.reads:
            found.came |= dict.fromkeys(self.leaves_below(read))
        for read in one.asked:
            found.looked |= dict.fromkeys(self.leaves_below(read))
        found.looked = {place: None for place in found.looked if place not in found.came}
        return found

    def detail(self, one: Field, place_id: str) -> str:
        """What is told of a field below the columns."""
        about = _HOW[one.how].replace("{}", ", ".join(one.follows))
        rule = f' <span class="place">{_text(place(one.rule))}</span>' if one.rule is not None else ""
        rows = [f"<h3><code>{_text(one.path)}</code> {_value(one.value)}{rule}</h3>"]
        rows += [f"<p>{_text(about)}</p>"] if about else []
        if one.step is not None and one.how == "rule":
            rows += _told(one.step)
            for name in one.facts:
                step = (self.told.facts or {}).get(name)
                if step is not None:
                    said = f"<code>{_text(name)}</code> {_text(shown(step.value))}"
                    rows.append(f'<h4>{said} <span class="place">{_text(place(step.mark))}</span></h4>')
                    rows += _told(step)
        return f'<article id="d-{place_id}" hidden>{"".join(rows)}</article>'

    # -- the mapping -------------------------------------------------------------------------------------------------

    def id_of(self, mark: Mark) -> str:
        """The id of a line of a mapping file."""
        return f"m{self.files.setdefault(mark.file, len(self.files))}-{mark.line}"

    def mapping(self) -> Iterator[str]:
        """The lines of the mapping files that had a part in this, the mapping's own file first."""
        own = self.told.mapping.mark.file
        for file in sorted({own, *self.files}, key=lambda one: (one != own, one)):
            number = self.files.setdefault(file, len(self.files))
            yield f'<h3>{_text(file_name(file))}</h3><div class="scroll">'
            for at, line in enumerate(_source(file), 1):
                shows = f'<span class="number">{at}</span><span>{_text(line) or "&nbsp;"}</span>'
                yield f'<div class="code" id="m{number}-{at}">{shows}</div>\n'
            yield "</div>"


def _marks(step: Step) -> Iterator[Mark]:
    """The places of everything that was looked at."""
    yield step.mark
    for inner in step.inside:
        yield from _marks(inner)


def _told(step: Step) -> Iterable[str]:
    """The lines of a step as a list."""
    for line in lines(step):
        sign = {"taken": "+", "passed": "\u2212", "": ""}[line.sign]
        gave = f' <span class="gave">{_text(line.gave)}</span>' if line.gave else ""
        yield (
            f'<div class="step {line.sign} i{min(line.depth, _DEEPEST)}"><span class="sign">{sign}</span>'
            f'<code>{_text(line.text)}</code>{gave} <span class="place">{_text(place(line.mark))}</span></div>'
        )


def _source(file: str) -> list[str]:
    """The lines of a mapping file; none if it has gone since it was loaded."""
    try:
        return Path(file).read_text("utf-8").splitlines()
    except OSError:
        return []


def _line(depth: int, inside: str, attributes: str = 'class=""') -> str:
    """A line of JSON at its depth; `attributes` are those of one that can be pointed at."""
    attributes = attributes.replace('class="', f'class="line i{min(depth, _DEEPEST)} ')
    return f"<div {attributes}>{inside}</div>\n"


def _value(value: Any) -> str:
    kind = "text" if isinstance(value, str) else "other"
    return f'<span class="value {kind}">{_text(json.dumps(value, ensure_ascii=False))}</span>'


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _text(text: str) -> str:
    """A text for the page: what deceives is written out, what HTML takes for its own is escaped."""
    return escape(visible(text), quote=True)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
