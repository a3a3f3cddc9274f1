"""The page on the kinds of event says what the mappings say, with a record of each kind and its events."""

from __future__ import annotations

import json

from events_page import PAGE, examples, page
from pages import fences

from doorlog.mapping.load import load


def test_the_page_is_as_the_mappings_have_it(update: bool) -> None:
    if update:
        PAGE.write_text(page(), "utf-8")
    assert PAGE.read_text("utf-8") == page(), "`pytest tests/docs --update-golden` writes it anew"


def test_every_kind_is_on_the_page_with_what_it_means_a_record_and_two_events() -> None:
    text = PAGE.read_text("utf-8")
    kinds = [kind for kind in load("ecs+near-sign-in").kinds if not kind.skip]
    assert [kind.name for kind in kinds if f"\n### {kind.name}\n\n{kind.description}\n" not in text] == []
    assert [kind.name for kind in kinds if kind.name not in examples()] == []
    shown = [json.loads(fence.text) for fence in fences(PAGE, "json")]
    assert len(shown) == 3 * len(kinds)
    assert all("eventName" in record for record in shown[::3])
    assert all(event["ecs"]["version"] for event in shown[1::3])
    assert all(event["class_uid"] for event in shown[2::3])
