"""Several mappings at once: one event each, in the order asked for, the same as each gives alone."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import RECORD, Tiny

from doorlog.errors import MappingError
from doorlog.record import Reject, Skip

SIGN_IN: dict[str, Any] = RECORD | {"eventType": "AwsConsoleSignIn", "responseElements": {"ConsoleLogin": "Success"}}

OWN_KIND = """\
mapping: mine
extends: ecs
kinds:
  ours:
    when: {$.eventSource: portal.example.com}
    facts: {step: logon, title: Our portal}
"""


def events(tiny: Tiny, *targets: str, **changes: Any) -> Any:
    return tiny.normalizer(*targets)(SIGN_IN | changes)


@pytest.mark.parametrize(
    "targets", [("ecs", "ocsf"), ("ocsf", "ecs"), ("ecs", "ocsf", "mine"), ("mine", "mine2", "ecs", "ocsf")]
)
def test_each_gives_what_it_gives_alone(tiny: Tiny, targets: tuple[str, ...]) -> None:
    tiny.write("mine", "mapping: mine\nextends: ecs\nset: {labels.x: y}\nfacts: {who: nobody}\n")
    tiny.write("mine2", "mapping: mine2\nextends: ocsf\ntables: {status: {success: Failure}}\n")
    assert events(tiny, *targets) == tuple(events(tiny, target)[0] for target in targets)
    assert tiny.normalizer(*targets).targets == targets


def test_facts_of_the_same_name_and_other_meaning_stay_apart(tiny: Tiny) -> None:
    tiny.write(
        "one", "mapping: one\nextends: ecs\nfacts: {title: one}\nkinds: {console-login: {facts: {title: !remove }}}\n"
    )
    tiny.write("two", "mapping: two\nextends: ecs\nfacts: {outcome: {value: failure}}\n")
    assert events(tiny, "ecs", "two")[1] == events(tiny, "two")[0]
    assert events(tiny, "ecs", "two")[0] == events(tiny, "ecs")[0]
    assert events(tiny, "one", "ecs")[0]["message"].startswith("one by")


@pytest.mark.parametrize("order", [("mine", "ocsf"), ("ocsf", "mine"), ("ecs", "mine"), ("mine", "ecs")])
def test_a_kind_of_one_mapping_counts_whatever_the_order(tiny: Tiny, order: tuple[str, str]) -> None:
    tiny.write("mine", OWN_KIND)
    result = events(tiny, *order, eventSource="portal.example.com")
    assert not isinstance(result, Skip | Reject), result
    mine = result[order.index("mine")]
    assert mine["message"].startswith("Our portal by")
    assert mine == events(tiny, "mine", eventSource="portal.example.com")[0]


@pytest.mark.parametrize("order", [("mine", "ecs"), ("ecs", "mine")])
def test_a_kind_that_one_mapping_changes_stays_the_others_own(tiny: Tiny, order: tuple[str, str]) -> None:
    tiny.write("mine", "mapping: mine\nextends: ecs\nkinds: {console-login: {facts: {title: Ours}}}\n")
    result = events(tiny, *order)
    assert result[order.index("mine")]["message"].startswith("Ours by")


@pytest.mark.parametrize("order", [("mine", "ocsf"), ("ocsf", "mine")])
def test_a_kind_that_the_other_mapping_can_not_map_is_found_when_they_are_loaded(
    tiny: Tiny, order: tuple[str, str]
) -> None:
    kind = OWN_KIND.replace("step: logon, ", "") + "facts: {step: other}\n"
    tiny.write("mine", kind)
    try:
        normalize = tiny.normalizer(*order)
    except MappingError:
        return
    result = normalize(SIGN_IN | {"eventSource": "portal.example.com"})
    assert not isinstance(result, Reject), result


@pytest.mark.parametrize("order", [("alone", "ecs"), ("ecs", "alone")])
def test_mappings_that_have_nothing_in_common_are_refused_or_work(tiny: Tiny, order: tuple[str, str]) -> None:
    text = "mapping: alone\ntarget: ecs@9.4.0\ndispatch: [$.eventName]\ntime: $.eventTime\n"
    text += "kinds: {all-of-them: {when: {$.eventName|exists: true}}}\n"
    tiny.write("alone", text + "set: {'@timestamp': {from: $.eventTime, as: time}}\n")
    try:
        normalize = tiny.normalizer(*order)
    except MappingError:
        return
    for changes in ({}, {"eventSource": "portal.example.com"}, {"eventName": "Unheard"}):
        assert not isinstance(normalize(SIGN_IN | changes), Reject)
