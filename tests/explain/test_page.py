"""The page of an explanation: what it is made of, and what it does in a real browser."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, find_chromium

from doorlog.explain.explanation import Explainer, leaves
from doorlog.explain.page import page
from doorlog.mapping.load import load

HERE = Path(__file__).resolve().parent
RECORD = json.loads((HERE / "record.json").read_text("utf-8"))
HOSTILE = "</div></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u202e\x1b"


def written(mapping: str = str(HERE / "small.yaml"), **changes: Any) -> str:
    return page(Explainer(load(mapping))({**RECORD, **changes}), "record.json:1")


class Elements(HTMLParser):
    """The elements of a page, with the text directly in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(dict(attrs).get("id") or (self._open[-1] if self._open else ""))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data

    def by_id(self) -> dict[str, dict[str, str | None]]:
        return {str(attributes["id"]): attributes for _, attributes in self.found if attributes.get("id")}


def test_every_value_of_record_and_event_is_in_the_page_and_linked() -> None:
    elements = Elements(written())
    shown = elements.by_id()
    ids = [name for name in shown if name.startswith("r")]
    assert len(ids) >= len(list(leaves(RECORD)))
    linked = {name: attributes for name, attributes in shown.items() if "data-came" in attributes}
    assert all(name.startswith("e") for name in linked)
    for attributes in linked.values():
        for other in f"{attributes['data-came']} {attributes['data-looked']}".split():
            assert other in shown, other
    assert {f"d-{name}" for name in linked} <= set(shown)


def test_a_field_is_linked_with_its_rule_and_with_the_value_that_it_came_from() -> None:
    elements = Elements(written())
    ((name, attributes),) = [
        (name, attributes)
        for name, attributes in elements.by_id().items()
        if elements.texts.get(f"d-{name}", "").startswith("event.outcome")
    ]
    came = str(attributes["data-came"]).split()
    assert [elements.texts[one].strip() for one in came if one.startswith("r")] == ['"ConsoleLogin": "Success"']
    assert any("event.outcome:" in elements.texts[one] for one in came if one.startswith("m"))
    assert any("key: $.eventName" in elements.texts[one] for one in came if one.startswith("m"))
    assert name.startswith("e")


def test_the_page_needs_nothing_from_elsewhere_and_lets_nothing_else_in() -> None:
    text = written()
    elements = Elements(text)
    assert {tag for tag, _ in elements.found} <= {
        *("html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "main", "section", "div"),
        *("span", "p", "b", "code", "aside", "article", "script", "ul", "li"),
    }
    for _, attributes in elements.found:
        assert not {"src", "href", "style", "action"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    policy = next(str(a["content"]) for _, a in elements.found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_what_a_hostile_record_holds_is_text(tmp_path: Path) -> None:
    plain = Elements(written())
    text = written(userIdentity={"userName": HOSTILE}, **{HOSTILE: {HOSTILE: [HOSTILE]}})
    hostile = Elements(text)
    assert {tag for tag, _ in hostile.found} == {tag for tag, _ in plain.found}
    assert [tag for tag, _ in hostile.found].count("script") == 1
    assert "\u202e" not in text and "\x1b" not in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"eventTime": "yesterday"}, "rejected</b>, invalid_record"),
        ({"eventName": "GetSigninToken"}, "skipped</b>, token"),
        ({"eventSource": "ec2.amazonaws.com"}, "skipped</b>, not-sign-in"),
    ],
)
def test_a_record_without_an_event_has_a_page_too(changes: dict[str, Any], said: str) -> None:
    text = written(**changes)
    assert said in text
    assert ('class="line i1 item wrong"' in text) is ("eventTime" in changes)


def test_the_same_record_gives_the_same_page() -> None:
    assert written() == written()


# -- in a real browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(find_chromium(), tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def id_of(browser: Browser, text: str, column: str) -> str:
    """The id of the line with this text in a column."""
    found = browser.asked(
        f"[...document.querySelectorAll('section[aria-label={column}] [id]')]"
        f".filter((one) => one.textContent.includes({json.dumps(text)})).map((one) => one.id)"
    )
    assert len(found) == 1, (text, found)
    return str(found[0])


def lit(browser: Browser, what: str, column: str) -> list[str]:
    """The texts of the lines that light up in a column."""
    found = browser.asked(
        f"[...document.querySelectorAll('section[aria-label={column}] .{what}')].map((one) => one.innerText.trim())"
    )
    assert isinstance(found, list)
    return [re.sub(r"^[0-9]+\s+", "", text) for text in found]


def opened(browser: Browser, folder: Path, fragment: str = "", mapping: str = "", **changes: Any) -> None:
    # To the name of the page that is open already, with a fragment, no page would be loaded.
    file = folder / f"{len(list(folder.iterdir()))}.html"
    file.write_text(written(mapping or str(HERE / "small.yaml"), **changes), "utf-8")
    browser.open(file, fragment)


def test_pointing_at_a_field_lights_up_its_rule_and_its_values(browser: Browser, tmp_path: Path) -> None:
    opened(browser, tmp_path)
    browser.point_at(id_of(browser, '"outcome": "success"', "Event"))
    assert lit(browser, "came", "Record") == ['"ConsoleLogin": "Success"']
    rules = lit(browser, "came", "Mapping")
    assert "event.outcome: {from: outcome, drop: [unknown]}" in rules
    assert any("key: $.eventName" in line for line in rules)
    shown = browser.asked("[...document.querySelectorAll('aside article:not([hidden])')].map((one) => one.innerText)")
    assert len(shown) == 1
    assert shown[0].startswith('event.outcome "success"')
    assert "$.responseElements, key: $.eventName" in shown[0]


def test_pointing_at_a_value_or_a_rule_lights_up_the_fields(browser: Browser, tmp_path: Path) -> None:
    opened(browser, tmp_path)
    browser.point_at(id_of(browser, '"userName": "anaya"', "Record"))
    assert '"name": "anaya"' in lit(browser, "came", "Event")
    assert lit(browser, "came", "Mapping") != []
    browser.point_at(id_of(browser, "labels.team:", "Mapping"))
    assert lit(browser, "came", "Event") == ['"team": "other",']
    assert lit(browser, "came", "Record") == []


def test_a_condition_that_was_looked_at_is_told_apart(browser: Browser, tmp_path: Path) -> None:
    opened(browser, tmp_path)
    browser.point_at(id_of(browser, '"mfa": "yes"', "Event"))
    assert lit(browser, "looked", "Record") == ['"CredentialType": "PASSWORD, TOTP"', '"MFAUsed": "Yes",'][::-1]
    assert lit(browser, "came", "Record") == []


def test_a_click_pins_and_escape_lets_go(browser: Browser, tmp_path: Path) -> None:
    opened(browser, tmp_path)
    outcome, team = id_of(browser, '"outcome": "success"', "Event"), id_of(browser, '"team": "other"', "Event")
    browser.point_at(outcome)
    browser.click(outcome)
    browser.point_at(team)
    assert lit(browser, "pinned", "Event") == ['"outcome": "success",']
    assert lit(browser, "pointed", "Event") == ['"outcome": "success",']
    browser.press("Escape")
    assert lit(browser, "pointed", "Event") == []
    browser.point_at(team)
    assert lit(browser, "pointed", "Event") == ['"team": "other",']


def test_the_keyboard_alone_is_enough(browser: Browser, tmp_path: Path) -> None:
    opened(browser, tmp_path)
    browser.press("Tab")
    assert lit(browser, "pointed", "Record") == ['"eventTime": "2024-06-10T08:05:20Z",']
    browser.press("ArrowDown")
    assert lit(browser, "pointed", "Record") == ['"eventSource": "signin.amazonaws.com",']
    browser.press("Enter")
    assert lit(browser, "pinned", "Record") == ['"eventSource": "signin.amazonaws.com",']
    browser.press("ArrowUp")
    assert lit(browser, "pointed", "Record") == ['"eventSource": "signin.amazonaws.com",']


def test_a_field_can_be_linked_to(browser: Browser, tmp_path: Path) -> None:
    opened(browser, tmp_path, "#user.name")
    assert lit(browser, "pinned", "Event") == ['"name": "anaya"']


def test_a_hostile_record_runs_nothing_and_fetches_nothing(browser: Browser, tmp_path: Path) -> None:
    opened(browser, tmp_path, userIdentity={"userName": HOSTILE}, **{HOSTILE: [HOSTILE]})
    assert browser.asked("document.images.length + document.scripts.length") == 1
    browser.point_at(id_of(browser, '"userName"', "Record"))
    assert lit(browser, "came", "Event") != []
    asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("file://")] == []
    told = [e for e in browser.events if e.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert told == []


def test_the_pages_of_the_shipped_mappings_open_without_a_fault(browser: Browser, tmp_path: Path, root: Path) -> None:
    record = json.loads((root / "examples" / "signins.ndjson").read_bytes().splitlines()[3])
    for mapping in ("ecs", "ocsf"):
        opened(browser, tmp_path, "#user.name", mapping, **record)
        assert lit(browser, "came", "Record") == ['"userName": "anaya"']
        assert [e for e in browser.events if e.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")] == []
        width = browser.asked("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width == 0, "the page is wider than the window"
        assert browser.picture().startswith(b"\x89PNG")
