"""The page on the kinds of event: what each means, its values in ECS and OCSF, and a record with its events.

All of it is computed from the shipped mappings and the golden records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from pages import ROOT

from doorlog.mapping import model as m
from doorlog.mapping.load import load
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Json, Reject, Skip

PAGE = ROOT / "docs" / "events.md"
TARGETS = {"ecs": "ECS", "ocsf": "OCSF"}
WIDTH = 110

# The record that shows most of a kind, where it isn't the one with the shortest name.
EXAMPLES = {
    "console-login": "iam-user-success-virtual-mfa",
    "user-authentication": "user-authentication-password-and-totp",
    "portal-authenticate": "portal-authenticate",
    "credential-challenge": "credential-challenge-password",
    "unknown-sign-in": "unknown-event",
}

HEAD = """\
# Kinds of event

What AWS means by each kind of sign-in record, and what Doorlog says of it in {ecs} and {ocsf}. Every table and
every event here is computed: by the mappings that ship, from the records that the tests hold them to.

`step` says what an event is in the course of a sign-in: `logon` asks for a session, `preauth` comes before that,
`switch` asks for a session as somebody else, `logoff` ends one, `renew` goes on with one, `account` changes the account
or its user, `other` is none of these. One sign-in of a person is one `console-login` or one `user-authentication`; what
comes before is steps of it, and what the access portal and STS record after it are further sessions of the same person.

The outcome is what AWS writes under the event's own name in `responseElements`, else in `serviceEventDetails`, else in
`additionalEventData.success`; else a failure where there is an error, and `unknown` otherwise.
"""

NEAR = """\
## Near a sign-in

Calls that have to do with a sign-in and are none. They are skipped and counted as `near-sign-in`. Put behind a mapping,
`near-sign-in` makes events of them: `--to ecs+near-sign-in`. A call has succeeded if it has no error.
"""


class Example(NamedTuple):
    """A golden record of a kind."""

    name: str
    record: Json


@cache
def near() -> Normalizer:
    """The mappings with all that can be switched on."""
    return normalizer(["ecs+near-sign-in", "ocsf+near-sign-in"])


@cache
def examples() -> dict[str, Example]:
    """For each kind the record that shows it."""
    found: dict[str, list[Example]] = {}
    for file in sorted([*ROOT.glob("tests/golden/*/*.record.json"), *ROOT.glob("tests/near_sign_in/*.record.json")]):
        record = json.loads(file.read_text("utf-8"))
        kind = near()._kinds(record)
        if kind is not None:
            found.setdefault(kind.name, []).append(Example(file.name.removesuffix(".record.json"), record))
    return {kind: _best(kind, records) for kind, records in found.items()}


def _best(kind: str, records: list[Example]) -> Example:
    wanted = EXAMPLES.get(kind)
    return next((one for one in records if one.name == wanted), min(records, key=lambda one: (len(one.name), one.name)))


def page() -> str:
    """The whole page."""
    kinds = load("ecs+near-sign-in").kinds
    plain = {kind.name: kind for kind in load("ecs").kinds}
    sign_ins = [kind for kind in kinds if not plain[kind.name].skip]
    close = [kind for kind in kinds if plain[kind.name].skip and not kind.skip]
    written = {target: load(target).writes for target in TARGETS}
    parts = [HEAD.format(**written), _overview([*sign_ins, *close])]
    parts += [_section(kind) for kind in sign_ins]
    parts += [NEAR, *(_section(kind) for kind in close)]
    return "\n".join(parts)


def _overview(kinds: Iterable[m.Kind]) -> str:
    rows = ["| kind | records | step | ECS category, type | OCSF class, activity |", "| --- | --- | --- | --- | --- |"]
    for kind in kinds:
        ecs, ocsf = of_kind(examples()[kind.name].record, "success")
        category = f"`{', '.join(ecs['event']['category'])}`, `{', '.join(ecs['event']['type'])}`"
        activity = f"{ocsf['class_name']}, {ocsf['activity_name']} ({ocsf['type_uid']})"
        names = ", ".join(f"`{name}`" for name in _names(kind.when)) or "any other"
        rows.append(f"| [{kind.name}](#{kind.name}) | {names} | `{_step(kind)}` | {category} | {activity} |")
    return "\n".join([*rows, ""])


def _step(kind: m.Kind) -> str:
    (step,) = (value for name, value in kind.facts if name == "step")
    assert isinstance(step, m.Const)
    return str(step.value)


def _names(condition: m.Condition) -> list[str]:
    """The names of events that a condition demands."""
    if isinstance(condition, m.Test) and str(condition.subject) == "$.eventName":
        return [f"{'…' if 'endswith' in condition.modifiers else ''}{value}" for value in condition.values][:6]
    if isinstance(condition, m.All):
        tests = [one for one in condition.conditions if "startswith" not in getattr(one, "modifiers", ())]
        return [name for one in tests for name in _names(one)]
    return []


def _section(kind: m.Kind) -> str:
    example = examples()[kind.name]
    outcomes = {outcome: of_kind(example.record, outcome) for outcome in ("success", "failure", "unknown")}
    distinct = {event[0]["event"]["outcome"]: event for event in outcomes.values()}
    head = ["", *distinct]
    rows = [[f"`{field}`", *(_cell(_at(event[at], field)) for event in distinct.values())] for at, field in FIELDS]
    table = [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]
    when = f"Its records: `{_said(kind.when)}`"
    counted = ["", "Its events are counted by name in the last line on stderr."] if kind.counted else []
    events = of_kind(example.record, None)
    shown = [
        ("A record", example.record),
        *((f"Its {TARGETS[t]} event", e) for t, e in zip(TARGETS, events, strict=True)),
    ]
    blocks = [
        f"<details><summary>{title}</summary>\n\n```json\n{_json(value)}\n```\n\n</details>" for title, value in shown
    ]
    return "\n".join([f"### {kind.name}", "", kind.description, "", when, *counted, "", *table, "", *blocks, ""])


FIELDS = [
    (0, "event.category"),
    (0, "event.type"),
    (0, "event.outcome"),
    (1, "class_name"),
    (1, "activity_name"),
    (1, "type_uid"),
    (1, "status"),
    (1, "severity"),
]
"""What a kind and its outcome decide: the place of the target, and the field."""


def of_kind(record: Json, outcome: str | None) -> tuple[Json, ...]:
    """The events of a record, perhaps with another outcome than it has."""
    events = near()(_with(record, outcome) if outcome else record)
    assert not isinstance(events, Skip | Reject), events
    return tuple(event for event in events if event is not None)


def _with(record: Json, outcome: str) -> Json:
    """The record with another outcome, wherever it says that."""
    name = record["eventName"]
    changed = {key: value for key, value in record.items() if key not in ("errorCode", "errorMessage")}
    for part, key in (("responseElements", name), ("serviceEventDetails", name), ("additionalEventData", "success")):
        if isinstance(changed.get(part), dict):
            changed[part] = {inner: value for inner, value in changed[part].items() if inner != key}
    if outcome == "failure":
        changed["errorCode"] = "AccessDenied"
    if outcome == "success":
        changed["responseElements"] = {**(changed.get("responseElements") or {}), name: "Success"}
    return changed


def _at(event: Json, field: str) -> Any:
    value: Any = event
    for key in field.split("."):
        value = value[key]
    return value


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _said(condition: m.Condition) -> str:
    """A condition as the mapping language writes it."""
    match condition:
        case m.Test(subject, modifiers, values, _):
            texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
            said = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
            return f"{'|'.join([_subject(subject), *modifiers])}: {said}"
        case m.All(inner):
            return ", ".join(_said(one) for one in inner)
        case m.Any(inner):
            return f"any: [{', '.join('{' + _said(one) + '}' for one in inner)}]"
        case m.Not(inner_one):
            return f"not: {{{_said(inner_one)}}}"
        case _:
            return str(condition)


def _subject(subject: m.Expr) -> str:
    return subject.name if isinstance(subject, m.Name) else str(subject)


def _json(value: Any, indent: int = 0) -> str:
    """JSON with what fits on a line on one."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + indent <= WIDTH or not isinstance(value, dict | list):
        return short
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key)}: {_json(one, indent + 2)}" for key, one in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(inner + _json(one, indent + 2) for one in value) + "\n" + " " * indent + "]"
