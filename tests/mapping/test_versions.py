"""A mapping writes another version of its target on request; what has no place there goes to the rest, and is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny import LOGON, OCSF, RECORD, Tiny

from doorlog.errors import MappingError, UsageError
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject, Skip

Json = dict[str, Any]

SIGN_IN: Json = RECORD | {"eventType": "AwsConsoleSignIn", "eventID": "e-1", "eventVersion": "1.08"}
MFA_CHECK: Json = SIGN_IN | {"eventName": "CheckMfa", "userIdentity": {"type": "AWSService", "invokedBy": "a.example"}}


def event(normalize: Normalizer, record: Json = SIGN_IN) -> Json:
    result = normalize(record)
    assert not isinstance(result, Skip | Reject), result
    assert result[0] is not None
    return result[0]


def notes(normalize: Normalizer) -> list[str]:
    """What is told of a mapping, without the places."""
    return [note.message for note in normalize.notes]


@pytest.mark.parametrize(
    ("asked", "version"),
    [("ecs", "9.4.0"), ("ecs@9.4.0", "9.4.0"), ("ecs@9.4", "9.4.0"), ("ecs@8.11", "8.11.0"), ("ecs@8.11.0", "8.11.0")],
)
def test_a_version_of_ecs_is_asked_for_behind_the_name(asked: str, version: str) -> None:
    normalize = normalizer([asked])
    assert event(normalize)["ecs"]["version"] == version
    assert normalize.targets == ("ecs",), "the tag's end stays"


@pytest.mark.parametrize(("asked", "version"), [("ocsf", "1.8.0"), ("ocsf@1.1.0", "1.1.0"), ("ocsf@1.1", "1.1.0")])
def test_a_version_of_ocsf_is_asked_for_behind_the_name(asked: str, version: str) -> None:
    normalize = normalizer([asked])
    assert event(normalize)["metadata"]["version"] == version
    assert normalize.targets == ("ocsf",)


def test_a_mapping_asks_for_a_version_by_its_target(tiny: Tiny) -> None:
    tiny.write("lake", "mapping: lake\nextends: ocsf\ntarget: ocsf@1.1.0\n")
    assert event(tiny.normalizer("lake")) == event(normalizer(["ocsf@1.1.0"]))


def test_a_version_is_asked_for_behind_a_path_and_behind_a_name_of_ones_own(tiny: Tiny) -> None:
    path = tiny.write("mine", "mapping: mine\nextends: ecs\nset: {labels.team: a}\n")
    for asked in (f"{path}@8.11", "mine@8.11"):
        normalize = normalizer([asked], [tiny.folder])
        assert event(normalize)["ecs"]["version"] == "8.11.0"
        assert normalize.targets == ("mine",)


def test_a_path_with_an_at_sign_asks_for_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a@b"
    folder.mkdir()
    path = Tiny(folder).write("mine@home", "mapping: mine\nextends: ecs\n")
    assert event(normalizer([path]))["ecs"]["version"] == "9.4.0"
    assert event(normalizer([f"{path}@8.11"]))["ecs"]["version"] == "8.11.0"


def test_a_version_is_asked_for_once_in_a_stack(tiny: Tiny) -> None:
    tiny.write("one", "mapping: one\nextends: ecs\nset: {labels.team: a}\n")
    for asked in ("ecs@8.11+one", "ecs+one@8.11", "ecs@8.11+one@8.11"):
        normalize = normalizer([asked], [tiny.folder])
        assert (event(normalize)["ecs"]["version"], event(normalize)["labels"]) == ("8.11.0", {"team": "a"})
        assert normalize.targets == ("ecs",)
    with pytest.raises(UsageError, match=r"asks for several versions: 8\.11, 9\.4"):
        normalizer(["ecs@8.11+one@9.4"], [tiny.folder])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("ocsf@1.2.0", "ocsf@1.2.0: '1.2.0' is no version of ocsf; did you mean '1.8.0'?"),
        ("ocsf@", "ocsf@: '' is no version of ocsf; one of 1.1.0, 1.8.0"),
        ("aws-signin@1.1.0", "the mapping 'aws-signin' has no target, so it has no version '1.1.0' of one"),
        ("oscf@1.1.0", "there is no mapping 'oscf'; did you mean 'ocsf'?"),
    ],
)
def test_a_version_that_there_is_not_is_refused(asked: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        normalizer([asked])
    assert str(refused.value).startswith(message)


def test_two_versions_of_one_mapping_need_two_names(tiny: Tiny) -> None:
    with pytest.raises(UsageError, match="two of the mappings asked for are called 'ocsf'"):
        normalizer(["ocsf", "ocsf@1.1.0"])
    tiny.write("lake", "mapping: lake\nextends: ocsf\ntarget: ocsf@1.1.0\n")
    result = tiny.normalizer("ocsf", "lake")(SIGN_IN)
    assert isinstance(result, tuple)
    assert [one["metadata"]["version"] for one in result if one] == ["1.8.0", "1.1.0"]


def test_what_a_version_has_no_field_for_is_left_to_the_rest() -> None:
    new, old = event(normalizer(["ocsf"])), event(normalizer(["ocsf@1.1.0"]))
    assert (new["metadata"]["type"], new["unmapped"].get("eventType")) == ("AwsConsoleSignIn", None)
    assert ("type" in old["metadata"], old["unmapped"]["eventType"]) == (False, "AwsConsoleSignIn")


def test_a_caption_that_a_version_lacks_is_written_as_other() -> None:
    new, old = event(normalizer(["ocsf"]), MFA_CHECK), event(normalizer(["ocsf@1.1.0"]), MFA_CHECK)
    assert (new["activity_id"], new["activity_name"]) == (6, "Preauth")
    assert (new["type_uid"], new["type_name"]) == (300206, "Authentication: Preauth")
    assert (old["activity_id"], old["activity_name"]) == (99, "Preauth")
    assert (old["type_uid"], old["type_name"]) == (300299, "Authentication: Other")
    assert (old["user"]["type_id"], old["user"]["type"]) == (99, "Service")


def test_a_value_that_a_version_refuses_is_left_to_the_rest() -> None:
    record = SIGN_IN | {"errorMessage": "x" * 70_000, "sourceIPAddress": "host_1.example"}
    new, old = event(normalizer(["ocsf"]), record), event(normalizer(["ocsf@1.1.0"]), record)
    assert (new["status_detail"], "errorMessage" in new["unmapped"]) == ("x" * 70_000, False)
    assert ("status_detail" in old, old["unmapped"]["errorMessage"]) == (False, "x" * 70_000)


def test_a_text_that_is_too_long_for_a_caption_is_left_to_the_rest() -> None:
    long = "x" * 70_000
    record = SIGN_IN | {"userIdentity": {"type": long, "userName": "alice"}}
    new, old = event(normalizer(["ocsf"]), record), event(normalizer(["ocsf@1.1.0"]), record)
    assert (new["user"]["type_id"], new["user"]["type"]) == (99, long)
    assert old["user"] == {"name": "alice"}
    assert old["unmapped"]["userIdentity"]["type"] == long


def test_only_what_a_version_makes_observable_is_an_observable() -> None:
    record = SIGN_IN | {"recipientAccountId": "111122223333"}
    seen = [{one["name"] for one in event(normalizer([f"ocsf@{v}"]), record)["observables"]} for v in ("1.8", "1.1")]
    assert seen[0] - seen[1] == {"cloud.account.uid"}
    assert "src_endpoint.ip" in seen[0] & seen[1]


def test_what_is_moved_is_told_where_it_is_written(root: Path) -> None:
    ocsf = (root / "mappings" / "ocsf.yaml").read_text("utf-8").splitlines()
    found = normalizer(["ocsf@1.1.0"]).notes
    assert {note.severity for note in found} == {"note"}
    told = {note.message: ocsf[note.line - 1].strip() for note in found}
    assert told["metadata.type is no field of OCSF 1.1.0"].startswith("metadata.type:")
    assert told["auth_factors is no field of OCSF 1.1.0"] == "auth_factors:"
    other = "activity_id has no 'Preauth' in OCSF 1.1.0; it is written as Other, with that text"
    assert told[other] == "preauth: Preauth"
    assert told["OCSF 1.1.0: user.uid is no observable of ocsf"] == "- user.uid"
    assert any("at most 65535 characters in status_code, " in message for message in told)


def test_nothing_is_told_of_the_version_that_a_mapping_is_written_for() -> None:
    assert normalizer(["ecs", "ocsf"]).notes == ()
    assert normalizer(["ecs@9.4", "ocsf@1.8.0"]).notes == ()


def test_every_rule_that_is_told_to_be_moved_is_a_rule_that_is_not_written() -> None:
    told = [message.split()[0] for message in notes(normalizer(["ocsf@1.1.0"])) if "is no field" in message]
    assert "cloud.cloud_partition" in told
    record = SIGN_IN | {"userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"}}
    for path in told:
        found: Any = event(normalizer(["ocsf@1.1.0"]), record)
        for step in path.split("."):
            found = found.get(step, {})
        assert found == {}, path


# -- mappings of one's own --------------------------------------------------------------------------------------------


def test_a_rule_is_held_to_the_version_that_it_was_written_for(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ocsf\nset: {metadata.tpye: x}\n")
    with pytest.raises(MappingError, match=r"mine\.yaml:3:7: .*metadata.tpye is no field of OCSF 1.8.0"):
        normalizer(["mine@1.1.0"], [tiny.folder])


def test_a_rule_for_the_newer_version_is_moved_when_the_older_is_asked_for(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ocsf\nset: {metadata.log_format: $.additionalEventData.text}\n")
    normalize = normalizer(["mine@1.1.0"], [tiny.folder])
    assert "metadata.log_format is no field of OCSF 1.1.0" in notes(normalize)
    assert event(normalize)["unmapped"]["additionalEventData"]["text"] == "x"
    assert event(normalizer(["mine"], [tiny.folder]))["metadata"]["log_format"] == "x"


def test_a_mapping_that_names_a_version_is_held_to_it(tiny: Tiny) -> None:
    lake = "mapping: lake\nextends: ocsf\ntarget: ocsf@1.1.0\nset: {metadata.log_format: x}\n"
    tiny.write("lake", lake)
    with pytest.raises(MappingError, match=r"metadata.log_format is no field of OCSF 1.1.0"):
        tiny.normalizer("lake")


def test_a_constant_of_ones_own_is_held_to_the_version_that_is_named(tiny: Tiny) -> None:
    lake = "mapping: lake\nextends: ocsf\ntarget: ocsf@1.1.0\ntables: {authentication_activity: {logon: Preauth}}\n"
    tiny.write("lake", lake)
    with pytest.raises(MappingError, match=r"lake\.yaml:4:43: .*'Preauth' is no value of activity_id"):
        tiny.normalizer("lake")


def test_a_mapping_for_the_older_version_writes_the_newer_one_on_request(tiny: Tiny) -> None:
    tiny.write("old", (OCSF + LOGON).replace("tiny", "old").replace("1.8.0", "1.1.0") + "      actor.invoked_by: a\n")
    assert event(tiny.normalizer("old"))["actor"] == {"invoked_by": "a"}
    normalize = normalizer(["old@1.8.0"], [tiny.folder])
    assert "actor" not in event(normalize)
    assert notes(normalize) == ["actor.invoked_by is deprecated in OCSF 1.8.0 since 1.2.0"]


def test_a_list_keeps_what_the_version_has_of_it(tiny: Tiny) -> None:
    """`device` became a value of `event.type` after 8.11.0."""
    tiny.ecs("event.type: [device, start]\n")
    assert event(tiny.normalizer("tiny"))["event"]["type"] == ["device", "start"]
    normalize = normalizer(["tiny@8.11"], [tiny.folder])
    assert event(normalize)["event"]["type"] == ["start"]
    assert notes(normalize) == ["event.type has no 'device' in ECS 8.11.0"]


def test_a_list_of_which_a_version_has_nothing_is_left_out(tiny: Tiny) -> None:
    tiny.ecs("event.type: {first: [{when: {$.errorCode: ABC}, value: [device]}, {value: [start]}]}\n")
    assert event(tiny.normalizer("tiny"))["event"]["type"] == ["device"]
    normalize = normalizer(["tiny@8.11"], [tiny.folder])
    assert "event" not in event(normalize)
    assert "ECS 8.11.0: event.type takes none of device" in notes(normalize)


def test_a_rule_that_could_only_say_something_else_is_moved_as_a_whole(tiny: Tiny) -> None:
    """`PATCH` became a method after 1.1.0; in its place, no other may be said."""
    tiny.ocsf("http_request.http_method: {first: [{when: {$.errorCode: ABC}, value: PATCH}, {value: GET}]}\n")
    assert event(tiny.normalizer("tiny"))["http_request"] == {"http_method": "PATCH"}
    normalize = normalizer(["tiny@1.1.0"], [tiny.folder])
    assert "http_request" not in event(normalize)
    assert any("'PATCH' is no value of http_request.http_method" in note for note in notes(normalize))


def test_an_object_that_a_version_demands_more_of_is_moved_as_a_whole(tiny: Tiny) -> None:
    """OCSF 1.8.0 takes a feature without a product's vendor; 1.1.0 requires the vendor."""
    text = (OCSF + LOGON).replace("      metadata.product.vendor_name: AWS\n", "")
    tiny.write("tiny", text + "      metadata.event_code: $.eventName\n")
    assert event(tiny.normalizer("tiny"))["metadata"]["product"] == {"name": "CloudTrail"}
    with pytest.raises(MappingError, match="metadata requires product"):
        normalizer(["tiny@1.1.0"], [tiny.folder])


def test_a_list_of_objects_that_a_version_demands_more_of_is_moved_as_a_whole(tiny: Tiny) -> None:
    rules = (
        "enrichments:\n  each: {collect: [$.errorCode]}\n  set: {name: x, value: {from: item}, data: {from: item}}\n"
    )
    tiny.ocsf(rules)
    assert event(tiny.normalizer("tiny"))["enrichments"]
    assert event(normalizer(["tiny@1.1.0"], [tiny.folder]))["enrichments"]


def test_a_target_without_a_version_is_the_newest_one(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ocsf\ntarget: ocsf\n")
    assert event(tiny.normalizer("mine"))["metadata"]["version"] == "1.8.0"


def test_a_version_in_extends_is_refused_with_what_to_write(tiny: Tiny) -> None:
    tiny.write("mine", "mapping: mine\nextends: ocsf@1.1.0\n")
    with pytest.raises(MappingError, match=r"the version goes to `target: ocsf@1.1.0`"):
        tiny.normalizer("mine")
