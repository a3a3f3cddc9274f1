"""Servers to deliver to: npm's Forward server, and a real Fluentd."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from node_server import HERE, NodeServer
from real_fluentd import VARIABLE, Command, find_fluentds

from node_packages import Node, packages


@pytest.fixture(scope="session")
def node_package(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, Path]:
    """Node, and a folder with npm's `@fluent-org/logger`, which is installed once into pytest's cache."""
    return packages(HERE, pytestconfig, tmp_path_factory)


@pytest.fixture
def start_node_server(node_package: tuple[Node, Path]) -> Iterator[Callable[..., NodeServer]]:
    """Starts Forward servers, and ends those that the test has left running."""
    started: list[NodeServer] = []

    def start(*, port: int = 0, drop_acks: int = 0, options: Mapping[str, Any] | None = None) -> NodeServer:
        started.append(NodeServer(*node_package, port=port, drop_acks=drop_acks, options=options))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that wants a real Fluentd runs in each that there is."""
    if "fluentd" in metafunc.fixturenames:
        commands = find_fluentds()
        metafunc.parametrize(
            "fluentd", commands or [None], ids=[each.name for each in commands] or ["none"], indirect=True
        )


@pytest.fixture(scope="session")
def fluentd(request: pytest.FixtureRequest) -> Command:
    """How to run a real Fluentd here."""
    if request.param is None:
        pytest.skip(f"NOT TESTED in a real Fluentd: none on PATH, and {VARIABLE} names no executable or checkout of it")
    command: Command = request.param
    return command


@pytest.fixture(scope="session")
def signins(root: Path) -> Callable[[int], list[dict[str, Any]]]:
    """As many different sign-in records as asked for, made of the examples."""
    examples = [json.loads(line) for line in (root / "examples" / "signins.ndjson").read_bytes().splitlines()]

    def numbered(number: int) -> dict[str, Any]:
        nanoseconds = f"{(number * 300_007 + 1) % 10**9:09d}"
        changed = {"eventID": f"event-{number}", "eventTime": f"2024-06-10T08:01:12.{nanoseconds}Z"}
        return {**examples[number % len(examples)], **changed}

    return lambda count: [numbered(number) for number in range(count)]
