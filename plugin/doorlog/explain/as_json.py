"""An explanation as one JSON object, for programs."""

from __future__ import annotations

from typing import Any

from doorlog.explain.explanation import Explanation, Field, Tried
from doorlog.explain.lines import file_name
from doorlog.explain.steps import Read, Step
from doorlog.mapping.strict_yaml import Mark
from doorlog.record import Json, Reject, Skip
from doorlog.schema import written


def as_json(told: Explanation, where: str) -> Json:
    """The explanation; values are the record's own."""
    made: Json = {
        "where": where,
        "mapping": told.mapping.name,
        "target": told.mapping.writes,
        "result": "event",
        "kind": told.kind.name if told.kind is not None else None,
        "tried": [_tried(one) for one in told.tried],
    }
    match told.result:
        case Skip(name):
            return made | {"result": "skip", "name": name}
        case Reject(reason, problems, _):
            return made | {"result": "reject", "reason": reason, "problems": [one._asdict() for one in problems]}
    facts = (told.facts or {}).items()
    return made | {
        "fields": [_field(field) for field in told.fields],
        "facts": [
            {"name": name, "value": _plain(step.value), **_at(step.mark), "steps": _step(step)} for name, step in facts
        ],
        "left": [{**_read(field.reads[0]), "in": field.path} for field in told.left],
        "lost": [_read(read) for read in told.lost],
        "silent": [
            {"path": one.path, "why": one.why, **_at(one.rule), "steps": _step(one.step)} for one in told.silent
        ],
        "event": told.event,
    }


def _tried(one: Tried) -> Json:
    return {"kind": one.name, "skip": one.skip, **_at(one.mark), "steps": _step(one.test)}


def _field(field: Field) -> Json:
    made: Json = {"path": field.path, "value": field.value, "how": field.how}
    if field.rule is not None:
        made |= _at(field.rule)
    made |= {
        "from": [_read(read) for read in field.reads],
        "asked": [_read(read) for read in field.asked],
        "facts": list(field.facts),
        "follows": list(field.follows),
    }
    return made | ({"steps": _step(field.step)} if field.step is not None and field.how == "rule" else {})


def _read(read: Read) -> Json:
    return {"path": written(read.keys), "value": read.value}


def _at(mark: Mark) -> Json:
    return {"file": file_name(mark.file), "line": mark.line, "column": mark.column}


def _step(step: Step) -> Json:
    """A step with what is inside it; a fact's own steps stand with the fact."""
    made: Json = {"what": step.what, "said": step.said, **_at(step.mark), "value": _plain(step.value)}
    if step.what == "fact" or not step.inside:
        return made
    inside = [
        {**_step(one), "taken": step.taken is None or at in step.taken or one.conditional}
        for at, one in enumerate(step.inside)
    ]
    return made | {"inside": inside}


def _plain(value: Any) -> Any:
    """An enum's "Other" with its text is told as the text."""
    return value[1] if isinstance(value, tuple) else value
