"""Conditions, as Sigma writes them: maps are *and*, lists are *or*, matching is exact, modifiers say otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny import Tiny

from doorlog.mapping.parse_expr import MODIFIERS

HOLDS: list[tuple[str, bool]] = [
    ("{$.errorCode|re: '^A[BC]+$'}", True),
    ("{$.errorCode|re: [x, '^b']}", False),
    ("{$.additionalEventData.five|re: '5'}", False),
    ("{$.errorCode: ABC}", True),
    ("{$.errorCode: abc}", False),
    ("{$.errorCode: AB}", False),
    ("{$.errorCode: [X, ABC]}", True),
    ("{$.errorCode: [X, Y]}", False),
    ("{$.errorCode: ABC, $.eventName: ConsoleLogin}", True),
    ("{$.errorCode: ABC, $.eventName: X}", False),
    ("[{$.errorCode: X}, {$.eventName: ConsoleLogin}]", True),
    ("[{$.errorCode: X}, {$.eventName: Y}]", False),
    ("[[{$.errorCode: ABC}], {$.eventName: Y}]", True),
    # lists and objects of the record equal no text, nor do their elements
    ("{$.additionalEventData.list: p}", False),
    ("{$.additionalEventData.list|contains: p}", False),
    ("{$.additionalEventData.object: k}", False),
    ("{$.errorCode.below: ABC}", False),
    # true, false, null and numbers
    ("{$.additionalEventData.true: true}", True),
    ("{$.additionalEventData.true: false}", False),
    ('{$.additionalEventData.true: "true"}', False),
    ("{$.additionalEventData.one: true}", False),
    ("{$.additionalEventData.zero: false}", False),
    ("{$.errorCode: true}", False),
    ("{$.additionalEventData.null: null}", True),
    ("{$.nothing: null}", True),
    ("{$.errorCode: null}", False),
    ("{$.nothing: [X, null]}", True),
    ("{$.errorCode: [true, ABC]}", True),
    # exists
    ("{$.errorCode|exists: true}", True),
    ("{$.errorCode|exists: false}", False),
    ("{$.nothing|exists: true}", False),
    ("{$.nothing|exists: false}", True),
    ("{$.additionalEventData.empty|exists: true}", False),
    ("{$.additionalEventData.null|exists: true}", False),
    ("{$.additionalEventData.zero|exists: true}", True),
    ("{$.additionalEventData.object|exists: true}", True),
    ("{$.additionalEventData.nothing-in-it|exists: true}", False),
    ("{$.errorCode|exists|not: true}", False),
    # texts
    ("{$.errorCode|startswith: A}", True),
    ("{$.errorCode|startswith: [X, AB]}", True),
    ("{$.errorCode|startswith: B}", False),
    ("{$.errorCode|endswith: C}", True),
    ("{$.errorCode|endswith: [X, B]}", False),
    ("{$.errorCode|contains: B}", True),
    ("{$.errorCode|contains: [X, B]}", True),
    ("{$.errorCode|contains: b}", False),
    ("{$.errorCode|lower: abc}", True),
    ("{$.errorCode|lower: ABC}", False),
    ("{$.errorCode|lower|startswith: ab}", True),
    ("{$.errorCode|startswith|lower: ab}", True),
    ("{$.errorCode|contains|lower: [x, bc]}", True),
    ("{$.additionalEventData.five|startswith: 5}", False),
    ("{$.nothing|startswith: A}", False),
    # not
    ("{$.errorCode|not: ABC}", False),
    ("{$.errorCode|not: [X, Y]}", True),
    ("{$.errorCode|not: [X, ABC]}", False),
    ("{$.nothing|not: ABC}", True),
    ("{$.errorCode|not|startswith: A}", False),
    ("{$.errorCode|contains|not: X}", True),
    ("{not: {$.errorCode: ABC}}", False),
    ("{not: {$.errorCode: ABC, $.eventName: X}}", True),
    ("{not: [{$.errorCode: X}, {$.eventName: X}]}", True),
    ("{not: {not: {$.errorCode: ABC}}}", True),
    # any, all
    ("{any: [{$.errorCode: X}, {$.errorCode: ABC}]}", True),
    ("{any: [{$.errorCode: X}, {$.errorCode: Y}]}", False),
    ("{all: [{$.errorCode: ABC}, {$.eventName: ConsoleLogin}]}", True),
    ("{all: [{$.errorCode: ABC}, {$.eventName: X}]}", False),
    ("{$.eventName: ConsoleLogin, any: [{$.errorCode: X}, {$.errorCode: ABC}]}", True),
    ("{$.eventName: X, any: [{$.errorCode: X}, {$.errorCode: ABC}]}", False),
    # numbers
    ("{$.additionalEventData.five|gt: 4}", True),
    ("{$.additionalEventData.five|gt: 5}", False),
    ("{$.additionalEventData.five|lt: 5.5}", True),
    ("{$.additionalEventData.half|gt: 1.4}", True),
    ("{$.additionalEventData.zero|gt: -1}", True),
    ("{$.additionalEventData.true|gt: 0}", False),
    ("{$.errorCode|gt: 0}", False),
    ("{$.nothing|lt: 9}", False),
    # networks
    ("{$.sourceIPAddress|cidr: 203.0.113.0/24}", True),
    ("{$.sourceIPAddress|cidr: [10.0.0.0/8, 203.0.113.5]}", True),
    ("{$.sourceIPAddress|cidr: 10.0.0.0/8}", False),
    ("{$.sourceIPAddress|cidr: '::/0'}", False),
    ("{$.sourceIPAddress|not|cidr: 10.0.0.0/8}", True),
    ("{$.errorCode|cidr: 0.0.0.0/0}", False),
    ("{$.additionalEventData.five|cidr: 0.0.0.0/0}", False),
    # facts, which a condition names as they are
    ("{made: made of ABC}", True),
    ("{made|startswith: made, $.errorCode: ABC}", True),
    ("{fixed: x}", True),
    ("{fixed: y}", False),
    ("{fixed|exists: false}", False),
    ("{gone|exists: false}", True),
    ("{kind: any}", True),
    ("{kind: [other, another]}", False),
]


@pytest.mark.parametrize(("condition", "expected"), HOLDS, ids=[condition for condition, _ in HOLDS])
def test_a_condition_holds_or_not(tiny: Tiny, condition: str, expected: bool) -> None:
    facts = 'facts: {made: {template: "made of {$.errorCode}"}, fixed: x, gone: null}\n'
    tiny.ecs(f"aws.cloudtrail.signin.tried: {{when: {condition}, value: held, else: failed}}", facts)
    data = {"one": 1, "zero": 0, "five": 5, "half": 1.5, "true": True, "null": None, "empty": "", "list": ["p"]}
    event = tiny.event(additionalEventData=data | {"object": {"k": "v"}, "nothing-in-it": {}})
    assert event["aws"]["cloudtrail"]["signin"]["tried"] == ("held" if expected else "failed")


@pytest.mark.parametrize(("condition", "expected"), HOLDS, ids=[condition for condition, _ in HOLDS])
def test_kinds_are_told_apart_by_the_same_conditions(tiny: Tiny, condition: str, expected: bool) -> None:
    if "kind:" in condition:
        return
    facts = 'facts: {made: {template: "made of {$.errorCode}"}, fixed: x, gone: null}\n'
    file = tiny.ecs("message: {from: kind}", facts)
    text = Path(file).read_text("utf-8")
    tiny.write("tiny", text.replace("kinds:\n", f"kinds:\n  special: {{when: {condition}}}\n"))
    data = {"one": 1, "zero": 0, "five": 5, "half": 1.5, "true": True, "null": None, "empty": "", "list": ["p"]}
    event = tiny.event(additionalEventData=data | {"object": {"k": "v"}, "nothing-in-it": {}})
    assert event["message"] == ("special" if expected else "any")


def test_every_modifier_is_tried() -> None:
    text = " ".join(condition for condition, _ in HOLDS)
    assert [modifier for modifier in MODIFIERS if f"|{modifier}" not in text] == []


@pytest.mark.parametrize(
    "value", [None, "", 0, 5, 1.5, True, [], ["x"], {}, {"x": 1}, "\x00", "é" * 5000, 2**63, -(2**63)]
)
def test_no_value_makes_a_condition_raise(tiny: Tiny, value: Any) -> None:
    for condition, _ in HOLDS:
        if "$.additionalEventData.five" in condition or "$.errorCode|" in condition:
            asked = condition.replace("$.errorCode", "$.additionalEventData.five")
            tiny.holds(asked, additionalEventData={"five": value})
