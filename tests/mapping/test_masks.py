"""Parameters that a mapping masks are nowhere in an event, however the URL is written and whatever becomes of it."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest
from tiny import RECORD, Tiny

from doorlog.errors import MappingError
from doorlog.mapping.masks import masker
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject

SECRET = "hunter2"


def masked(text: str, *names: str) -> str:
    changed = masker([(("url",), names or ("auth_code", "state"))])({"url": text})["url"]
    assert isinstance(changed, str)
    return changed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/?auth_code=hunter2", "https://a.example/?auth_code=MASKED"),
        ("https://a.example/?x=1&auth_code=hunter2&y=2", "https://a.example/?x=1&auth_code=MASKED&y=2"),
        ("https://a.example/?AUTH_CODE=hunter2#top", "https://a.example/?AUTH_CODE=MASKED#top"),
        ("https://a.example/#/x?state=hunter2&auth_code=hunter2", "https://a.example/#/x?state=MASKED&auth_code=MASKED"),
        ("https://a.example/?auth_code=hunter2 hunter2&y=2", "https://a.example/?auth_code=MASKED&y=2"),
        ("https://a.example/?auth_code=a%26hunter2&y=2", "https://a.example/?auth_code=MASKED&y=2"),
        ("https://a.example/?to=b%3Fauth_code%3Dhunter2%26y%3D2&z=3", "https://a.example/?to=b%3Fauth_code%3DMASKED%26y%3D2&z=3"),
        ("https://a.example/?to=b%253Fauth_code%253Dhunter2%2526y", "https://a.example/?to=b%253Fauth_code%253DMASKED%2526y"),
        ('{"LoginTo":"https://a.example/?auth_code=hunter2"}', '{"LoginTo":"https://a.example/?auth_code=MASKED"}'),
        ('{"LoginTo":"a?x=1\\u0026auth_code=hunter2\\u0026y"}', '{"LoginTo":"a?x=1\\u0026auth_code=MASKED\\u0026y"}'),
        ("https://a.example/?my_auth_code=1&auth_codes=2", "https://a.example/?my_auth_code=1&auth_codes=2"),
        ("https://a.example/?auth_code=&y=2", "https://a.example/?auth_code=MASKED&y=2"),
        ("https://a.example/auth_code", "https://a.example/auth_code"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_value_of_a_parameter_is_hidden_and_all_else_stays(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_record_without_such_a_value_is_given_back_and_none_is_changed() -> None:
    mask = masker([(("a",), ("state",))])
    plain: dict[str, Any] = {"a": {"b": "https://a.example/"}, "c": "?state=hunter2"}
    assert mask(plain) is plain
    record = {"a": [{"b": "?state=hunter2"}, 5, None], "c": {"state": "x"}}
    before = copy.deepcopy(record)
    assert mask(record) == {"a": [{"b": "?state=MASKED"}, 5, None], "c": {"state": "x"}}
    assert record == before


@pytest.fixture(scope="module")
def plain() -> Normalizer:
    return normalizer(["ecs", "ocsf"])


@pytest.fixture(scope="module")
def hiding() -> Normalizer:
    return normalizer(["ecs+masked", "ocsf+masked"])


# Where LoginTo may stand, of what type it may be, and what guards make of it.
PLACES: list[Any] = [
    {"LoginTo": f"https://a.example/start/?state={SECRET}&auth_code={SECRET}&wdc_csrf_token={SECRET}#auth_code={SECRET}"},
    {"LoginTo": f"https://a.example/a b?auth_code={SECRET}"},
    {"LoginTo": f"https://a.example/?auth_code={SECRET}&x=" + "x" * 70000},
    {"LoginTo": [f"https://a.example/?auth_code={SECRET}"]},
    {"LoginTo": {"url": f"https://a.example/?auth_code={SECRET}"}},
    {"RedirectTo": f"https://a.example/?state={SECRET}"},
    {"LoginTo": "https://a.example/", "RedirectTo": f"https://a.example/?SigninToken={SECRET}"},
    {"login_to": f"https://a.example/?auth_code={SECRET}"},
    f'{{"LoginTo":"https://a.example/?auth_code={SECRET}\\u0026x=1"}}',
    [f"https://a.example/?auth_code={SECRET}"],
]  # fmt: skip


@pytest.mark.parametrize("data", PLACES, ids=lambda data: str(data)[:40])
@pytest.mark.parametrize("name", ["ConsoleLogin", "UserAuthentication", "SwitchRole", "NobodyKnows"])
def test_with_the_shipped_masks_a_secret_is_nowhere_in_an_event(
    data: Any, name: str, plain: Normalizer, hiding: Normalizer
) -> None:
    record = RECORD | {"eventName": name, "eventType": "AwsConsoleSignIn", "additionalEventData": data}
    for _ in range(6):
        events = hiding(record)
        assert isinstance(events, tuple)
        assert SECRET not in orjson.dumps(events).decode()
        assert orjson.dumps(events).decode().count("MASKED") >= 2
    # Without it, nothing is hidden.
    assert orjson.dumps(plain(record)).decode().count(SECRET) >= 2


def test_a_reject_holds_the_record_as_it_came() -> None:
    record = RECORD | {"eventTime": "yesterday", "additionalEventData": {"LoginTo": f"?auth_code={SECRET}"}}
    reject = normalizer(["ecs+masked"])(record)
    assert isinstance(reject, Reject)
    assert reject.raw is record


def test_what_a_mapping_masks_can_be_added_to_and_removed(tiny: Tiny) -> None:
    record = RECORD | {"additionalEventData": {"LoginTo": "https://a.example/?auth_code=1"}, "userAgent": "a?key=1"}
    more = tiny.write("more", "mapping: more\nextends: [ecs, masked]\nmasks: {$.userAgent: key}\n")
    less = tiny.write("less", "mapping: less\nextends: more\nmasks:\n  $.additionalEventData: !remove\n")
    for file, url, agent in ((more, "MASKED", "a?key=MASKED"), (less, "1", "a?key=MASKED")):
        events = normalizer([file])(record)
        assert isinstance(events, tuple)
        event = events[0] or {}
        assert (event["url"]["query"], event["user_agent"]["original"]) == (f"auth_code={url}", agent)


def test_a_mask_without_names_is_refused(tiny: Tiny) -> None:
    with pytest.raises(MappingError, match="lists the names of the parameters"):
        normalizer([tiny.write("bad", 'mapping: bad\nextends: ecs\nmasks: {$.userAgent: ""}\n')])
