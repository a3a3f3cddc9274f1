"""What a target says of its attributes, and of paths that lead nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from doorlog.targets import EcsTarget, OcsfTarget, Target, UnknownTargetError, load, names, version_of, versions

PROFILES = frozenset({"cloud", "datetime"})
ECS: EcsTarget = load("ecs")
LOGON: OcsfTarget = load("ocsf", "1.8.0", "authentication", PROFILES)
BARE: OcsfTarget = load("ocsf", "1.8.0", "authentication")
OLD: OcsfTarget = load("ocsf", "1.1.0", "authentication", PROFILES)


def kind(target: Target, path: str) -> str | None:
    found = target.attribute(path)
    return None if found is None else found.kind + ("[]" if found.array else "")


def test_the_newest_version_is_what_one_gets_without_asking() -> None:
    assert names() == ("asim", "cim", "ecs", "ocsf", "udm")
    assert versions("ecs") == ("8.11.0", "9.4.0")
    assert ECS.version == "9.4.0"
    assert load("ocsf", class_name="authentication").version == "1.8.0"


def test_a_version_may_be_said_without_its_last_number() -> None:
    assert version_of("ecs", "8.11") == "8.11.0"
    assert version_of("ecs", "8.11.0") == "8.11.0"
    assert version_of("ocsf", "1.1") == "1.1.0"
    assert load("ecs", "8.11").version == "8.11.0"


def test_a_target_is_loaded_once() -> None:
    assert load("ocsf", "1.8.0", "authentication", PROFILES) is LOGON


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("esc",), "'esc' is no target; did you mean 'ecs'?"),
        (("splunk",), "'splunk' is no target; one of asim, cim, ecs, ocsf, udm"),
        (("ecs", "9.5"), "'9.5' is no version of ecs; did you mean '9.4.0'?"),
        (("ecs", "9"), "'9' is no version of ecs; one of 8.11.0, 9.4.0"),
        (("ecs", ""), "'' is no version of ecs; one of 8.11.0, 9.4.0"),
        (("ecs", "9.4.0", "authentication"), "ecs has neither classes nor profiles"),
        (("ocsf",), "ocsf needs a class: one of account_change, authentication"),
        (("ocsf", None, "autentication"), "'autentication' is no class of ocsf; did you mean 'authentication'?"),
        (
            ("ocsf", "1.1.0", "authentication", frozenset({"clod"})),
            "'clod' is no profile of authentication in ocsf 1.1.0; did you mean 'cloud'?",
        ),
    ],
)
def test_what_there_is_no_table_for_is_refused_with_what_there_is(arguments: Any, message: str) -> None:
    with pytest.raises(UnknownTargetError) as refused:
        load(*arguments)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("user.name", "text"),
        ("message", "text"),
        ("url.original", "text"),
        ("source.ip", "ip"),
        ("related.ip", "ip[]"),
        ("event.category", "text[]"),
        ("@timestamp", "date"),
        ("event.duration", "integer"),
        ("event.risk_score", "float"),
        ("tls.established", "boolean"),
        ("source.geo.location", "geo_point"),
        ("user", "object"),
        ("user.target.entity.raw", "flattened"),
        ("user.target.entity.raw.anything.goes", "any"),
        ("dns.answers", "object[]"),
        ("dns.answers.name", "text"),
        ("labels", "object"),
        ("labels.team", "text"),
        ("labels.team.lead", None),
        ("aws", "object"),
        ("aws.cloudtrail.event_version", "any"),
        ("aws.cloudtrail.flattened", "object"),
        ("aws.cloudtrail.flattened.request_parameters", "flattened"),
        ("aws.cloudtrail.flattened.request_parameters.roleName", "any"),
        ("awss.cloudtrail", None),
        ("user.nickname", None),
        ("user.name.text", None),
        ("log.syslog.unheard_of", None),
        ("user..name", None),
        ("", None),
    ],
)
def test_a_field_of_ecs_has_its_kind(path: str, expected: str | None) -> None:
    assert kind(ECS, path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("activity_id", "integer"),
        ("time", "timestamp"),
        ("time_dt", "date"),
        ("is_mfa", "boolean"),
        ("user", "object"),
        ("user.account.uid", "text"),
        ("user.groups", "object[]"),
        ("user.groups.name", "text"),
        ("src_endpoint.ip", "ip"),
        ("src_endpoint.location.lat", "float"),
        ("observables", "object[]"),
        ("metadata.profiles", "text[]"),
        ("unmapped", "flattened"),
        ("unmapped.whatever.it.is", "any"),
        ("enrichments.data", "any"),
        ("enrichments.data.deeper", "any"),
        ("user.name.first", None),
        ("user.nickname", None),
        ("user.", None),
        ("", None),
    ],
)
def test_an_attribute_of_ocsf_has_its_kind(path: str, expected: str | None) -> None:
    assert kind(LOGON, path) == expected


def test_a_profile_that_is_off_hides_its_attributes_and_is_named() -> None:
    assert kind(LOGON, "cloud.account.uid") == "text"
    assert LOGON.required_in("cloud") == ("provider",)
    assert "cloud" in LOGON.required()
    assert kind(BARE, "cloud.account.uid") is None
    assert BARE.needs_profile("cloud.account.uid") == "cloud"
    assert BARE.needs_profile("session.created_time_dt") == "datetime"
    assert "cloud" not in BARE.required()
    assert LOGON.needs_profile("cloud.account.uid") is None
    assert LOGON.needs_profile("user.nickname") is None
    assert getattr(LOGON.attribute("time_dt"), "profile", None) == "datetime"


def test_a_version_has_its_own_attributes_and_values() -> None:
    assert "Preauth" in LOGON.activities
    assert "Preauth" not in OLD.activities
    assert OLD.attribute("auth_factors") is None
    assert getattr(OLD.attribute("message"), "max_length", None) == 65535
    assert getattr(LOGON.attribute("message"), "max_length", 0) is None


def test_an_enumeration_gives_the_value_by_its_caption_in_order() -> None:
    account = LOGON.attribute("user.account.type_id")
    assert account is not None
    assert account.values is not None
    assert account.values["AWS Account"] == 10
    assert list(account.values.values()) == sorted(account.values.values(), key=int)
    method = LOGON.attribute("http_request.http_method")
    assert method is not None
    assert method.values is not None
    assert method.values["Get"] == "GET"
    assert LOGON.captions("http_request.http_method")["GET"] == "Get"


def test_a_deprecated_value_is_no_value_to_write_though_it_has_a_caption() -> None:
    account = LOGON.attribute("user.account.type_id")
    assert account is not None
    assert account.values is not None
    assert 3 not in account.values.values()
    assert LOGON.captions("user.account.type_id")[3] == "AWS IAM User"
    assert LOGON.captions("user.name") == {}
    assert LOGON.captions("user.nickname") == {}


def test_an_id_and_its_caption_know_each_other() -> None:
    for path, sibling in [("activity_id", "activity_name"), ("user.type_id", "user.type"), ("type_uid", "type_name")]:
        identity, caption = LOGON.attribute(path), LOGON.attribute(sibling)
        assert identity is not None
        assert caption is not None
        assert (identity.sibling, identity.caption_of) == (sibling, None)
        assert (caption.sibling, caption.caption_of) == (None, path)


def test_a_class_knows_what_identifies_it() -> None:
    assert (LOGON.class_uid, LOGON.class_caption) == (3002, "Authentication")
    assert (LOGON.category_uid, LOGON.category_caption) == (3, "Identity & Access Management")
    assert LOGON.activities["Logon"] == 1
    assert load("ocsf", "1.8.0", "account_change").activities["Password Reset"] == 4
    assert LOGON.captions("type_uid")[300201] == "Authentication: Logon"


def test_observables_have_a_type() -> None:
    for path, type_id, caption in [
        ("src_endpoint.ip", 2, "IP Address"),
        ("user.name", 4, "User Name"),
        ("user.uid", 31, "User Object: uid"),
        ("user", 21, "User"),
    ]:
        found = LOGON.attribute(path)
        assert found is not None
        assert found.observable == type_id
        assert LOGON.observable_caption(type_id) == caption
    assert getattr(LOGON.attribute("status_detail"), "observable", 0) is None


def test_requirements_and_constraints_are_told_for_each_object() -> None:
    assert ECS.required() == ("@timestamp", "ecs.version")
    assert ECS.required_in("user") == ()
    assert ECS.constraints_in("") == {}
    assert BARE.required() == (
        "activity_id",
        "category_uid",
        "class_uid",
        "metadata",
        "severity_id",
        "time",
        "type_uid",
        "user",
    )
    assert BARE.constraints_in("") == {"at_least_one": ("service", "dst_endpoint")}
    assert BARE.constraints_in("actor.user") == {"at_least_one": ("account", "name", "uid")}
    assert BARE.required_in("metadata") == ("product", "version")
    assert BARE.constraints_in("user.name") == {}
    assert BARE.required_in("unmapped") == ()


def test_members_are_the_names_in_an_object() -> None:
    assert "user" in ECS.members("")
    assert ECS.members("ecs") == ("version",)
    assert ECS.members("user.name") == ()
    assert "account" in BARE.members("actor.user")
    assert BARE.members("user.name") == ()


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("user.nmae", "user.name"),
        ("user_agent.orignal", "user_agent.original"),
        ("user.name.text", "user.name"),
        ("source_ip", "source.ip"),
        ("Event.Action", "event.action"),
        ("event.categories", "event.category"),
        ("utterly.strange", None),
    ],
)
def test_ecs_suggests_the_field_that_was_meant(path: str, meant: str | None) -> None:
    assert ECS.attribute(path) is None
    assert ECS.suggest(path) == meant


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("user.nmae", "user.name"),
        ("usr.account.name", "user.account.name"),
        ("actor.usr.account.uid", "actor.user.account.uid"),
        ("actor.usr.accnt.uid", "actor.user"),
        ("user.name.first", "user.name"),
        ("user_agent", "http_request.user_agent"),
        ("utterly.strange", None),
    ],
)
def test_ocsf_suggests_the_attribute_that_was_meant(path: str, meant: str | None) -> None:
    assert LOGON.attribute(path) is None
    assert LOGON.suggest(path) == meant


def test_a_path_that_exists_needs_no_suggestion() -> None:
    assert LOGON.suggest("user.name") is None
    assert ECS.needs_profile("user.name") is None
