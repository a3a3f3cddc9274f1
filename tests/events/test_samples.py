"""Published records: sign-ins become events without a finding, malformed texts rejects, all else skips."""

from __future__ import annotations

import copy
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from strict_checks import Json, Strict

from doorlog.intake import Intake
from doorlog.normalize import Normalizer
from doorlog.record import Reject, Skip

NO_SIGN_IN = ("near-signin", "negatives")
NO_RECORDS = ("malformed", "envelopes")


def manifest(shared: Path) -> Iterator[dict[str, str]]:
    with (shared / "samples" / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def of_folders(shared: Path, *folders: str) -> list[dict[str, str]]:
    found = [row for row in manifest(shared) if row["file"].split("/")[0] in folders]
    assert found
    return found


def sign_ins(shared: Path) -> list[tuple[str, str, Json]]:
    """Every published sign-in record: its file, the outcome that the list of samples has for it, and itself."""
    found = []
    for row in manifest(shared):
        if row["file"].split("/")[0] in (*NO_SIGN_IN, *NO_RECORDS):
            continue
        read = records(shared, row["file"])
        assert read, row["file"]
        found += [(row["file"], row["outcome"], record) for record in read]
    return found


def read(shared: Path, file: str) -> list[Any]:
    intake = Intake()
    return [what for what, *_ in intake.feed((shared / "samples" / file).read_bytes()) + intake.end()]


def records(shared: Path, file: str) -> list[Json]:
    return [what for what in read(shared, file) if isinstance(what, dict)]


def test_every_sign_in_gives_events_without_a_finding(shared: Path, normalize: Normalizer, strict: Strict) -> None:
    wrong = []
    for file, _, record in sign_ins(shared):
        before = copy.deepcopy(record)
        events = normalize(record)
        if not isinstance(events, tuple) or isinstance(events, Skip | Reject):
            wrong.append(f"{file}: {events!r}")
            continue
        assert record == before, file
        for target, event in zip(normalize.targets, events, strict=True):
            wrong += [f"{file}: {target}: {finding}" for finding in strict.findings(event)]
            wrong += [f"{file}: {target}: lost {path}" for path in strict.lost(record, event)]
    wrong += strict.conflicts()
    assert wrong == []
    assert len(sign_ins(shared)) >= 85


def test_every_outcome_is_the_one_that_was_recorded(shared: Path, normalize: Normalizer) -> None:
    told = 0
    for file, outcome, record in sign_ins(shared):
        ecs, ocsf, *_ = normalize(record)
        if outcome in ("success", "failure"):
            told += 1
            assert (ecs["event"]["outcome"], ocsf["status"].lower()) == (outcome, outcome), file
    assert told >= 80


@pytest.mark.parametrize("folder", NO_SIGN_IN)
def test_what_is_no_sign_in_is_skipped(shared: Path, normalize: Normalizer, folder: str) -> None:
    for row in of_folders(shared, folder):
        found = read(shared, row["file"])
        results = [normalize(what) if isinstance(what, dict) else what for what in found]
        assert results, row["file"]
        assert all(isinstance(result, Skip) for result in results), (row["file"], results)


def test_what_is_malformed_is_rejected(shared: Path, normalize: Normalizer) -> None:
    for row in of_folders(shared, "malformed"):
        results = [normalize(what) if isinstance(what, dict) else what for what in read(shared, row["file"])]
        assert results, row["file"]
        assert all(isinstance(result, Reject) for result in results), (row["file"], results)


def test_records_in_their_envelopes_become_events_or_are_counted(
    shared: Path, normalize: Normalizer, strict: Strict
) -> None:
    events = 0
    for file in sorted((shared / "samples" / "envelopes").iterdir()):
        for what in read(shared, f"envelopes/{file.name}"):
            result = normalize(what) if isinstance(what, dict) else what
            if isinstance(result, Reject | Skip):
                continue
            events += 1
            for event in result:
                assert strict.findings(event) == [], file.name
                assert strict.lost(what, event) == [], file.name
    assert events >= 10
