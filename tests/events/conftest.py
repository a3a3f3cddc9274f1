"""The main path for both targets, our own records, and the strict checkers where they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from both_functions import Both
from strict_checks import Json, Strict

from doorlog.normalize import Normalizer, normalizer

VERSIONS = {"newest": ["ecs", "ocsf"], "older": ["ecs@8.11", "ocsf@1.1.0", "elastic-compat"]}


@pytest.fixture(scope="session", params=VERSIONS)
def targets(request: pytest.FixtureRequest) -> list[str]:
    """Both targets, in one of the two versions that each has; and what Elastic makes of ECS."""
    return VERSIONS[request.param]


@pytest.fixture(scope="session")
def normalize(targets: list[str]) -> Normalizer:
    return normalizer(targets)


@pytest.fixture(scope="session")
def both(targets: list[str]) -> Normalizer:
    """The same, by the function for all records and by that for the shape of each."""
    return Both(targets)


@pytest.fixture(scope="session")
def our_records(root: Path) -> dict[str, Json]:
    """Every record that was written for this project, by its name."""
    found = {
        file.name.split(".")[0]: json.loads(file.read_text("utf-8"))
        for file in root.glob("tests/golden/*/*.record.json")
    }
    assert len(found) > 60
    return found


@pytest.fixture(scope="session")
def strict(shared: Path) -> Strict:
    return Strict(shared)
