"""What is remembered of records stays small, whatever the records hold."""

from __future__ import annotations

from typing import Any

import pytest

from doorlog.mapping import shapes
from doorlog.normalize import Normalizer, normalizer

SIGN_IN: dict[str, Any] = {
    "eventTime": "2024-06-10T08:01:12Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "eventType": "AwsConsoleSignIn",
    "userIdentity": {"type": "IAMUser", "accountId": "111122223333", "userName": "alice"},
    "responseElements": {"ConsoleLogin": "Success"},
}


@pytest.fixture(scope="module")
def normalize() -> Normalizer:
    return normalizer(["ecs"])


def test_records_with_odd_members_are_not_counted_as_shapes(normalize: Normalizer) -> None:
    normalize(SIGN_IN)
    functions = normalize._functions["console-login"]
    before = len(functions._seen), len(functions._keys)
    for number in range(20):
        assert isinstance(normalize(SIGN_IN | {f"odd{number}-{n}": n for n in range(200)}), tuple)
        assert isinstance(normalize(SIGN_IN | {f"{number}" * 5000: "x"}), tuple)
        identity = SIGN_IN["userIdentity"] | {f"odd{number}-{n}": n for n in range(200)}
        assert isinstance(normalize(SIGN_IN | {"userIdentity": identity}), tuple)
    assert (len(functions._seen), len(functions._keys)) == before


def test_long_event_names_are_not_remembered(normalize: Normalizer) -> None:
    before = len(normalize._kinds._remembered)
    for number in range(20):
        normalize(SIGN_IN | {"eventName": f"{number}" * 5000})
    assert len(normalize._kinds._remembered) == before


def test_a_fault_in_a_function_for_a_shape_costs_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    own = normalizer(["ecs"])
    expected = own(SIGN_IN)
    functions = own._functions["console-login"]

    def fail(record: dict[str, Any]) -> None:
        raise ZeroDivisionError

    functions._made = dict.fromkeys(functions._made, fail)
    assert functions._made
    assert own(SIGN_IN) == expected
