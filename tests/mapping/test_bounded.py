"""What is remembered of records stays small, whatever the records hold."""

from __future__ import annotations

from typing import Any

import pytest

from doorlog.mapping import shapes
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject

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


def test_what_is_remembered_of_odd_records_is_a_few_numbers(normalize: Normalizer) -> None:
    normalize(SIGN_IN)
    functions = normalize._functions["console-login"]
    for number in range(20):
        assert isinstance(normalize(SIGN_IN | {f"odd{number}-{n}": n for n in range(200)}), tuple)
        assert isinstance(normalize(SIGN_IN | {f"{number}" * 5000: "x"}), tuple)
        identity = SIGN_IN["userIdentity"] | {f"odd{number}-{n}": n for n in range(200)} | {"type": "t" * 5000}
        assert isinstance(normalize(SIGN_IN | {"userIdentity": identity}), tuple)
    assert len(functions._missed) <= 4
    assert all(len(str(part)) < 50 for key in functions._missed for part in key)


def test_odd_records_get_no_function_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    own = normalizer(["ecs"])
    for odd in ({f"odd{n}": n for n in range(200)}, {"o" * 5000: "x"}):
        for _ in range(2):
            assert isinstance(own(SIGN_IN | odd), tuple)
        assert own._functions["console-login"].by_shape(SIGN_IN | odd) is None


def test_the_functions_for_shapes_with_the_same_key_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    own = normalizer(["ecs"])
    for number in range(20):
        assert isinstance(own(SIGN_IN | {f"odd{number}": number}), tuple)
    (alike,) = own._functions["console-login"]._made.values()
    assert len(alike) == shapes.MOST_ALIKE


def test_records_that_no_function_takes_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    own = normalizer(["ecs"])
    for _ in range(shapes.MOST_ALIKE + 1):
        assert isinstance(own(SIGN_IN | {"userAgent": "too long" * 200}), tuple)
    usual = SIGN_IN | {"userAgent": "agent"}
    assert isinstance(own(usual), tuple)
    assert own._functions["console-login"].by_shape(usual) is not None


def test_the_functions_for_shapes_are_asked_once_for_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    own = normalizer(["ecs"])
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(shapes.Specialized, "by_shape", lambda _, record: asked.append(record))
    for times in (1, 2, 3):
        assert isinstance(own(SIGN_IN), tuple)
        assert len(asked) == times


def test_a_shape_has_one_function_however_often_that_takes_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    own = normalizer(["ecs"])
    for _ in range(shapes.MOST_ALIKE + 1):
        assert isinstance(own(SIGN_IN | {"eventTime": "2024-02-30T08:01:12Z"}), Reject)
    (alike,) = own._functions["console-login"]._made.values()
    assert len(alike) == 1


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

    functions._made = {key: [fail] for key in functions._made}
    assert functions._made
    assert own(SIGN_IN) == expected
