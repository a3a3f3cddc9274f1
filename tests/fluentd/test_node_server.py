"""Events to a Forward server that somebody else wrote: npm's `@fluent-org/logger`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from node_server import NodeServer

from doorlog.outputs import DeliveryFailed, Event, ForwardSettings, Output, Patience, open_output

TIME = 1_753_000_000_123_456_789
WAITING = Patience(answer=5.0, give_up=30.0)


def event(number: int, target: str = "ecs") -> Event:
    document = {
        "@timestamp": "2025-07-20T08:26:40.123Z",
        "event": {"id": str(number), "outcome": "failure", "provider": "signin.amazonaws.com"},
        "user": {"name": "anaya ☃ \U0001f511"},
        "source": {"ip": "2001:db8::7"},
        "mfa": [True, False, None, -1, 2**40, 0.5],
    }
    return Event(document, target, TIME + number, None)


def output_to(port: int, *targets: str, patience: Patience = WAITING) -> Output:
    return open_output(
        f"fluentd://127.0.0.1:{port}/signin", "json", targets or ["ecs"], settings=ForwardSettings(patience=patience)
    )


@pytest.fixture
def server(start_node_server: Callable[..., NodeServer]) -> NodeServer:
    return start_node_server()


def as_printed(event: Event, tag: str) -> dict[str, Any]:
    seconds, nanoseconds = divmod(event.time_ns, 10**9)
    return {"tag": tag, "seconds": seconds, "nanoseconds": nanoseconds, "record": event.document}


def test_every_event_arrives_once_with_nanoseconds_and_exact_tag(server: NodeServer) -> None:
    events = [event(number) for number in range(3000)]
    output_to(server.port).write(events)
    assert [server.next() for _ in events] == [as_printed(one, "signin") for one in events]
    assert server.stop() == []


def test_two_targets_give_two_tags(server: NodeServer) -> None:
    events = [event(number, target) for number in range(10) for target in ("ecs", "ocsf")]
    output_to(server.port, "ecs", "ocsf").write(events)
    arrived = server.stop()
    for target in ("ecs", "ocsf"):
        tag = f"signin.{target}"
        expected = [as_printed(one, tag) for one in events if one.target == target]
        assert [one for one in arrived if one["tag"] == tag] == expected
    assert len(arrived) == len(events)


def test_a_lost_ack_brings_the_batch_again(start_node_server: Callable[..., NodeServer]) -> None:
    server = start_node_server(drop_acks=1)
    output_to(server.port, patience=Patience(answer=0.5, give_up=30.0)).write([event(1)])
    printed = as_printed(event(1), "signin")
    assert server.stop() == [printed, {"dropped": True}, printed]


def test_a_server_that_never_acks_ends_in_a_failure_within_the_deadline(
    start_node_server: Callable[..., NodeServer],
) -> None:
    server = start_node_server(drop_acks=1_000_000)
    began = time.monotonic()
    with pytest.raises(DeliveryFailed, match="3 of 3 events not confirmed: no ack in time"):
        output_to(server.port, patience=Patience(answer=0.5, give_up=1.5)).write([event(number) for number in range(3)])
    assert time.monotonic() - began < 10
    server.stop()


def test_a_server_killed_and_restarted_while_events_flow_loses_nothing(
    start_node_server: Callable[..., NodeServer],
) -> None:
    count, burst = 20_000, 50
    server = start_node_server()
    output = output_to(server.port)
    failures: list[BaseException] = []

    def send() -> None:
        try:
            for first in range(0, count, burst):
                output.write([event(number) for number in range(first, first + burst)])
        except BaseException as failure:
            failures.append(failure)

    sending = threading.Thread(target=send)
    sending.start()
    arrived = []
    for _ in range(3):
        for _ in range(1500):
            arrived.append(server.next())
        arrived += server.kill()
        server = start_node_server(port=server.port)
    sending.join(60)
    assert not sending.is_alive()
    arrived += server.stop()
    assert failures == []
    assert {one["record"]["event"]["id"] for one in arrived} == {str(number) for number in range(count)}
