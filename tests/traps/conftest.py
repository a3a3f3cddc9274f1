"""What a record becomes, with everything that holds for every event looked at on the way."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from doorlog.normalize import normalizer
from doorlog.record import Reject, Skip

sys.path.append(str(Path(__file__).resolve().parents[1] / "events"))
from records import Become, Json
from strict_checks import Strict


@pytest.fixture(scope="session")
def outcome_of() -> Callable[[Json], Any]:
    """What the main path says of a record: events, a skip or a reject."""
    return normalizer(["ecs", "ocsf"])


@pytest.fixture(scope="session")
def become(outcome_of: Callable[[Json], Any], request: pytest.FixtureRequest) -> Become:
    """The ECS and the OCSF event of a record; where the checkers are at hand, without a finding and without a loss."""
    try:
        strict: Strict | None = Strict(request.getfixturevalue("shared"))
    except pytest.skip.Exception:
        strict = None
    earlier = normalizer(["ecs@8.11.0", "ocsf@1.1.0"])

    def events(record: Json) -> tuple[Json, Json]:
        before = copy.deepcopy(record)
        result = outcome_of(record)
        assert not isinstance(result, Skip | Reject), result
        assert record == before
        ecs, ocsf = result
        if strict is not None:
            for event in (ecs, ocsf, *earlier(record)):
                assert strict.findings(event) == []
                assert strict.lost(record, event) == []
        return ecs, ocsf

    return events
