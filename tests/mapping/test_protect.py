"""What a mapping protects is in no event, whichever rule, list or rest would hold it; no start without its key."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny import RECORD, Tiny

from doorlog.errors import MappingError
from doorlog.mapping import shapes
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject, Skip

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
KEY = "a-secret-canary-0123456789"
PEOPLE = ("userName", "arn", "principalId")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOORLOG_PEOPLE_KEY", KEY)


def records() -> list[dict[str, Any]]:
    return [json.loads(file.read_text("utf-8")) for file in sorted(GOLDEN.glob("*/*.record.json"))]


def names_of(record: dict[str, Any]) -> set[str]:
    """Every text of a record that names a person."""
    identity, more = record.get("userIdentity") or {}, record.get("additionalEventData") or {}
    found = {identity.get("userName"), more.get("UserName"), (identity.get("onBehalfOf") or {}).get("userId")}
    for text in (identity.get("arn"), identity.get("principalId"), more.get("SwitchFrom"), more.get("MFAIdentifier")):
        if isinstance(text, str) and "root" not in text:
            found.add(text.rpartition("/")[2].rpartition(":")[2])
    account = identity.get("accountId")
    return {text for text in found if isinstance(text, str) and text and text != account}


@pytest.mark.parametrize("often", [1, 10**9], ids=["by shape", "by the function for all"])
@pytest.mark.parametrize("target", ["ecs", "ocsf", "cim", "asim", "udm"])
def test_no_person_is_named_in_any_event(target: str, often: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", often)
    normalize = normalizer([f"{target}+pseudonymous"])
    tried = 0
    for record in records():
        before = json.dumps(record)
        for _ in range(2):
            events = normalize(record)
        assert json.dumps(record) == before, "the record itself stays as it is"
        if isinstance(events, Skip | Reject):
            assert target == "asim", events
            continue
        text = json.dumps(events, ensure_ascii=False)
        assert [name for name in names_of(record) if name in text] == []
        tried += bool(names_of(record))
    assert tried > 50


def test_a_person_has_one_pseudonym_everywhere_and_in_every_target() -> None:
    record = json.loads((GOLDEN / "console-login" / "iam-user-success.record.json").read_text("utf-8"))
    events = normalizer(["ecs+pseudonymous", "ocsf+pseudonymous"])(record)
    assert isinstance(events, tuple) and events[0] is not None and events[1] is not None
    name = events[0]["user"]["name"]
    assert len(name) == 32 and name == events[1]["user"]["name"]
    assert events[0]["aws"]["cloudtrail"]["user_identity"]["arn"] == f"arn:aws:iam::111122223333:user/{name}"
    assert name in events[0]["related"]["user"] and name in events[0]["message"]
    assert name in [one["value"] for one in events[1]["observables"]]


def test_another_key_gives_other_pseudonyms_and_the_same_key_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    record = records()[0]
    first, again = (normalizer(["ecs+pseudonymous"])(record) for _ in range(2))
    monkeypatch.setenv("DOORLOG_PEOPLE_KEY", KEY + "x")
    assert first == again != normalizer(["ecs+pseudonymous"])(record)


def test_two_targets_of_which_one_is_protected_do_not_mix(tmp_path: Path) -> None:
    record = json.loads((GOLDEN / "console-login" / "iam-user-success.record.json").read_text("utf-8"))
    plain, hidden = normalizer(["ecs", "ocsf+pseudonymous"])(record)  # type: ignore[misc]
    assert plain["user"]["name"] == "alice"
    assert "alice" not in json.dumps(hidden)


def protected(tiny: Tiny, protect: str, **changes: Any) -> dict[str, Any]:
    """What a mapping that keeps all in a rest makes of a record, with this protected."""
    tiny.ecs(
        "aws.cloudtrail.flattened.all: {rest: $}\n",
        f"keys: {{people: {{env: DOORLOG_PEOPLE_KEY}}}}\nprotect: {protect}\n",
    )
    found: dict[str, Any] = tiny.event(**changes)["aws"]["cloudtrail"]["flattened"]["all"]
    return found


def test_all_below_a_path_is_hidden_and_what_a_step_cannot_take_is_taken_away(tiny: Tiny) -> None:
    left = protected(tiny, "{$.additionalEventData: {redact: true}}")["additionalEventData"]
    assert left == {"text": "REDACTED", "list": ["REDACTED"] * 2, "twice": "REDACTED", "object": {"k": "REDACTED"}}
    left = protected(tiny, "{$.sourceIPAddress: {network_address: [24, 48]}}", sourceIPAddress="AWS Internal")
    assert "sourceIPAddress" not in left


@pytest.mark.parametrize(
    ("protect", "expected"),
    [
        ("{$.sourceIPAddress: {network_address: [24, 48]}}", "203.0.113.0"),
        ("{$.sourceIPAddress: {mask: 2}}", "*****.5"),
        ("{$.sourceIPAddress: {redact: true}}", "REDACTED"),
        ("{$.sourceIPAddress: {before_last: '.', digest: md5}}", hashlib.md5(b"203.0.113").hexdigest()),
        ("{$.sourceIPAddress.x: {redact: true}}", "REDACTED"),
        ("{$.sourceAddress: {redact: true}}", "203.0.113.5"),
    ],
)
def test_steps_are_taken_in_their_order(tiny: Tiny, protect: str, expected: str) -> None:
    assert protected(tiny, protect)["sourceIPAddress"] == expected


def test_a_reject_holds_the_record_as_it_came(tiny: Tiny) -> None:
    tiny.ecs("message: $.errorCode\n", "protect: {$.errorCode: {redact: true}}\n")
    record = RECORD | {"userIdentity": "no object", "errorCode": "secret"}
    outcome = tiny.normalizer("tiny")(record)
    assert isinstance(outcome, Reject) and outcome.raw == record


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("protect: {$.eventName: {redact: true}}", "tells the kind or the time"),
        ("protect: {$.eventTime: {digest: sha256}}", "tells the kind or the time"),
        ("protect: {$: {redact: true}}", "all of the record"),
        ("protect: {$.a: {redact: true}, $.a.b: {redact: true}}", "hidden twice"),
        ("protect: {$.a: {pseudonim: people}}", "did you mean 'pseudonym'"),
        ("protect: {$.a: {pseudonym: people}}", "there is no key 'people'"),
        ("protect: {$.a: {mask: 40}}", "at most 8"),
        ("protect: {$.a: {redact: false}}", "hides nothing"),
        ("protect: {$.a: redact}", "a protection holds steps"),
        ("protect: {userName: {redact: true}}", "record path"),
        ("keys: {people: secret}", "in the environment or in a file"),
        ("keys: {people: {value: secret}}", "in the environment or in a file"),
        ("set: {labels.a: {from: $.errorCode, pseudonym: people}}", "stands under `protect`"),
    ],
)
def test_what_cannot_be_protected_is_refused_where_it_stands(tiny: Tiny, more: str, said: str) -> None:
    tiny.write("over", f"mapping: over\nextends: ecs\n{more}\n")
    with pytest.raises(MappingError, match=said) as refused:
        tiny.normalizer("over")
    assert refused.value.findings[0].file.endswith("over.yaml") and refused.value.findings[0].line == 3


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("{env: DOORLOG_NO_SUCH_KEY}", "the environment variable DOORLOG_NO_SUCH_KEY, which can't be read"),
        ("{file: no-such.key}", "the file no-such.key, which can't be read"),
        ("{file: short.key}", "has 16 to 4096 bytes"),
        ("{file: .}", "can't be read"),
    ],
)
def test_a_key_that_cannot_be_had_is_told_where_the_mapping_names_it(tiny: Tiny, keys: str, said: str) -> None:
    (tiny.folder / "short.key").write_text("canary-secret\n", "utf-8")
    tiny.write(
        "over", f"mapping: over\nextends: ecs\nkeys: {{k: {keys}}}\nprotect: {{$.errorCode: {{pseudonym: k}}}}\n"
    )
    with pytest.raises(MappingError) as refused:
        tiny.normalizer("over")
    message = str(refused.value)
    assert said in message and "over.yaml:3:" in message
    assert "canary" not in message


def test_a_key_file_may_end_in_a_newline(tiny: Tiny) -> None:
    (tiny.folder / "people.key").write_bytes(KEY.encode() + b"\n")
    over = "mapping: over\nextends: ecs\nkeys: {k: {file: people.key}}\n"
    tiny.write("over", over + "protect: {$.userIdentity.userName: {pseudonym: k}}\n")
    record = records()[0]

    def name(normalize: Normalizer) -> str:
        events = normalize(record)
        assert isinstance(events, tuple) and events[0] is not None
        return str(events[0]["user"]["name"])

    assert name(tiny.normalizer("over")) == name(normalizer(["ecs+pseudonymous"]))


def test_without_the_key_the_command_ends_at_once_with_code_2_and_says_no_secret(tmp_path: Path) -> None:
    root = GOLDEN.parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "doorlog", "--to", "ecs+pseudonymous", str(root / "examples" / "signins.ndjson")],
        env={"PYTHONPATH": str(root / "plugin"), "DOORLOG_PEOPLE_KEY": "canary"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"DOORLOG_PEOPLE_KEY" in done.stderr and b"canary" not in done.stderr
