"""From where, when, and how often. The numbers are those of the entries in README.md."""

from __future__ import annotations

import json
from typing import Any

import pytest
from records import Become, Json, console_login, sign_in, step

from doorlog.record import Reject


@pytest.mark.parametrize(
    ("address", "ip", "domain", "service"),
    [
        ("203.0.113.64", "203.0.113.64", None, None),
        ("2001:db8::1", "2001:db8::1", None, None),
        ("2001:0DB8:0:0:0:0:0:1", "2001:0DB8:0:0:0:0:0:1", None, None),
        ("::ffff:203.0.113.64", "::ffff:203.0.113.64", None, None),
        ("signin.amazonaws.com", None, "signin.amazonaws.com", "signin.amazonaws.com"),
        ("sso.amazonaws.com.cn", None, "sso.amazonaws.com.cn", "sso.amazonaws.com.cn"),
        ("host.example.com", None, "host.example.com", None),
        ("ec2-203-0-113-5.compute-1.amazonaws.com", None, "ec2-203-0-113-5.compute-1.amazonaws.com", None),
        ("AWS Internal", None, None, "AWS Internal"),
    ],
)
def test_trap_19_text_is_an_address_and_only_an_ip_is_one(
    become: Become, address: str, ip: str | None, domain: str | None, service: str | None
) -> None:
    ecs, ocsf = become(console_login(sourceIPAddress=address))
    assert ecs["source"]["address"] == address
    assert (ecs["source"].get("ip"), ecs["source"].get("domain")) == (ip, domain)
    assert ecs.get("related", {}).get("ip") == ([ip] if ip else None)
    source = ocsf["src_endpoint"]
    assert (source.get("ip"), source.get("svc_name")) == (ip, service)
    assert source.get("hostname") == (domain if not service else None)
    assert ocsf.get("is_remote") == (True if ip else None)


def test_trap_19_a_smart_card_comes_from_within_aws_with_a_browser(become: Become) -> None:
    ecs, ocsf = become(step("UserAuthentication", sourceIPAddress="AWS Internal", data={"CredentialType": "SMARTCARD"}))
    assert (ecs["source"], ocsf["src_endpoint"]["svc_name"]) == ({"address": "AWS Internal"}, "AWS Internal")
    assert ecs["user_agent"]["original"].startswith("Mozilla/")


@pytest.mark.parametrize(
    "address",
    ["225.01.00.16", "00.00.00.00", "72.xx.xxx.xx", "redacted", "203.0.113.999", "fe80::1%eth0", "1.2.3", "?"],
)
def test_trap_20_what_is_no_address_makes_none_up(become: Become, address: str) -> None:
    ecs, ocsf = become(console_login(sourceIPAddress=address))
    assert ecs["source"] == {"address": address}
    assert "ip" not in ecs.get("related", {})
    assert "ip" not in ocsf.get("src_endpoint", {})
    assert ocsf["unmapped"]["sourceIPAddress"] == address


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "255.253.125.115", "10.0.0.1"])
def test_trap_20_a_reserved_address_is_an_address(become: Become, address: str) -> None:
    ecs, ocsf = become(console_login(sourceIPAddress=address))
    assert (ecs["source"]["ip"], ocsf["src_endpoint"]["ip"]) == (address, address)


@pytest.mark.parametrize("address", [None, "", ...])
def test_trap_20_an_address_may_be_missing(become: Become, address: Any) -> None:
    ecs, ocsf = become(console_login(sourceIPAddress=address))
    assert "source" not in ecs
    assert "ip" not in ocsf.get("src_endpoint", {})


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("AWS Internal", None),
        ("Mozilla/5.0 ...", "Browser"),
        ("Jersey/${project.version} (HttpUrlConnection 17.0.12)", None),
        ("stratus-red-team_0c1f9a52", None),
        ("Go-http-client/1.1", None),
        ("x" * 2000, None),
        ("", None),
        (None, None),
        (..., None),
    ],
)
def test_trap_21_no_browser_is_required(become: Become, agent: Any, kind: str | None) -> None:
    ecs, ocsf = become(console_login(userAgent=agent))
    assert ocsf.get("src_endpoint", {}).get("type") == kind
    if isinstance(agent, str) and agent:
        assert agent in json.dumps(ecs)
    else:
        assert "user_agent" not in ecs


@pytest.mark.parametrize(
    ("time", "timestamp"),
    [
        ("2024-06-11T09:15:27Z", "2024-06-11T09:15:27Z"),
        ("2024-06-11T11:15:27+02:00", "2024-06-11T11:15:27+02:00"),
        ("2024-06-11 09:15:27.000000000", "2024-06-11T09:15:27Z"),
        ("20240611T091527Z", "2024-06-11T09:15:27Z"),
        ("2024-06-11T09:15:27.123Z", "2024-06-11T09:15:27.123Z"),
    ],
)
def test_trap_22_the_time_is_the_one_of_the_record(become: Become, time: str, timestamp: str) -> None:
    ecs, ocsf = become(console_login(eventTime=time))
    assert ecs["@timestamp"] == timestamp
    assert ocsf["time"] // 1000 == 1718097327
    assert ocsf["metadata"]["original_time"] == time


@pytest.mark.parametrize("time", [..., None, "", "redacted", "...", 1718097327])
def test_trap_22_without_a_time_a_record_is_rejected_and_never_dated_now(outcome_of: Any, time: Any) -> None:
    reject = outcome_of(console_login(eventTime=time))
    assert isinstance(reject, Reject)
    assert [problem.path for problem in reject.problems][:1] == ["$.eventTime"]


def test_trap_22_a_session_s_beginning_in_the_basic_form_is_read(become: Become) -> None:
    context = {"attributes": {"creationDate": "20131102T010628Z"}}
    ecs, ocsf = become(console_login({"type": "AssumedRole", "sessionContext": context}))
    own = ecs["aws"]["cloudtrail"]["user_identity"]["session_context"]
    assert own["creation_date"] == ocsf["actor"]["session"]["created_time_dt"] == "2013-11-02T01:06:28Z"
    assert ocsf["unmapped"]["userIdentity"]["sessionContext"]["attributes"] == context["attributes"]


def test_trap_23_a_record_that_comes_again_has_the_same_id_and_the_same_bytes(become: Become) -> None:
    record = console_login()
    once, again = (json.dumps(become(record)) for _ in range(2))
    assert once == again
    ecs, ocsf = become(record)
    assert ecs["event"]["id"] == ocsf["metadata"]["uid"] == record["eventID"]


@pytest.mark.parametrize("event_id", [..., None, "", "redacted", "1111", "12345678-1234-1234-1234-1234EXAMPLE"])
def test_trap_23_an_id_may_be_missing_or_a_placeholder(become: Become, event_id: Any) -> None:
    ecs, _ = become(console_login(eventID=event_id))
    assert ecs["event"].get("id") == (event_id if isinstance(event_id, str) and event_id else None)


def test_trap_23_what_a_record_corrects_is_kept(become: Become) -> None:
    addendum = {"reason": "UPDATED_DATA", "updatedFields": "userIdentity.arn", "originalEventID": "0c1f9a52"}
    ecs, ocsf = become(console_login(addendum=addendum))
    assert ecs["aws"]["cloudtrail"]["flattened"]["unmapped"]["addendum"] == addendum
    assert ocsf["unmapped"]["addendum"] == addendum


@pytest.mark.parametrize("region", ["us-east-2", "global", "eu-west-2r", "us-gov-west-1", None, "", ...])
def test_trap_24_the_region_is_the_endpoint_s_and_places_nobody(become: Become, region: Any) -> None:
    ecs, ocsf = become(console_login(awsRegion=region))
    expected = region if isinstance(region, str) and region else None
    assert (ecs["cloud"].get("region"), ocsf["cloud"].get("region")) == (expected, expected)
    assert "geo" not in ecs.get("source", {})
    assert "location" not in ocsf["src_endpoint"]


SITES = [
    ("https://console.aws.amazon.com/console/home?state=x", None),
    ("https://eu-west-1.console.aws.amazon.com/ec2/home", None),
    ("https://console.amazonaws-us-gov.com/console/home", None),
    ("https://forums.aws.amazon.com/index.jspa", "AWS Discussion Forums"),
    ("https://repost.aws/questions", "AWS re:Post"),
    ("https://support.console.aws.amazon.com/support/home", "AWS Support"),
    ("https://console.aws.amazon.com/support/home#/case/create", "AWS Support"),
    ("https://aws.amazon.com/marketplace/management/signin?state=x", "AWS Marketplace"),
    ("https://us-east-1.console.aws.amazon.com/billing/home", "AWS Billing"),
    ("https://policysim.aws.amazon.com/home/index.jsp", "IAM Policy Simulator"),
    ("https://d-1234567890.awsapps.com/start/?state=x", "IAM Identity Center"),
    ("https://clients.amazonaws.com/workspaces", "Amazon WorkSpaces"),
    ("https://skylight.local", "Amazon WorkSpaces"),
    ("https://start.home.awsapps.cn/directory/d-1234567890", "IAM Identity Center"),
    ("https://console.aws.amazon.com/support", "AWS Support"),
    ("https://console.aws.amazon.com/supportive", None),
    ("https://console.aws.amazon.com/billing?state=x", "AWS Billing"),
    ("https://console.aws.amazon.com/marketplace/home", "AWS Marketplace"),
    ("https://us-east-1.console.aws.amazon.com/marketplace", "AWS Marketplace"),
    ("https://aws.amazon.com/marketplacex", None),
    ("no url", None),
    ("", None),
    (None, None),
    (5, None),
]


@pytest.mark.parametrize(("url", "site"), SITES)
def test_what_is_signed_in_to_shows_where_the_user_is_sent(become: Become, url: Any, site: str | None) -> None:
    ecs, ocsf = become(console_login(data={"LoginTo": url}))
    assert ecs["aws"]["cloudtrail"]["signin"].get("application") == site
    assert ocsf["service"]["name"] == (site or "AWS Sign-In")


@pytest.mark.parametrize("name", ["Authenticate", "Federate", "Logout"])
def test_the_access_portal_is_the_service_of_its_events(become: Become, name: str) -> None:
    portal: Json = {"eventSource": "sso.amazonaws.com", "eventType": "AwsServiceEvent"}
    details = {"role_name": "ReadOnly", "account_id": "444455556666"}
    ecs, ocsf = become(sign_in(name, None, serviceEventDetails=details, **portal))
    assert (ocsf["service"]["name"], ecs["cloud"]["service"]["name"]) == ("AWS access portal", "sso")
    assert (ocsf["activity_name"], ecs["event"]["type"]) == (
        ("Logoff", ["end"]) if name == "Logout" else ("Logon", ["start"])
    )
    assert ecs.get("user", {}).get("effective", {}).get("roles") == (["ReadOnly"] if name == "Federate" else None)


@pytest.mark.parametrize("said", ["Yes", "YES", "yes"])
def test_a_mobile_app_is_told_in_any_case(become: Become, said: str) -> None:
    _, ocsf = become(console_login(data={"MobileVersion": said}))
    assert ocsf["src_endpoint"]["type"] == "Mobile"
