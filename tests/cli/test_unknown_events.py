"""What nobody knows yet is delivered, and told to whoever watches the command."""

from __future__ import annotations

import json

import pytest
from cli_process import GOOD, Doorlog, line


def test_a_sign_in_event_that_nobody_knows_is_delivered_and_counted_by_name(doorlog: Doorlog) -> None:
    unknown = line(eventName="PasskeyRegistered", responseElements={"PasskeyRegistered": "Success"})
    for targets in (["--to", "ecs"], ["--to", "ecs", "--to", "ocsf"], ["--to", "ocsf", "--to", "cim"]):
        done = doorlog(*targets, input=GOOD + unknown + unknown + GOOD)
        assert done.returncode == 0
        assert done.stderr == b"doorlog: read 4, delivered 4 (unknown-sign-in 2), rejected 0, skipped 0\n"
        assert len(done.stdout.splitlines()) == 4 * len(targets) // 2


@pytest.mark.parametrize("mapping", ["ecs", "ocsf"])
def test_what_is_near_a_sign_in_is_mapped_and_secrets_are_hidden_where_that_is_asked_for(
    doorlog: Doorlog, mapping: str
) -> None:
    near = line(eventSource="sts.amazonaws.com", eventName="AssumeRole", responseElements=None)
    secret = line(additionalEventData={"LoginTo": "https://d-1.awsapps.com/start/?auth_code=hunter2"})
    both = near + secret
    plain = doorlog("--to", mapping, input=both)
    assert plain.stderr == b"doorlog: read 2, delivered 1, rejected 0, skipped 1 (near-sign-in 1)\n"
    assert b"hunter2" in plain.stdout
    asked = doorlog("--to", f"{mapping}+near-sign-in+masked", input=both)
    assert asked.stderr == b"doorlog: read 2, delivered 2, rejected 0, skipped 0\n"
    assert b"hunter2" not in asked.stdout
    assert [json.loads(one)["message"] for one in asked.stdout.splitlines()] == [
        "AWS role session by IAM user anaya succeeded",
        "AWS console sign-in by IAM user anaya succeeded",
    ]
