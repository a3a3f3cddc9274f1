"""How batches form, whom they go to, and what becomes of an event that no server takes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from faulty_server import FaultyServer
from sample_events import signin

from doorlog.forward.sender import BEFORE_REJECT
from doorlog.outputs import DeliveryFailed, ForwardOutput, ForwardSettings, Patience, Refused, open_forward
from doorlog.refused import keep_in_place

BRISK = Patience(connect=2.0, answer=1.0, give_up=20.0)


def ids(server: FaultyServer) -> list[str]:
    return [arrived.record["event"]["id"] for arrived in server.arrived]


def settled(output: ForwardOutput) -> None:
    output.flush()
    output.close()


def test_events_that_come_one_by_one_go_out_together() -> None:
    with FaultyServer() as server:
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=ForwardSettings(BRISK, linger=0.3)
        )
        began = time.monotonic()
        receipts = [output.put([signin(number)]) for number in range(100)]
        while any(receipt.left for receipt in receipts):
            time.sleep(0.01)
        assert 0.25 < time.monotonic() - began < 5
        assert [option["size"] for option in server.options] == [100]
        output.close()


def test_a_full_batch_does_not_linger() -> None:
    with FaultyServer() as server:
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=ForwardSettings(BRISK, linger=60)
        )
        output.put([signin(number) for number in range(1000)])
        output.put([signin(1000)])
        limit = time.monotonic() + 10
        while len(server.arrived) < 1000 and time.monotonic() < limit:
            time.sleep(0.01)
        assert len(server.arrived) == 1000
        settled(output)
        assert len(server.arrived) == 1001


def test_a_full_queue_takes_nothing_more_until_something_is_confirmed() -> None:
    settings = ForwardSettings(Patience(answer=0.5, give_up=20.0), queue_bytes=10_000)
    with FaultyServer(["silent"] * 3) as server:
        output = open_forward(f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=settings)
        taken: list[int] = []

        def put() -> None:
            for number in range(400):
                output.put([signin(number)])
                taken.append(number)

        putting = threading.Thread(target=put)
        putting.start()
        time.sleep(0.7)
        held = len(taken)
        assert 50 < held < 300
        putting.join(20)
        settled(output)
        assert set(ids(server)) == {str(number) for number in range(400)}


def test_close_says_how_many_events_are_not_delivered() -> None:
    settings = ForwardSettings(Patience(answer=5.0, give_up=20.0))
    with FaultyServer(["ack", "silent"]) as server:
        output = open_forward(f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=settings)
        output.write([signin(1)])
        output.put([signin(number) for number in range(7)])
        assert output.close() == 7


def test_compressed_batches_hold_the_same_events() -> None:
    events = [signin(number) for number in range(3000)]
    with FaultyServer(["ack", "hang_up"]) as server:
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=ForwardSettings(BRISK, compress=True)
        )
        output.write(events)
        assert {option["compressed"] for option in server.options} == {"gzip"}
        assert server.messages[1] == server.messages[2]
        assert set(ids(server)) == {str(number) for number in range(3000)}
        assert sum(map(len, server.messages)) < 200 * 1024
        output.close()


def test_a_unix_socket_is_reached(tmp_path: Path) -> None:
    with FaultyServer(["hang_up"], host=str(tmp_path / "fluentd.sock")) as server:
        output = open_forward(
            f"fluentd+unix://{tmp_path}/fluentd.sock/signin", ["ecs"], settings=ForwardSettings(BRISK)
        )
        output.write([signin(1)])
        output.close()
        assert set(ids(server)) == {"1"}


def test_a_unix_socket_that_confirms_nothing_is_told_with_the_likely_cause(tmp_path: Path) -> None:
    with FaultyServer(["silent"] * 9, host=str(tmp_path / "fluentd.sock")) as server:
        where = f"fluentd+unix://{tmp_path}/fluentd.sock/signin"
        output = open_forward(where, ["ecs"], settings=ForwardSettings(Patience(answer=0.2, give_up=0.3)))
        with pytest.raises(DeliveryFailed, match="no ack in time, as ever from fluentd's in_unix"):
            output.write([signin(1)])
        output.close()
        assert server.connections


def test_another_server_takes_over_from_one_that_fails_and_keeps_the_work() -> None:
    with FaultyServer() as first, FaultyServer() as second:
        output = open_forward(
            f"fluentd://127.0.0.1:{first.port},127.0.0.1:{second.port}/x", ["ecs"], settings=ForwardSettings(BRISK)
        )
        output.write([signin(1)])
        first.stop()
        began = time.monotonic()
        output.write([signin(2)])
        output.write([signin(3)])
        assert time.monotonic() - began < 1
        assert (ids(first), ids(second)) == (["1"], ["2", "3"])
        second.stop()
        with FaultyServer(port=first.port) as again:
            output.write([signin(4)])
            assert ids(again) == ["4"]
        output.close()


def poison(record: dict[str, Any]) -> bool:
    return bool(record.get("poison"))


def bad(number: int) -> dict[str, Any]:
    return {**signin(number).document, "poison": True}


@pytest.mark.parametrize("places", [[0], [499], [999], [3, 4, 700], list(range(0, 1000, 97))])
def test_events_that_a_server_hangs_up_on_are_found_and_cost_no_others(places: list[int]) -> None:
    events = [signin(n)._replace(document=bad(n)) if n in places else signin(n) for n in range(1000)]
    found: list[Refused] = []
    with FaultyServer(poison=poison) as server:
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x",
            ["ecs"],
            settings=ForwardSettings(BRISK),
            refused=lambda refused: found.append(refused) or True,
        )
        receipt = output.put(events)
        output.flush()
        assert sorted(int(i) for i in ids(server)) == [n for n in range(1000) if n not in places]
        assert sorted(receipt.refused) == places
        assert [msgpack.unpackb(refused.entry)[1]["event"]["id"] for refused in found] == [str(n) for n in places]
        assert {refused.tag for refused in found} == {"x"}
        output.close()


def test_a_refused_event_becomes_a_reject_that_the_same_server_takes() -> None:
    def refuses_text(record: dict[str, Any]) -> bool:
        return "poison" in str(record)

    output: ForwardOutput
    with FaultyServer(poison=refuses_text) as server:
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x",
            ["ecs"],
            settings=ForwardSettings(BRISK),
            refused=lambda refused: keep_in_place(output, refused),
        )
        receipt = output.put([signin(1), signin(2)._replace(document=bad(2))])
        output.flush()
        output.close()
        assert (receipt.left, receipt.refused) == (0, {1})
    kept = [arrived for arrived in server.arrived if arrived.tag == "x.reject"]
    assert [one.record["reason"] for one in kept] == ["refused"]
    assert kept[0].record["source"]["name"] == f"fluentd://127.0.0.1:{server.port}/x"
    assert "bytes" in kept[0].record


def test_a_server_that_hangs_up_on_everything_condemns_no_event() -> None:
    found: list[Refused] = []
    with FaultyServer(["hang_up"] * 1000, poison=lambda _: True) as server:
        server.confirms_probes = False
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x",
            ["ecs"],
            settings=ForwardSettings(Patience(1.0, 0.5, 3.0)),
            refused=lambda refused: found.append(refused) or True,
        )
        with pytest.raises(DeliveryFailed, match="1 of 1 events not confirmed: the server closed the connection"):
            output.write([signin(1)])
        output.close()
        assert found == []
        assert len(server.messages) > BEFORE_REJECT / 2


def test_an_event_that_was_hit_by_a_few_restarts_is_no_reject() -> None:
    found: list[Refused] = []
    with FaultyServer(["hang_up"] * (BEFORE_REJECT - 1)) as server:
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x",
            ["ecs"],
            settings=ForwardSettings(BRISK),
            refused=lambda refused: found.append(refused) or True,
        )
        output.write([signin(1)])
        output.close()
    assert found == []
    assert set(ids(server)) == {"1"}


def test_nothing_is_left_of_a_sender_that_is_closed() -> None:
    before = threading.active_count()
    for number in range(20):
        with FaultyServer(["silent"]) as server:
            output = open_forward(f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=ForwardSettings(BRISK))
            output.put([signin(number)])
            output.close()
    assert threading.active_count() == before


def test_closing_does_not_wait_for_an_ack_that_may_never_come() -> None:
    with FaultyServer(["silent"]) as server:
        output = open_forward(
            f"fluentd://127.0.0.1:{server.port}/x", ["ecs"], settings=ForwardSettings(Patience(answer=60.0))
        )
        output.put([signin(number) for number in range(3)])
        limit = time.monotonic() + 10
        while not server.messages and time.monotonic() < limit:
            time.sleep(0.01)
        began = time.monotonic()
        assert output.close() == 3
        assert time.monotonic() - began < 2
