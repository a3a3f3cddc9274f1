"""Hides what a mapping wants hidden of a record, before any fact or rule reads it.

So nothing of it is in an event: not in a field, a gathered list or a message made of it, nor in what no rule has kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError
from doorlog.mapping import model as m
from doorlog.mapping.functions import HIDING, prepared
from doorlog.mapping.functions.pseudonym import LEAST_KEY
from doorlog.mapping.masks import masker
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.values import Memo
from doorlog.record import Json

Hide: TypeAlias = Callable[[Json], Json]
MOST_KEY = 4096
_GONE = object()


def hider(mapping: m.Mapping) -> Hide | None:
    """A function that gives a record with what the mapping hides of it hidden, in a copy; None if it hides nothing.

    Raises MappingError where a key can't be had.
    """
    if not mapping.protected and not mapping.masks:
        return None
    findings = _misplaced(mapping)
    calls = []
    for protected in mapping.protected:
        try:
            calls.append((protected.path.keys, _function(protected, mapping)))
        except MappingError as error:
            findings += error.findings
    if findings:
        raise MappingError(findings)
    masked = masker([(path.keys, parameters) for path, parameters in mapping.masks])

    def hide(record: Json) -> Json:
        record = masked(record)
        for keys, call in calls:
            record = _below(record, keys, call)
        return record

    return hide


def _misplaced(mapping: m.Mapping) -> list[Finding]:
    """What has to stay as it is, since it tells the kind and the time of an event; and what is named twice."""
    findings = []
    fixed = [*mapping.dispatch, *([mapping.time] if mapping.time else [])]
    for at, protected in enumerate(mapping.protected):
        keys = protected.path.keys
        if any(path.keys[: len(keys)] == keys for path in fixed):
            said = f"{protected.path} tells the kind or the time of an event, and can't be hidden"
            findings.append(protected.mark.finding("bad-protect", said))
        for other in mapping.protected[:at]:
            if keys[: len(other.path.keys)] == other.path.keys or other.path.keys[: len(keys)] == keys:
                said = f"{protected.path} and {other.path} would be hidden twice"
                findings.append(protected.mark.finding("bad-protect", said))
    return findings


def _function(protected: m.Protected, mapping: m.Mapping) -> Callable[[Any], Any]:
    """The function of one value, remembered for texts: what is hidden never passes as it is."""
    calls = []
    for name, argument, mark in protected.steps:
        function = HIDING.get(name) or mapping.functions[name]
        if function.keyed:
            calls.append((function.call(_key(str(argument), mapping, mark)), function.takes))
        else:
            calls.append((prepared(function, argument), function.takes))

    def call(value: Any) -> Any:
        for step, takes in calls:
            if value is None or value == "" or (takes == "text" and not isinstance(value, str)):
                return None
            value = step(value)
        return value

    memo = Memo(call)
    return lambda value: memo[value] if value.__class__ is str else call(value)


def _key(name: str, mapping: m.Mapping, mark: Any) -> bytes:
    if name not in mapping.keys:
        said = f"there is no key {name!r} under `keys`{hint(name, mapping.keys)}"
        raise MappingError([mark.finding("missing-key", said)])
    key = mapping.keys[name]
    where = f"the environment variable {key.name}" if key.source == "env" else f"the file {key.name}"
    secret = _secret(key)
    if secret is None:
        raise MappingError([key.mark.finding("not-ready", f"the key {name!r} is in {where}, which can't be read")])
    if not LEAST_KEY <= len(secret) <= MOST_KEY:
        said = f"the key in {where} has {LEAST_KEY} to {MOST_KEY} bytes; `openssl rand -hex 32` makes one"
        raise MappingError([key.mark.finding("not-ready", said)])
    return secret


def _secret(key: m.Key) -> bytes | None:
    """The bytes of a key, without the white space around them; None if there are none."""
    if key.source == "text":
        return key.name.encode()
    if key.source == "env":
        return os.environb.get(os.fsencode(key.name), b"").strip() or None
    try:
        with (Path(key.mark.file).parent / key.name).open("rb") as file:
            return file.read(MOST_KEY + 2).strip() or None
    except OSError:
        return None


def _below(value: Any, keys: Sequence[str | int], call: Callable[[Any], Any]) -> Any:
    """The value with every one at and below the path replaced; what the function can't take is taken away."""
    if keys:
        if isinstance(value, dict) and keys[0] in value:
            return _with(value, keys[0], _below(value[keys[0]], keys[1:], call))
        if isinstance(value, list) and isinstance(keys[0], int):
            return _with(value, keys[0], _below(value[keys[0]], keys[1:], call)) if keys[0] < len(value) else value
        if isinstance(value, dict):
            return value
        # Something else than the path expects: what is to be hidden may be anywhere in it.
        return _below(value, (), call)
    if isinstance(value, dict):
        return {key: new for key, old in value.items() if (new := _below(old, (), call)) is not _GONE}
    if isinstance(value, list):
        return [new for old in value if (new := _below(old, (), call)) is not _GONE]
    if value is None or value == "":
        return value
    hidden = call(value)
    return _GONE if hidden is None else hidden


def _with(holder: Any, key: Any, value: Any) -> Any:
    """A copy of an object or a list with one of its members replaced, or taken away."""
    copy = dict(holder) if isinstance(holder, dict) else list(holder)
    if value is _GONE:
        del copy[key]
    else:
        copy[key] = value
    return copy
