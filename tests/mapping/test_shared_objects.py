"""What no record changes is one object that all events share; what comes into an event stays in this event."""

from __future__ import annotations

import pytest
from tiny import RECORD, Tiny

from doorlog.mapping import shapes
from doorlog.normalize import Normalizer
from doorlog.record import Json

RULES = """\
observer.vendor: AWS
aws.cloudtrail.event_version: always
aws.cloudtrail.flattened.rest: {rest: $.additionalEventData}
"""


def event(normalize: Normalizer, about: Json) -> Json:
    outcome = normalize(RECORD | {"additionalEventData": about})
    assert isinstance(outcome, tuple)
    assert outcome[0] is not None
    return outcome[0]


@pytest.mark.parametrize("seen_often", [2, 1_000_000], ids=["by the function for a shape", "by the one for all"])
def test_an_object_of_constants_is_shared_unless_something_comes_into_it(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, seen_often: int
) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", seen_often)
    tiny.ecs(RULES)
    normalize = tiny.normalizer("tiny")
    events = [event(normalize, {f"key{number}": "x"}) for number in range(6)]
    assert events[4]["observer"] is events[5]["observer"]
    for number, one in enumerate(events):
        rest = {"rest": {f"key{number}": "x"}}
        assert one["aws"] == {"cloudtrail": {"event_version": "always", "flattened": rest}}
        assert one["observer"] == {"vendor": "AWS"}
