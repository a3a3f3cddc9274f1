"""An `event.type` that ECS expects with none of the categories is refused, where the mapping alone tells both."""

from __future__ import annotations

import pytest
from tiny import Tiny

from doorlog.mapping.examine import examine


def codes(tiny: Tiny, rules: str) -> set[str]:
    return {finding.code for finding in examine(tiny.ecs(rules)) if finding.severity == "error"}


@pytest.mark.parametrize(
    "rules",
    [
        "event.category: [authentication]\n",
        "event.type: [allowed]\n",
        "event.category: [authentication]\nevent.type: [start]\n",
        "event.category: {collect: [$.eventName]}\nevent.type: [allowed]\n",
        "event.category: {when: {$.eventName: A}, value: [network], else: [iam]}\nevent.type: [allowed]\n",
    ],
)
def test_what_can_be_right_is_taken(tiny: Tiny, rules: str) -> None:
    assert codes(tiny, rules) == set()


@pytest.mark.parametrize(
    "rules",
    [
        "event.category: [authentication]\nevent.type: [start, allowed]\n",
        "event.category: [iam]\nevent.type: {from: $.eventName, table: {A: [user], B: [start]}}\n",
        "event.category: [iam]\nevent.type: {collect: [{value: user}, {when: {$.eventName: A}, value: start}]}\n",
    ],
)
def test_what_can_never_be_right_is_refused(tiny: Tiny, rules: str) -> None:
    assert codes(tiny, rules) == {"unexpected-event-type"}
