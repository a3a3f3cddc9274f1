"""Whether what ECS events say of their type goes with their category."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from doorlog.diagnostics import Finding
from doorlog.mapping import model as m
from doorlog.mapping.plan import Plan, section_of
from doorlog.mapping.possible import Possible, possible
from doorlog.targets import EcsTarget


def unexpected(plan: Plan, kind: m.Kind) -> Iterator[Finding]:
    """The values of `event.type` that ECS expects with no category that the event can have.

    Where the record alone tells one of the two, nothing is said.
    """
    if not isinstance(plan.target, EcsTarget):
        return
    categories, types = (_texts(_possible(plan, path)) for path in ("event.category", "event.type"))
    expected = [plan.target.expected_event_types.get(category, frozenset()) for category in categories]
    if not categories or not types or not all(expected):
        return
    rule = section_of(plan.mapping, kind).rules["event.type"]
    for wrong in sorted(set(types) - set().union(*expected)):
        allowed = ", ".join(sorted(set().union(*expected)))
        said = (
            f"event.type {wrong!r} goes with no category of this event ({', '.join(categories)}); these take {allowed}"
        )
        yield rule.mark.finding("unexpected-event-type", said)


def _possible(plan: Plan, path: str) -> Possible:
    leaf = next((leaf for leaf in plan.leaves if leaf.path == path), None)
    return None if leaf is None else possible(leaf.value, plan.scope)


def _texts(values: Possible) -> list[str]:
    lists: Iterable[m.Value] = values or ()
    return sorted({str(text) for one in lists if isinstance(one, tuple) for text in one})
