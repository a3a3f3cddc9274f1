"""In an editor, with a real YAML language server, a mapping is completed, explained and checked as it is typed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from language_server import LanguageServer

from doorlog.resources import folder
from node_packages import packages

HERE = Path(__file__).resolve().parent
SHIPPED = sorted(folder("mappings").glob("*.yaml"))
COUNT = itertools.count()
MODELINE = "# yaml-language-server: $schema=schemas/mapping.schema.json\n"


@pytest.fixture(scope="module")
def server(
    root: Path, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LanguageServer]:
    node, installed = packages(HERE, pytestconfig, tmp_path_factory)
    started = LanguageServer(node.node, installed, root)
    yield started
    started.end()


class Editor:
    """A document of which the place of the bar (¦) is asked about."""

    def __init__(self, server: LanguageServer, root: Path) -> None:
        self._server = server
        self._folder = root

    def _opened(self, text: str) -> tuple[int, int]:
        before, _, after = text.partition("¦")
        self._file = self._folder / f"tried-{next(COUNT)}.yaml"
        self.found = self._server.open(self._file, MODELINE + before + after)
        lines = (MODELINE + before).split("\n")
        return len(lines) - 1, len(lines[-1])

    def completions(self, text: str) -> dict[str, str]:
        place = self._opened(text)
        try:
            return self._server.completions(self._file, *place)
        finally:
            self._server.close(self._file)

    def hover(self, text: str) -> str:
        place = self._opened(text)
        try:
            return self._server.hover(self._file, *place)
        finally:
            self._server.close(self._file)

    def messages(self, text: str) -> list[tuple[int, str]]:
        """The line of each finding, from 1 without the modeline, and what is said."""
        self._opened(text)
        self._server.close(self._file)
        return [(one["range"]["start"]["line"], one["message"]) for one in self.found]


@pytest.fixture
def editor(server: LanguageServer, root: Path) -> Editor:
    return Editor(server, root)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_nothing_is_wrong_in_a_shipped_mapping(server: LanguageServer, file: Path) -> None:
    assert file.read_text("utf-8").startswith("# yaml-language-server: $schema=../schemas/mapping.schema.json\n")
    assert server.open(file) == []
    server.close(file)


def test_the_keys_of_a_mapping_are_offered(editor: Editor) -> None:
    offered = editor.completions("mapping: mine\nextends: ecs\n¦\n")
    assert {"set", "facts", "tables", "kinds", "fields", "profiles"} <= offered.keys()
    assert offered["facts"] == "Named expressions, each computed once for a record."
    assert "mapping" not in offered


def test_mappings_are_offered_to_extend(editor: Editor) -> None:
    assert {"ecs", "ocsf", "aws-signin"} <= editor.completions("mapping: mine\nextends: ¦\n").keys()


@pytest.mark.parametrize(
    ("start", "field", "about"),
    [
        ("extends: ecs", "source.ip", "ECS 9.4.0, ip"),
        ("extends: [ecs, masked]", "event.outcome", "ECS 9.4.0, keyword: failure, success, unknown"),
        ("target: ecs@9.4.0", "related.hosts", "ECS 9.4.0, a list of keyword"),
        ("extends: ocsf", "src_endpoint.ip", "OCSF 1.8.0, ip_t"),
        ("extends: cim", "src_user", "CIM "),
        ("extends: udm", "metadata.event_timestamp", "UDM "),
    ],
)
def test_the_fields_of_the_target_are_offered_with_their_types(
    editor: Editor, start: str, field: str, about: str
) -> None:
    offered = editor.completions(f"mapping: mine\n{start}\nset:\n  message: x\n  ¦\n")
    assert offered[field].startswith(about)


def test_words_facts_and_paths_are_offered_where_they_belong(editor: Editor) -> None:
    start = "mapping: mine\nextends: ecs\nset:\n  user.name: "
    assert {"from", "template", "when", "as", "lower", "split"} <= editor.completions(start + "{f¦}\n").keys()
    sources = editor.completions(start + "{from: ¦}\n")
    assert {"outcome", "user_name", "$.userIdentity.arn", "$.additionalEventData.MFAUsed"} <= sources.keys()
    assert {"ip", "arn_name", "epoch_ms"} <= editor.completions(start + "{from: who, as: ¦}\n").keys()
    assert {"outcome", "user_type"} <= editor.completions(start + "{from: who, table: ¦}\n").keys()
    kind = "mapping: mine\nextends: ecs\nkinds:\n  mine:\n    ¦\n"
    assert {"when", "facts", "skip", "description"} <= editor.completions(kind).keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mapping: m\next¦ends: ecs\n", "that this one adds to"),
        (
            "mapping: m\nextends: ecs\nset:\n  event.out¦come: success\n",
            "ECS 9.4.0, keyword: failure, success, unknown",
        ),
        ("mapping: m\nextends: ecs\nset:\n  user.name: {fr¦om: who}\n", "of a list the first that gives something"),
        ("mapping: m\nextends: ecs\nset:\n  user.name: {from: who, a¦s: ip}\n", "An IPv4 or IPv6 address"),
        ("mapping: m\nextends: ecs\nset:\n  user.name: {from: who, aft¦er: x}\n", "What follows the first occurrence"),
        ("mapping: m\nkinds:\n  mine:\n    sk¦ip: true\n", "are no sign-ins"),
    ],
)
def test_what_is_pointed_at_is_explained(editor: Editor, text: str, said: str) -> None:
    assert said in editor.hover(text).replace("\\", "")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("mapping: m\nextend: ecs\n", 2, "Property extend is not allowed"),
        ("mapping: m\nset:\n  user.name: {form: $.a}\n", 3, "Property form is not allowed"),
        ("mapping: m\nset:\n  user.name: {from: who, as: ipp}\n", 3, "Value is not accepted"),
        ("mapping: m\nkinds:\n  mine: {whne: {}}\n", 3, "Property whne is not allowed"),
        ("mapping: m\nset: [message]\n", 2, "Incorrect type"),
        ("extends: ecs\n", 1, 'Missing property "mapping"'),
    ],
)
def test_what_is_wrong_is_marked(editor: Editor, text: str, line: int, said: str) -> None:
    assert any(at == line and said in message for at, message in editor.messages(text)), editor.found


def test_remove_is_no_error_once_its_tag_is_named_in_the_settings(editor: Editor) -> None:
    text = "mapping: m\nextends: ecs\nset: {message: !remove }\nkinds: {check-mfa: !remove }\nfacts: {who: !remove }\n"
    assert editor.messages(text) == []
