"""Kinds of event: under which name their records are skipped, and which are counted by name."""

from __future__ import annotations

from tiny import RECORD, Tiny

from doorlog.mapping.load import load
from doorlog.normalize import Several, normalizer
from doorlog.record import Skip


def test_a_kind_is_skipped_under_its_own_name_or_another(tiny: Tiny) -> None:
    for skip, name in (("true", "any"), ("elsewhere", "elsewhere")):
        tiny.ecs("")
        file = tiny.write("quiet", f"mapping: quiet\nextends: tiny\nkinds: {{any: {{skip: {skip}}}}}\n")
        assert normalizer([file], [tiny.folder])(RECORD) == Skip(name)


def test_a_kind_that_is_counted_is_counted_once_for_a_record_whatever_the_targets(tiny: Tiny) -> None:
    record = RECORD | {"eventName": "NobodyKnows", "eventType": "AwsConsoleSignIn"}
    own = tiny.write("own", "mapping: own\nextends: ecs\nkinds: {check-mfa: {skip: true}}\n")
    for targets in (["ecs"], ["ecs", "ocsf"], ["ecs", own], ["ocsf", own, "ecs"]):
        normalize = normalizer(targets)
        for _ in range(3):
            normalize(record)
        normalize(RECORD)
        assert normalize.counted == {"unknown-sign-in": 3}, targets


def test_every_shipped_kind_says_what_it_means() -> None:
    assert [kind.name for kind in load("aws-signin").kinds if not kind.description.endswith(".")] == []


def test_what_is_put_behind_both_targets_keeps_them_compiled_together() -> None:
    normalize = normalizer(["ecs+near-sign-in+masked", "ocsf+near-sign-in+masked"])
    assert normalize.targets == ("ecs", "ocsf")
    assert not isinstance(normalize, Several)
