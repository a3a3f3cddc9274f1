"""Of some records, the events in OCSF 1.1.0 and as Elastic's integration has them stand beside them, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_golden import HERE, RECORDS, written

from doorlog.normalize import Normalizer, normalizer

ASKED = {"ocsf@1.1.0": "ocsf-1.1.0", "elastic-compat": "elastic-compat"}
"""From what is asked for to how its golden files end."""
NAMES = [
    "console-login/iam-user-success-virtual-mfa",
    "console-login/federated-user-success",
    "console-login/role-success",
    "console-login/root-failure-at-mfa",
    "console-login/unknown-user-failure",
    "other-events/check-mfa",
    "other-events/credential-verification-failure",
    "other-events/password-recovery-requested",
    "other-events/switch-role",
    "other-events/user-authentication-password-and-totp",
]


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(list(ASKED))


@pytest.mark.parametrize("name", NAMES)
def test_a_record_gives_the_events_beside_it(normalize: Normalizer, name: str, update: bool) -> None:
    events = normalize(json.loads((HERE / f"{name}.record.json").read_text("utf-8")))
    assert not hasattr(events, "_fields"), f"no events, but {events!r}"
    for end, event in zip(ASKED.values(), events, strict=True):
        golden = HERE / f"{name}.{end}.json"
        if update:
            golden.write_text(written(event), "utf-8")
        assert written(event) == golden.read_text("utf-8")


def test_these_are_all_that_there_are() -> None:
    found = {f"{file.parent.name}/{file.name}" for end in ASKED.values() for file in HERE.glob(f"*/*.{end}.json")}
    assert found == {f"{name}.{end}.json" for name in NAMES for end in ASKED.values()}


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: f"{file.parent.name}/{file.name.partition('.')[0]}")
def test_in_ecs_8_11_only_the_version_differs(file: Path) -> None:
    """Both versions have every field that the mapping writes, but for a query of more than 1024 characters."""
    record = json.loads(file.read_text("utf-8"))
    (new,), (old,) = NEW(record), OLD(record)
    assert len(new.get("url", {}).get("query", "")) <= 1024
    assert old == new | {"ecs": {"version": "8.11.0"}}


NEW, OLD = normalizer(["ecs"]), normalizer(["ecs@8.11"])
