"""Events to a Forward server, whatever it does to them."""

from __future__ import annotations

import base64
import random
import socket
import threading
import time
from collections.abc import Callable

import pytest
from faulty_server import FaultyServer
from sample_events import TIME, signin

from doorlog.errors import OutputClosed, OutputFailed
from doorlog.outputs import DeliveryFailed, ForwardSettings, Output, Patience, Stop, open_output

BRISK = Patience(connect=2.0, answer=1.5, give_up=20.0)


def output_to(
    server: FaultyServer, *targets: str, patience: Patience = BRISK, stop: Stop = lambda: None, host: str = "127.0.0.1"
) -> Output:
    spec = f"fluentd://{host}:{server.port}/signin"
    return open_output(spec, "json", targets or ["ecs"], settings=ForwardSettings(patience), stop=stop)


def ids(server: FaultyServer) -> list[str]:
    return [arrived.record["event"]["id"] for arrived in server.arrived]


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_every_event_arrives_once_in_order_with_its_tag_document_and_nanoseconds() -> None:
    events = [signin(number) for number in range(2500)]
    with FaultyServer() as server:
        output_to(server).write(events)
        assert server.arrived == [("signin", event.time_ns, event.document) for event in events]
        assert server.connections == 1


def test_a_burst_of_nothing_sends_nothing() -> None:
    with FaultyServer() as server:
        output_to(server).write([])
        assert server.connections == 0


def test_a_single_target_gets_the_tag_as_it_stands() -> None:
    with FaultyServer() as server:
        output_to(server, "reject").write([signin(1, "reject")])
        assert [arrived.tag for arrived in server.arrived] == ["signin"]


def test_several_targets_get_a_tag_each_and_stay_in_order() -> None:
    events = [signin(number, target) for number in range(1500) for target in ("ecs", "ocsf")]
    with FaultyServer() as server:
        output_to(server, "ecs", "ocsf").write(events)
        for target in ("ecs", "ocsf"):
            arrived = [one.record["event"]["id"] for one in server.arrived if one.tag == f"signin.{target}"]
            assert arrived == [str(number) for number in range(1500)]
        assert len(server.arrived) == len(events)


def test_messages_stay_below_what_receivers_take() -> None:
    events = [signin(number)._replace(document={"pad": "x" * 10_000}) for number in range(300)]
    with FaultyServer() as server:
        output_to(server).write(events)
        assert len(server.arrived) == 300
        assert max(map(len, server.messages)) < 1_000_000
        assert [option["size"] for option in server.options] == [53, 53, 53, 53, 53, 35]


def test_one_event_larger_than_a_batch_goes_by_itself() -> None:
    large = signin(1)._replace(document={"pad": "x" * 3_000_000})
    with FaultyServer() as server:
        output_to(server).write([signin(0), large, signin(2)])
        assert [option["size"] for option in server.options] == [2, 1]
        assert server.arrived[1].record == large.document


def test_chunk_ids_are_text_of_128_bits_and_never_used_twice() -> None:
    with FaultyServer() as server:
        output_to(server).write([signin(number) for number in range(5000)])
        chunks = [option["chunk"] for option in server.options]
        assert len(set(chunks)) == len(chunks) == 5
        assert all(isinstance(chunk, str) and len(base64.b64decode(chunk)) == 16 for chunk in chunks)


@pytest.mark.parametrize(
    ("time_ns", "received"),
    [
        (0, 0),
        ((2**32 - 1) * 10**9 + 999_999_999, (2**32 - 1) * 10**9 + 999_999_999),
        (2**32 * 10**9 + 7, 2**32 * 10**9),
        (-1, -(10**9)),
    ],
)
def test_a_time_beyond_event_time_goes_out_in_whole_seconds(time_ns: int, received: int) -> None:
    with FaultyServer() as server:
        output_to(server).write([signin(0)._replace(time_ns=time_ns)])
        assert [arrived.time for arrived in server.arrived] == [received]


def test_a_document_that_messagepack_refuses_costs_its_neighbours_nothing() -> None:
    with FaultyServer() as server:
        output_to(server).write([signin(1), signin(2)._replace(document={"odd": ["\ud800", 2**70]}), signin(3)])
        assert [one.record for one in server.arrived] == [
            signin(1).document,
            {"odd": ["\ufffd", float(2**70)]},
            signin(3).document,
        ]


@pytest.mark.parametrize("fault", ["silent", "wrong", "hang_up", "half_close", "reset", "garbage", "flood"])
def test_a_batch_without_its_ack_goes_out_again_unchanged(fault: str) -> None:
    events = [signin(number) for number in range(3000)]
    with FaultyServer(["ack", fault]) as server:
        output_to(server).write(events)
        assert set(ids(server)) == {str(number) for number in range(3000)}
        # After a reset the first try is no whole message, so there is nothing to see of it.
        assert len(server.messages) == (3 if fault == "reset" else 4)
        assert len(set(server.messages)) == 3
        assert server.connections == 2


@pytest.mark.parametrize("fault", ["twice", "split", "slow", "ack_close"])
def test_an_ack_counts_however_it_comes(fault: str) -> None:
    events = [signin(number) for number in range(20)]
    with FaultyServer([fault] * 3) as server:
        output = output_to(server, patience=Patience(answer=5.0))
        for burst in (events[:10], events[10:15], events[15:]):
            output.write(burst)
        assert ids(server) == [str(number) for number in range(20)]


def test_a_late_ack_is_waited_for() -> None:
    with FaultyServer(["late"]) as server:
        began = time.monotonic()
        output_to(server, patience=Patience(answer=5.0)).write([signin(1)])
        assert time.monotonic() - began >= 0.6
        assert ids(server) == ["1"]


def test_a_server_that_never_acks_ends_in_a_failure_within_the_deadline() -> None:
    with FaultyServer(["silent"] * 1000) as server:
        output = output_to(server, patience=Patience(connect=1.0, answer=0.3, give_up=1.5))
        began = time.monotonic()
        with pytest.raises(DeliveryFailed) as raised:
            output.write([signin(number) for number in range(7)])
        assert 1.4 < time.monotonic() - began < 10
    assert f"127.0.0.1:{server.port}" in str(raised.value)
    assert "7 of 7 events not confirmed: no ack in time" in str(raised.value)
    assert raised.value.confirmed == 0
    assert isinstance(raised.value, OutputFailed) and not isinstance(raised.value, OutputClosed)


def test_a_failure_says_how_many_events_had_been_confirmed() -> None:
    with FaultyServer(["ack", "ack"] + ["silent"] * 100) as server:
        output = output_to(server, patience=Patience(answer=0.3, give_up=0.6))
        with pytest.raises(DeliveryFailed, match="500 of 2500 events not confirmed") as raised:
            output.write([signin(number) for number in range(2500)])
    assert raised.value.confirmed == 2000


def test_a_server_that_is_not_there_ends_in_a_failure_that_says_so() -> None:
    output = open_output(
        f"fluentd://127.0.0.1:{unused_port()}/signin", "json", ["ecs"], settings=ForwardSettings(Patience(give_up=0.5))
    )
    with pytest.raises(DeliveryFailed, match=r"1 of 1 events not confirmed: connection refused \(attempt [2-9]\)"):
        output.write([signin(1)])


def test_a_host_without_an_address_ends_in_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*asked: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    output = open_output(
        "fluentd://nowhere.invalid/signin", "json", ["ecs"], settings=ForwardSettings(Patience(give_up=0.3))
    )
    with pytest.raises(
        DeliveryFailed, match=r"nowhere\.invalid:24224/signin: 1 of 1 events not confirmed: name or service not known"
    ):
        output.write([signin(1)])


def test_a_server_that_reads_nothing_ends_in_a_failure_within_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        spec = f"fluentd://127.0.0.1:{listener.getsockname()[1]}/signin"
        output = open_output(spec, "json", ["ecs"], settings=ForwardSettings(Patience(answer=0.5, give_up=1.0)))
        began = time.monotonic()
        with pytest.raises(DeliveryFailed):
            output.write([signin(1)._replace(document={"pad": "x" * 20_000_000})])
        assert time.monotonic() - began < 10


def test_a_server_that_asks_for_a_key_is_not_tried_again() -> None:
    with FaultyServer(["helo"] * 10) as server:
        with pytest.raises(DeliveryFailed, match="asks for a shared key"):
            output_to(server).write([signin(1)])
        assert server.connections == 1


def test_a_server_that_comes_up_late_gets_everything() -> None:
    port = unused_port()
    output = open_output(f"fluentd://127.0.0.1:{port}/signin", "json", ["ecs"], settings=ForwardSettings(BRISK))
    writing = threading.Thread(target=output.write, args=([signin(number) for number in range(10)],))
    writing.start()
    time.sleep(0.5)
    with FaultyServer(port=port) as server:
        writing.join(5)
        assert ids(server) == [str(number) for number in range(10)]


def test_a_server_restarted_between_bursts_loses_and_doubles_nothing() -> None:
    with FaultyServer() as first:
        output = output_to(first)
        output.write([signin(1)])
    with FaultyServer(port=first.port) as second:
        output.write([signin(2)])
        assert (ids(first), ids(second)) == (["1"], ["2"])


def test_no_event_is_lost_whatever_mixture_of_faults_comes() -> None:
    chance = random.Random(20250720)
    every = ["ack", "wrong", "twice", "split", "hang_up", "ack_close", "half_close", "reset", "garbage"]
    with FaultyServer(chance.sample(every * 4, 36)) as server:
        output = output_to(server, "ecs", "ocsf", patience=Patience(answer=2.0, give_up=30.0))
        for burst in range(40):
            output.write([signin(number, chance.choice(["ecs", "ocsf"])) for number in range(burst * 5, burst * 5 + 5)])
        assert set(ids(server)) == {str(number) for number in range(200)}
        assert {arrived.time - TIME for arrived in server.arrived} == set(range(200))


def test_a_request_to_stop_cuts_the_waiting_short() -> None:
    asked = time.monotonic()
    output = open_output(f"fluentd://127.0.0.1:{unused_port()}/signin", "json", ["ecs"], stop=lambda: asked + 0.7)
    with pytest.raises(DeliveryFailed):
        output.write([signin(1)])
    assert 0.6 < time.monotonic() - asked < 10


def test_a_request_to_stop_is_seen_while_an_ack_is_awaited() -> None:
    deadline: list[float] = []
    with FaultyServer(["silent"] * 5) as server:
        output = output_to(server, patience=Patience(), stop=lambda: deadline[0] if deadline else None)
        timer = threading.Timer(0.5, lambda: deadline.append(time.monotonic()))
        timer.start()
        began = time.monotonic()
        with pytest.raises(DeliveryFailed):
            output.write([signin(1)])
        assert time.monotonic() - began < 10


def test_an_interrupted_wait_leaves_a_connection_that_goes_on() -> None:
    class Interrupt(BaseException):
        pass

    interrupts = [Interrupt]

    def stop() -> None:
        # As a signal does: in the main thread alone.
        if interrupts and threading.current_thread() is threading.main_thread():
            raise interrupts.pop()

    with FaultyServer(["late"]) as server:
        output = output_to(server, stop=stop)
        with pytest.raises(Interrupt):
            output.write([signin(1)])
        output.write([signin(2)])
        assert set(ids(server)) == {"1", "2"}


def test_ipv6_servers_are_reached() -> None:
    try:
        server = FaultyServer(host="::1")
    except OSError:
        pytest.skip("this system has no IPv6 loopback address")
    with server:
        output_to(server, host="[::1]").write([signin(1)])
        assert ids(server) == ["1"]


@pytest.mark.parametrize("fault", ["ack_close", "hang_up"])
def test_two_hundred_reconnects_leave_no_descriptor_open(fault: str, open_fds: Callable[[], int]) -> None:
    faults = ["ack_close"] * 200 if fault == "ack_close" else ["hang_up", "ack"] * 20
    with FaultyServer(faults) as server:
        output = output_to(server)
        output.write([signin(0)])
        before = open_fds()
        for number in range(1, 200 if fault == "ack_close" else 20):
            output.write([signin(number)])
        time.sleep(0.1)
        assert open_fds() <= before + 1
        output.close()
        connections = server.connections
    assert connections >= (200 if fault == "ack_close" else 21)


def test_closing_twice_is_harmless_and_closes_the_connection() -> None:
    with FaultyServer() as server:
        output = output_to(server)
        output.write([signin(1)])
        output.close()
        output.close()
        time.sleep(0.1)
        assert server._open == []
