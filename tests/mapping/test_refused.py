"""Mappings that could only fail, or write what the target doesn't take, are refused when they are loaded."""

from __future__ import annotations

import pytest
from tiny import ECS, Tiny

from doorlog.errors import MappingError, UsageError

RULES: list[tuple[str, str]] = [
    # Arguments that no value can be cut at
    ("an empty text after which nothing follows", 'event.action: {from: $.eventName, after: ""}'),
    ("an empty text before which nothing stands", 'event.action: {from: $.eventName, before: ""}'),
    ("an empty text as the last occurrence", 'event.action: {from: $.eventName, after_last: ""}'),
    ("an empty separator", 'tags: {from: $.eventName, split: ""}'),
    ("an empty list of dropped values", "event.action: {from: $.eventName, drop: []}"),
    # Conditions
    ("a network that is none", "event.action: {when: {$.sourceIPAddress|cidr: nonsense}, value: x}"),
    ("one of several networks", "event.action: {when: {$.sourceIPAddress|cidr: [10.0.0.0/8, 10.0.0.0/99]}, value: x}"),
    ("a list in a list of values", "event.action: {when: {$.errorCode: [[ABC]]}, value: x}"),
    ("two ways of matching at once", "event.action: {when: {$.errorCode|startswith|endswith: A}, value: x}"),
    ("greater and less at once", "event.action: {when: {$.errorCode|gt|lt: 1}, value: x}"),
    # Where `item`, `each`, `rest` and `set` have no meaning
    ("item outside of each", "event.action: {from: item}"),
    ("item in a condition outside of each", "event.action: {when: {item: x}, value: x}"),
    ("item in a template outside of each", 'event.action: {template: "{item}"}'),
    ("set without each", "event.action: {from: $.errorCode, set: {a: b}}"),
    ("the rest in a text", "event.action: {rest: $.additionalEventData}"),
    ("the rest in an object with members of its own", "event: {rest: $.additionalEventData}"),
    # Objects, and paths that cross
    ("a text for an object", "event: foo"),
    ("a value for an object", "event: $.additionalEventData"),
    ("a rule and one below it", "aws.cloudtrail.flattened.x: {rest: $.a}\naws.cloudtrail.flattened.x.y: a"),
    ("a rule and one above it", "aws.cloudtrail.flattened.x.y: a\naws.cloudtrail.flattened.x: {rest: $.a}"),
    # `other` belongs to an id of OCSF
    ("other where no id is", "event.action: {other: $.eventName}"),
    ("other beside a table where no id is", "event.action: {from: $.errorCode, table: {A: b}, other: true}"),
    ("other in an open field", "aws.cloudtrail.signin.tried: {other: $.eventName}"),
    # Derived things
    ("a version of one's own", "ecs.version: 1.0.0"),
    ("a field of the wrong kind of number", "event.severity: many"),
]  # fmt: skip

OCSF_RULES: list[tuple[str, str]] = [
    ("an id from a text", "status_id: $.errorCode"),
    ("an id from a text in lower case", "status_id: {from: $.errorCode, lower: true}"),
    ("an id from a template", 'status_id: {template: "{$.errorCode}"}'),
    ("an id from a list", "status_id: {collect: [$.errorCode]}"),
    ("texts for a list of objects", "auth_factors: [x]"),
    ("a value for a list of objects", "auth_factors: $.additionalEventData.list"),
    ("a member of a list of objects without each", "auth_factors.factor_type_id: Password"),
    ("a value for an object", "src_endpoint: $.additionalEventData.object"),
    ("a version of one's own", "metadata.version: 1.0.0"),
    ("what only each knows", "user.groups: {each: $.additionalEventData.list, set: {nmae: {from: item}}}"),
]

MORE: list[tuple[str, str]] = [
    ("a fact with item", "facts: {f: {from: item}}\n"),
    ("an unused fact that needs an unknown one", "facts: {f: {from: nothing}}\n"),
    ("an unused fact with an unknown table", "facts: {f: {from: $.x, table: nothing}}\n"),
    ("an observable of a target without any", "observables: [event.action]\n"),
]


@pytest.mark.parametrize(("why", "rules"), RULES, ids=[why for why, _ in RULES])
def test_a_rule_is_refused_for(tiny: Tiny, why: str, rules: str) -> None:
    file = tiny.ecs(rules)
    with pytest.raises(MappingError) as refused:
        tiny.normalizer("tiny")
    lines = {finding.line for finding in refused.value.findings if finding.file == file}
    assert lines & set(range(9, 10 + rules.count("\n"))), str(refused.value)


@pytest.mark.parametrize(("why", "rules"), OCSF_RULES, ids=[why for why, _ in OCSF_RULES])
def test_a_rule_for_ocsf_is_refused_for(tiny: Tiny, why: str, rules: str) -> None:
    file = tiny.ocsf(rules)
    with pytest.raises(MappingError) as refused:
        tiny.normalizer("tiny")
    assert {(finding.file, finding.line) for finding in refused.value.findings} == {(file, 19)}


@pytest.mark.parametrize(("why", "more"), MORE, ids=[why for why, _ in MORE])
def test_what_no_rule_uses_is_looked_at_all_the_same(tiny: Tiny, why: str, more: str) -> None:
    file = tiny.ecs("event.action: x", more)
    with pytest.raises(MappingError) as refused:
        tiny.normalizer("tiny")
    assert (file, 7) in {(finding.file, finding.line) for finding in refused.value.findings}


@pytest.mark.parametrize(
    "source", ["each: $.additionalEventData.list, set: {name: {from: item}}", "rest: $.additionalEventData"]
)
@pytest.mark.parametrize(
    "place", ["{{when: {{$.eventName: x}}, {}}}", "{{first: [{{{}}}]}}", "{{collect: [{{{}}}]}}", "{{from: {{{}}}}}"]
)
def test_each_and_rest_stand_at_the_top_of_a_rule_or_work(tiny: Tiny, source: str, place: str) -> None:
    tiny.ecs(f"aws.cloudtrail.flattened.tried: {place.format(source)}")
    try:
        tiny.normalizer("tiny")
    except MappingError:
        return
    tiny.event()


@pytest.mark.parametrize("skip", ["yes", '"true"', "1", "[true]", "{a: b}"])
def test_skip_is_true_or_false(tiny: Tiny, skip: str) -> None:
    tiny.write("tiny", f"mapping: tiny\nextends: ecs\nkinds:\n  console-login: {{skip: {skip}}}\n")
    with pytest.raises(MappingError) as refused:
        tiny.normalizer("tiny")
    assert refused.value.findings[0].line == 4


def test_a_network_that_is_none_is_refused_where_kinds_are_told_apart(tiny: Tiny) -> None:
    tiny.write(
        "tiny", ECS.replace("$.eventSource|exists: true", "$.sourceIPAddress|cidr: nonsense") + "set: {message: x}\n"
    )
    with pytest.raises(MappingError, match=r"tiny\.yaml:6:"):
        tiny.normalizer("tiny")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("extends: ecs\ntarget: ecs@9\n", (3, 9)),
        ("extends: aws-signin\ntarget: esc@9.4.0\n", (3, 9)),
        ("extends: ocsf\nprofiles: [cloud, datetime, hosts]\n", (3, 12)),
        ("extends: ocsf\nclasses:\n  authentification: {set: {activity_id: Logon}}\n", (4, 3)),
        ("extends: ocsf\nclasses:\n  authentification: {kinds: [console-login], set: {activity_id: Logon}}\n", (4, 3)),
        ("extends: ocsf\nclasses:\n  account_change: {kinds: [password-updatd]}\n", (4, 28)),
        ("extends: ecs\nclasses:\n  authentication: {set: {message: x}}\n", (4, 3)),
        ("extends: ecs\nprofiles: [cloud]\n", (3, 12)),
    ],
)
def test_the_target_and_its_parts_are_refused_where_they_are_named(
    tiny: Tiny, text: str, place: tuple[int, int]
) -> None:
    tiny.write("tiny", "mapping: tiny\n" + text)
    with pytest.raises(MappingError) as refused:
        tiny.normalizer("tiny")
    finding = refused.value.findings[0]
    assert ((finding.line, finding.column), finding.message != "") == (place, True)


def test_a_fact_that_is_gone_is_said_to_be_gone_and_nothing_else(tiny: Tiny) -> None:
    tiny.write("tiny", "mapping: tiny\nextends: ecs\ntables: {outcome: !remove }\n")
    with pytest.raises(MappingError) as refused:
        tiny.normalizer("tiny")
    assert {finding.message.split(" (")[0] for finding in refused.value.findings} == {"there is no table 'outcome'"}


def test_a_mapping_without_kinds_is_refused(tiny: Tiny) -> None:
    text = ECS.split("kinds:")[0]
    tiny.write("tiny", text + 'set:\n  "@timestamp": {from: $.eventTime, as: time}\n')
    with pytest.raises(MappingError, match="kinds"):
        tiny.normalizer("tiny")


def test_a_mapping_without_a_target_is_there_to_be_extended(tiny: Tiny) -> None:
    with pytest.raises(UsageError, match="extended"):
        tiny.normalizer("aws-signin")


def test_a_mapping_that_there_is_not_is_named_with_those_that_there_are() -> None:
    from doorlog.normalize import normalizer

    with pytest.raises(UsageError, match=r"there is no mapping 'esc'; did you mean 'ecs'\?; there are .*ocsf"):
        normalizer(["esc"])
    with pytest.raises(UsageError, match="there is no mapping file"):
        normalizer(["nothing.yaml"])
