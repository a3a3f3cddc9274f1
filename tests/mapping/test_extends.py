"""A mapping adds to, overrides and removes what it extends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny import RECORD, Tiny

from doorlog.errors import MappingError
from doorlog.mapping.load import names
from doorlog.normalize import normalizer
from doorlog.record import Reject, Skip

Json = dict[str, Any]

SIGN_IN: Json = RECORD | {"eventType": "AwsConsoleSignIn", "responseElements": {"ConsoleLogin": "Success"}}


def events(tiny: Tiny, *targets: str, **changes: Any) -> tuple[Json, ...]:
    result = tiny.normalizer(*targets)(SIGN_IN | changes)
    assert not isinstance(result, Skip | Reject), result
    return result


def test_five_lines_add_a_field(tiny: Tiny) -> None:
    plain = events(tiny, "ecs")[0]
    tiny.write("mine", "mapping: mine\nextends: ecs\nset:\n  labels.team: security\n  tags: [sign-in]\n")
    assert events(tiny, "mine")[0] == plain | {"labels": {"team": "security"}, "tags": ["sign-in"]}


def test_a_rule_overrides_that_of_the_same_path(tiny: Tiny) -> None:
    rules = "{message: mine, event.category: [session], event.type: [info]}"
    tiny.write("mine", f"mapping: mine\nextends: ecs\nset: {rules}\n")
    event = events(tiny, "mine")[0]
    assert (event["message"], event["event"]["category"]) == ("mine", ["session"])


def test_a_removed_rule_writes_no_more_and_its_value_goes_to_the_rest(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ecs\nset: {event.id: !remove , message: !remove }\n")
    event = events(tiny, "mine", eventID="e-1")[0]
    assert "message" not in event
    assert "id" not in event["event"]
    assert event["aws"]["cloudtrail"]["flattened"]["unmapped"]["eventID"] == "e-1"


def test_an_overridden_rule_gives_its_value_to_the_rest_too(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ocsf\nset: {metadata.event_code: fixed, api.operation: fixed}\n")
    assert events(tiny, "mine")[0]["unmapped"]["eventName"] == "ConsoleLogin"


def test_a_fact_is_overridden_wherever_it_is_used(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ecs\nfacts: {outcome: {value: failure}}\n")
    event = events(tiny, "mine")[0]
    assert event["event"]["outcome"] == "failure"
    assert event["message"].endswith("failed")


def test_a_table_gets_a_row_and_loses_one(tiny: Tiny) -> None:
    rows = "tables: {outcome: {Accepted: success, Failure: !remove }}\n"
    tiny.write("mine", "mapping: mine\nextends: ecs\n" + rows)
    for said, outcome in (("Accepted", "success"), ("Failure", "unknown"), ("Success", "success")):
        assert events(tiny, "mine", errorCode="", errorMessage="", responseElements={"ConsoleLogin": said})[0]["event"][
            "outcome"
        ] == outcome  # fmt: skip


def test_a_kind_of_ones_own_is_tried_before_those_that_catch_the_rest(tiny: Tiny) -> None:
    text = """\
        mapping: mine
        extends: ecs
        kinds:
          our-portal:
            when: {$.eventSource: signin.amazonaws.com, $.eventName|startswith: Portal}
            facts: {step: logon, title: Our portal}
        """
    tiny.write("mine", text)
    names = {"eventName": "PortalLogin", "responseElements": {"PortalLogin": "Success"}}
    assert events(tiny, "mine", **names)[0]["message"].startswith("Our portal by")
    assert events(tiny, "ecs", **names)[0]["message"].startswith("AWS sign-in event by")
    assert events(tiny, "mine")[0]["message"].startswith("AWS console sign-in by")


def test_a_kind_is_changed_in_part(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ecs\nkinds: {console-login: {facts: {title: Ours}}}\n")
    event = events(tiny, "mine")[0]
    assert event["message"].startswith("Ours by")
    assert event["event"]["type"] == ["start"]


def test_a_kind_is_skipped_or_taken_away(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ecs\nkinds: {console-login: {skip: true}}\n")
    assert tiny.normalizer("mine")(SIGN_IN) == Skip("console-login")
    tiny.write("mine", "mapping: mine\nextends: ecs\nkinds: {console-login: !remove }\n")
    assert events(tiny, "mine")[0]["message"].startswith("AWS sign-in event by")


def test_near_sign_in_is_mapped_where_it_is_asked_for(tiny: Tiny) -> None:
    more = "kinds: {near-sign-in: {skip: false, facts: {step: other, title: Near}}}\n"
    tiny.write("mine", "mapping: mine\nextends: ecs\n" + more)
    changes = {"eventSource": "sso.amazonaws.com", "eventName": "ListApplications"}
    assert events(tiny, "mine", **changes)[0]["message"].startswith("Near by")


def test_mappings_are_extended_in_a_chain_and_each_counts_once(tiny: Tiny) -> None:
    tiny.write("a", "mapping: a\nextends: ecs\nset: {labels.a: a, labels.b: a, labels.c: a}\n")
    tiny.write("b", "mapping: b\nextends: [ecs, a]\nset: {labels.b: b, labels.c: b}\n")
    tiny.write("c", "mapping: c\nextends: [a, b]\nset: {labels.c: c}\n")
    assert events(tiny, "c")[0]["labels"] == {"a": "a", "b": "b", "c": "c"}


def test_of_several_extended_the_later_one_counts(tiny: Tiny) -> None:
    tiny.write("a", "mapping: a\nset: {labels.x: a}\n")
    tiny.write("b", "mapping: b\nset: {labels.x: b}\n")
    tiny.write("c", "mapping: c\nextends: [ecs, a, b]\n")
    tiny.write("d", "mapping: d\nextends: [ecs, b, a]\n")
    assert [event["labels"]["x"] for event in (events(tiny, "c")[0], events(tiny, "d")[0])] == ["b", "a"]


def test_an_own_mapping_of_a_shipped_name_comes_first(tiny: Tiny) -> None:
    tiny.write(
        "ecs",
        "mapping: ecs\nextends: aws-signin\ntarget: ecs@9.4.0\nset: {'@timestamp': {from: $.eventTime, as: time}}\n",
    )
    assert events(tiny, "ecs")[0] == {"@timestamp": SIGN_IN["eventTime"], "ecs": {"version": "9.4.0"}}


def test_observables_are_listed_once(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ocsf\nobservables: [src_endpoint.ip, user.name, src_endpoint.ip]\n")
    found = [one["name"] for one in events(tiny, "mine")[0]["observables"]]
    assert len(found) == len(set(found))


def test_an_observable_whose_rule_is_removed_is_none_any_more(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ocsf\nset: {src_endpoint.ip: !remove }\n")
    assert "src_endpoint.ip" not in [one["name"] for one in events(tiny, "mine")[0]["observables"]]


def test_an_older_version_of_a_target(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ecs\ntarget: ecs@8.11.0\n")
    assert events(tiny, "mine")[0]["ecs"] == {"version": "8.11.0"}


@pytest.mark.parametrize("name", ["../other/x", "/etc/passwd", "..", ".", "x/../x", "x\\y", "", "a b", "ü", "x.yaml"])
def test_what_is_extended_is_a_name_and_no_path(tiny: Tiny, name: str) -> None:
    (tiny.folder / "other").mkdir()
    (tiny.folder / "other" / "x.yaml").write_text("mapping: x\n")
    (tiny.folder / "x.yaml").write_text("mapping: x\n")
    tiny.write("mine", f"mapping: mine\nextends: ['{name}']\n")
    with pytest.raises(MappingError, match=r"to extend|text"):
        tiny.normalizer("mine")


def test_a_link_out_of_the_folder_is_not_followed(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.yaml"
    outside.write_text("mapping: secret\n")
    (tiny.folder / "secret.yaml").symlink_to(outside)
    assert "secret" not in names([tiny.folder])


def test_a_mapping_is_named_by_name_by_path_and_from_any_folder(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.write("base", "mapping: base\nextends: ecs\nset: {message: base}\n")
    file = tiny.write("mine", "mapping: mine\nextends: base\n")
    monkeypatch.chdir(tiny.folder.parent)
    relative = str(Path(tiny.folder.name) / "mine.yaml")
    for target, folders in ((file, []), (relative, []), (f"./{relative}", []), ("mine", [tiny.folder])):
        result = normalizer([target], folders)(SIGN_IN)
        assert isinstance(result, tuple)
        assert result[0]["message"] == "base"


@pytest.mark.parametrize("length", [2, 3, 8])
def test_mappings_that_extend_each_other_in_a_circle_are_refused(tiny: Tiny, length: int) -> None:
    for at in range(length):
        tiny.write(f"m{at}", f"mapping: m{at}\nextends: m{(at + 1) % length}\n")
    with pytest.raises(MappingError, match="would extend itself"):
        tiny.normalizer("m0")


def test_a_file_that_is_no_text_is_refused(tiny: Tiny) -> None:
    (tiny.folder / "mine.yaml").write_bytes(b"mapping: \xff\xfe\n")
    with pytest.raises(MappingError, match=r"mine\.yaml:1:10: .*UTF-8"):
        tiny.normalizer("mine")
