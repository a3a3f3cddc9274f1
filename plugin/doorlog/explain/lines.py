"""A step as lines to read: what gave the value, what it was made of, and which alternatives were passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from doorlog.explain.steps import Step
from doorlog.mapping.find import is_ours
from doorlog.mapping.strict_yaml import Mark
from doorlog.mapping.values import present

Sign: TypeAlias = Literal["", "taken", "passed"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: how deep it stands, whether this alternative was taken or passed over, what, and what it gave."""

    depth: int
    sign: Sign
    text: str
    gave: str
    mark: Mark


def lines(step: Step, depth: int = 0, sign: Sign = "") -> Iterator[Line]:
    """The lines of a step. A fact is one line; its own steps are told once, where facts are told."""
    match step.what:
        case "first":
            for at, inner in enumerate(step.inside):
                yield from lines(inner, depth, "taken" if step.taken == (at,) else "passed")
        case "when":
            yield from _when(step, depth, sign)
        case "test" | "all" | "any" | "not" | "always":
            yield Line(depth, sign, why(step), "yes" if step.value else "no", step.mark)
        case "path" | "fact" | "constant" | "row":
            yield Line(depth, sign, step.said, "" if step.what in ("constant", "row") else shown(step.value), step.mark)
        case _ if (row := in_a_row(step)) is not None:
            yield Line(depth, sign, row, shown(step.value), step.mark)
        case _:
            yield Line(depth, sign, step.said, shown(step.value), step.mark)
            # What a `drop` names is in its own line; of a member, the object is only the way to it.
            parts = {"drop": step.inside[:1], "member": step.inside[1:]}.get(step.what, step.inside)
            for inner in parts:
                yield from lines(inner, depth + 1)


def _when(step: Step, depth: int, sign: Sign) -> Iterator[Line]:
    verdict, branch = step.inside
    if not verdict.value and branch.what == "constant" and branch.value is None:
        yield Line(depth, sign, f"when {why(verdict)}", "no", step.mark)
        return
    yield Line(depth, sign, f"when {why(verdict)}", "yes" if verdict.value else "no, else", step.mark)
    yield from lines(branch, depth + 1, "")


def in_a_row(step: Step) -> str | None:
    """A value and the steps that it went through, on one line: `$.tlsDetails.tlsVersion "TLSv1.3", prefix: TLSv`.

    None for a step that is more than that. The value itself is left out where it is what came of it.
    """
    steps = [step]
    while steps[-1].what in ("function", "drop"):
        steps.append(steps[-1].inside[0])
    start = steps[-1]
    constants = all(one.what == "constant" for step in steps[:-1] for one in step.inside[1:])
    if start.what not in ("path", "fact", "item", "member") or not constants:
        return None
    gave = "" if start.value == step.value else f" {shown(start.value)}"
    return ", ".join([f"{start.said}{gave}", *(one.said for one in reversed(steps[:-1]))])


def why(condition: Step) -> str:
    """A condition with what it found: `$.userIdentity.type: Root (it is "IAMUser")`."""
    match condition.what:
        case "test":
            (subject,) = condition.inside
            found = "it is nothing" if not present(subject.value) else f"it is {shown(subject.value)}"
            return f"{condition.said} ({found})"
        case "not":
            return f"not: {why(condition.inside[0])}"
        case "all":
            return ", ".join(why(one) for one in condition.inside)
        case "any":
            return " or ".join(why(one) for one in condition.inside)
        case _:
            return condition.said


def shown(value: Any, most: int = 72) -> str:
    """A value as JSON, shortened."""
    if not present(value):
        return "nothing"
    if isinstance(value, tuple):
        value = value[1]
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def place(mark: Mark) -> str:
    """Where something stands, as people write it; a shipped mapping by its name alone."""
    return f"{file_name(mark.file)}:{mark.line}"


def file_name(file: str) -> str:
    """A mapping file's name as shown to people."""
    return Path(file).name if is_ours(file) else file
