"""Servers to deliver to: npm's Forward server, and a real Fluentd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from node_server import MissingError, Node, NodeServer, find_node, install
from real_fluentd import VARIABLE, Command, find_fluentd


@pytest.fixture(scope="session")
def node_package(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, Path]:
    """Node, and a folder with npm's `@fluent-org/logger`, which is installed once into pytest's cache."""
    try:
        node = find_node()
        return node, install(node, _cache(pytestconfig, tmp_path_factory))
    except MissingError as reason:
        pytest.skip(f"NOT TESTED against an independent Forward server: {reason}")


@pytest.fixture
def start_node_server(node_package: tuple[Node, Path]) -> Iterator[Callable[..., NodeServer]]:
    """Starts Forward servers, and ends those that the test has left running."""
    started: list[NodeServer] = []

    def start(*, port: int = 0, drop_acks: int = 0) -> NodeServer:
        started.append(NodeServer(*node_package, port=port, drop_acks=drop_acks))
        return started[-1]

    yield start
    for server in started:
        server.kill()


def _cache(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return Path(pytestconfig.cache.mkdir("forward-server"))
    except (AttributeError, OSError):
        # No cache plugin, or a checkout that can't be written to.
        return tmp_path_factory.mktemp("forward-server")


@pytest.fixture(scope="session")
def fluentd() -> Command:
    """How to run the real Fluentd here."""
    command = find_fluentd()
    if command is None:
        pytest.skip(f"NOT TESTED in a real Fluentd: none on PATH, and {VARIABLE} names no executable or checkout of it")
    return command
