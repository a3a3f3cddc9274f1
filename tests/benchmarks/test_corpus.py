"""The corpus is the same everywhere, and made of what it says."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from itertools import islice

import pytest

import corpus
from doorlog.intake import Intake
from doorlog.normalize import normalizer
from doorlog.record import Reject, Skip
from doorlog.schema import RecordSchema
from people import KINDS

SOME = 3_000


def digest(count: int, seed: int = corpus.SEED) -> str:
    return sha256(b"".join(corpus.lines(corpus.records(count, seed)))).hexdigest()


def test_every_run_gives_the_same_bytes() -> None:
    assert digest(200) == digest(200)
    assert digest(200) != digest(200, seed=1)


def test_figures_from_elsewhere_are_about_the_same_bytes() -> None:
    assert digest(1_000) == "ee88e02f2a24f634e727d8a00534db860562a3ed1436621fa12a6e215be2505a"


def test_a_longer_corpus_begins_as_a_shorter_one_does() -> None:
    assert list(islice(corpus.records(1_000), 50)) == list(corpus.records(50))


def test_every_record_is_valid_and_its_ids_and_times_are_its_own() -> None:
    records = list(corpus.records(SOME))
    schema = RecordSchema()
    assert [record for record in records if not schema.proves(record)] == []
    assert len({record["eventID"] for record in records}) == len({record["eventTime"] for record in records}) == SOME


def test_the_shares_are_those_that_the_documentation_names() -> None:
    records = list(corpus.records(SOME))
    kinds = Counter(record["userIdentity"]["type"] for record in records)
    for kind, share in KINDS.items():
        assert kinds[kind] / SOME == pytest.approx(share, abs=0.03)
    assert sum("errorMessage" in record for record in records) / SOME == pytest.approx(0.18, abs=0.03)
    assert sum(":" in record["sourceIPAddress"] for record in records) / SOME == pytest.approx(0.06, abs=0.03)
    sizes = [len(line) for line in corpus.lines(iter(records))]
    assert sum(sizes) / SOME == pytest.approx(1_170, abs=30)


def test_the_mixed_corpus_has_events_skips_and_rejects() -> None:
    normalize = normalizer(["ecs"])
    found = Intake().feed(b"".join(corpus.lines(corpus.mixed(SOME))))
    outcomes = [normalize(what) if isinstance(what, dict) else what for what, _, _, _ in found]
    assert sum(isinstance(outcome, Reject) for outcome in outcomes) == SOME // 200
    assert {outcome.name for outcome in outcomes if isinstance(outcome, Skip)} == {"near-sign-in", "not-sign-in"}
    events = [event for outcome in outcomes if not isinstance(outcome, Reject | Skip) for event in outcome if event]
    actions = {event["event"]["action"] for event in events}
    assert actions == {"ConsoleLogin", "CheckMfa", "SwitchRole", "UserAuthentication"}
