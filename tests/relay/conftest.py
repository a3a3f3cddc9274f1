"""Relays and the server behind them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "outputs"))

from certificates import Certificates, made_in
from faulty_server import FaultyServer
from relay_process import Relay


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    """A server that confirms everything, until a test gives it faults."""
    with FaultyServer() as server:
        yield server


@pytest.fixture
def start(server: FaultyServer) -> Iterator[Callable[..., Relay]]:
    """Starts relays that send to that server, and ends those that a test has left running."""
    started: list[Relay] = []

    def relay(*options: str, **more: object) -> Relay:
        started.append(Relay(f"fluentd://127.0.0.1:{server.port}/out", *options, **more))
        return started[-1]

    yield relay
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.end()


@pytest.fixture
def relay(start: Callable[..., Relay]) -> Relay:
    """A relay without a particular option."""
    return start()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates as files."""
    return made_in(tmp_path_factory.mktemp("certificates"))
