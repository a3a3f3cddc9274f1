"""What a relay takes, confirms and sends on, and what it does about the rest."""

from __future__ import annotations

import gzip
import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from faulty_server import FaultyServer
from relay_process import SECOND, Client, Relay, event_time, packed, signin

from doorlog.relay.server import SENT_AWAY

Start = Callable[..., Relay]


def ids(server: FaultyServer) -> list[str]:
    return [one.record["event"]["id"] for one in server.arrived if one.tag == "out"]


def until(ready: Callable[[], bool], seconds: float = 15.0) -> None:
    limit = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_every_form_of_message_is_normalized_and_confirmed(server: FaultyServer, relay: Relay) -> None:
    entries = [[event_time(), signin(0)], [SECOND, signin(1)], [[event_time(), {"meta": 1}], signin(2)]]
    stream = b"".join(map(msgpack.packb, entries))
    with Client(relay.port) as client:
        for number, second in enumerate([entries, stream, gzip.compress(stream)]):
            assert client.asks(["tag", second, {"chunk": f"c{number}"}]) == {"ack": f"c{number}"}
        for number, (moment, record) in enumerate(entries):
            assert client.asks(["tag", moment, record, {"chunk": f"m{number}"}]) == {"ack": f"m{number}"}
    assert sorted(ids(server)) == sorted(["event-0", "event-1", "event-2"] * 4)
    # The event has its record's own time, not the one at which Fluentd had it.
    assert {one.time for one in server.arrived} == {1718006472 * 10**9}


def test_a_client_that_wants_no_ack_gets_none_and_its_records_arrive(server: FaultyServer, relay: Relay) -> None:
    with Client(relay.port, timeout=0.5) as client:
        client.send(["tag", event_time(), signin(1)])
        with pytest.raises(TimeoutError):
            client.answer()
    assert ids(server) == ["event-1"]


def test_nothing_is_confirmed_before_the_output_has_confirmed_it(server: FaultyServer, start: Start) -> None:
    server.faults += ["silent"]
    relay = start("--ack-timeout", "1")
    with Client(relay.port) as client:
        began = time.monotonic()
        assert client.asks(packed(1, chunk="late")) == {"ack": "late"}
        assert time.monotonic() - began > 0.9
    assert ids(server) == ["event-1", "event-1"]


def test_what_is_no_event_is_confirmed_too_and_told_apart(server: FaultyServer, relay: Relay) -> None:
    bad, other = signin(1, eventTime="yesterday"), {"message": "GET /index.html"}
    entries = [[event_time(), bad], [event_time(), other], [event_time(), signin(2)], [event_time(), "text"]]
    with Client(relay.port) as client:
        assert client.asks(["tag", entries, {"chunk": "c"}]) == {"ack": "c"}
        assert client.asks(["tag", [[event_time(), other]], {"chunk": "d"}]) == {"ack": "d"}
        assert client.asks(["tag", [], {"chunk": "e"}]) == {"ack": "e"}
        assert client.asks(["tag", b"\x1f\x8bno gzip", {"chunk": "f"}]) == {"ack": "f"}
    rejects = [one for one in server.arrived if one.tag == "out.reject"]
    assert rejects[0].record["record"]["eventTime"] == "yesterday"
    assert rejects[0].record["source"] == {"name": "forward:tag", "line": 1, "index": 0}
    assert rejects[0].time == SECOND * 10**9 + 5
    assert [one.record["reason"] for one in rejects] == ["invalid_record", "bad_gzip"]
    assert ids(server) == ["event-2"]
    code, told = relay.end()
    assert code == 0
    assert "read 6, delivered 1, rejected 2 (bad_gzip 1, invalid_record 1), skipped 3" in told


def test_several_targets_and_rejects_in_a_file(server: FaultyServer, start: Start, tmp_path: Path) -> None:
    relay = start("--to", "ecs", "--to", "ocsf", "--rejects", str(tmp_path / "rejects.ndjson"))
    with Client(relay.port) as client:
        assert client.asks(packed(1, 2, chunk="a")) == {"ack": "a"}
        assert client.asks(packed(3, chunk="b", eventTime="never")) == {"ack": "b"}
    assert sorted(one.tag for one in server.arrived) == ["out.ecs", "out.ecs", "out.ocsf", "out.ocsf"]
    [line] = (tmp_path / "rejects.ndjson").read_text().splitlines()
    assert json.loads(line)["record"]["eventID"] == "event-3"
    assert "read 3, delivered 2, rejected 1" in relay.end()[1]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\xc1\xc1\xc1",
        b'["tag",1,{"a":1}]\n',
        b"\x16\x03\x01\x02\x00\x01\x00",
        msgpack.packb({"no": "array"}),
        msgpack.packb(["tag"]),
        b"\x93\xa3tag\xc6\xff\xff\xff\xff" + b"x" * 300_000,
        b"\x91" * 2000,
    ],
)
def test_a_client_that_sends_nonsense_is_sent_away_and_costs_nobody_else(
    server: FaultyServer, start: Start, nonsense: bytes
) -> None:
    relay = start("--max-message-bytes", "200000")
    with Client(relay.port) as good, Client(relay.port) as bad:
        assert good.asks(packed(1, chunk="a")) == {"ack": "a"}
        try:
            bad.send(nonsense)
            assert bad.answer() is None
        except ConnectionError:
            pass
        assert good.asks(packed(2, chunk="b")) == {"ack": "b"}
    assert "a client was sent away" in relay.end()[1]


def test_heartbeats_of_every_sort_are_tolerated(relay: Relay) -> None:
    for _ in range(3):
        socket.create_connection(("127.0.0.1", relay.port)).close()
    with Client(relay.port) as client:
        client.send(b"\xc0")
        assert client.asks(packed(1)) == {"ack": "c"}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heart:
        heart.settimeout(5)
        heart.sendto(b"\0", ("127.0.0.1", relay.port))
        assert heart.recv(10) == b"\0"
    assert "sent away" not in relay.end()[1]


def test_a_message_that_comes_byte_by_byte_is_a_message(server: FaultyServer, relay: Relay) -> None:
    with Client(relay.port) as client:
        for byte in msgpack.packb(packed(1, chunk="slow")):
            client.send(bytes([byte]))
        assert client.answer() == {"ack": "slow"}
        client.socket.shutdown(socket.SHUT_WR)
        assert client.answer() is None


def test_a_client_that_has_closed_its_direction_still_gets_its_acks(server: FaultyServer, relay: Relay) -> None:
    server.faults += ["late"]
    with Client(relay.port) as client:
        client.send(packed(1, chunk="a"))
        client.send(packed(2, chunk="b"))
        client.socket.shutdown(socket.SHUT_WR)
        assert [client.answer(), client.answer(), client.answer()] == [{"ack": "a"}, {"ack": "b"}, None]


def test_three_hundred_clients_at_once_are_served(server: FaultyServer, relay: Relay) -> None:
    clients = [Client(relay.port) for _ in range(300)]
    for number, client in enumerate(clients):
        client.send(packed(number, chunk=str(number)))
    assert [client.answer() for client in clients] == [{"ack": str(number)} for number in range(300)]
    for client in clients:
        client.socket.close()
    assert sorted(ids(server)) == sorted(f"event-{number}" for number in range(300))
    descriptors = Path(f"/proc/{relay.process.pid}/fd")
    until(lambda: len(list(descriptors.iterdir())) < 30)
    # What they sent went out together, not one by one.
    assert len(server.messages) < 150


def test_a_client_with_much_to_say_does_not_keep_others_waiting(server: FaultyServer, start: Start) -> None:
    # Turns are taken in front of the queue; how long it is, the option says.
    relay = start("--queue-bytes", "500000")
    entry = msgpack.packb([event_time(), signin(0)])
    with Client(relay.port, timeout=60) as greedy, Client(relay.port, timeout=60) as modest:
        greedy.send(["tag", entry * 15_000, {"chunk": "much"}])
        time.sleep(0.2)
        waits = []
        for number in range(5):
            began = time.monotonic()
            assert modest.asks(packed(number + 1, chunk="little")) == {"ack": "little"}
            waits.append(time.monotonic() - began)
        assert ids(server).count("event-0") < 15_000
        assert greedy.answer() == {"ack": "much"}
        assert sorted(waits)[2] < 1.0


def test_while_the_output_takes_nothing_memory_is_bounded_and_then_everything_arrives(
    server: FaultyServer, start: Start
) -> None:
    server.stop()
    relay = start("--queue-bytes", "1000000", "--max-held-bytes", "1000000")
    status = Path(f"/proc/{relay.process.pid}/status")

    def memory() -> int:
        return int(status.read_text().split("VmRSS:")[1].split()[0])

    before = memory()
    many = 20
    chunks = [packed(*range(300 * each, 300 * each + 300), chunk=str(each)) for each in range(many)]
    answers: list[Any] = [None] * many

    def send(each: int) -> None:
        with Client(relay.port, timeout=60) as client:
            for again in range(3):
                client.send([chunks[each][0], chunks[each][1], {"chunk": f"{each}-{again}"}])
            answers[each] = [client.answer() for _ in range(3)]

    sending = [threading.Thread(target=send, args=(each,)) for each in range(many)]
    for thread in sending:
        thread.start()
    time.sleep(2)
    assert memory() - before < 40_000
    with FaultyServer(port=server.port) as again:
        for thread in sending:
            thread.join(60)
        expected = [[{"ack": f"{each}-{n}"} for n in range(3)] for each in range(many)]
        assert answers == expected
        assert set(ids(again)) == {f"event-{number}" for number in range(300 * many)}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system doesn't tell a process's peak memory")
def test_the_largest_log_file_in_one_message_needs_no_more_memory_than_the_deployments_give(
    server: FaultyServer, start: Start, root: Path
) -> None:
    deploy = root / "examples" / "deploy"
    allowed = {*re.findall(r"^MemoryMax=(\d+)M$", (deploy / "doorlog-relay.service").read_text("utf-8"), re.MULTILINE)}
    allowed |= {*re.findall(r"limits: \{memory: (\d{4})Mi\}", (deploy / "kubernetes.yaml").read_text("utf-8"))}
    [most] = map(int, allowed)
    relay = start()
    size = len(json.dumps(signin(10_000)))
    count = 46_000_000 // size
    text = json.dumps({"Records": [signin(number) for number in range(count)]})
    with Client(relay.port, timeout=120) as client:
        assert client.asks(["cloudtrail", event_time(), {"message": text}, {"chunk": "large"}]) == {"ack": "large"}
    status = Path(f"/proc/{relay.process.pid}/status").read_text("ascii")
    peak = int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) // 1024
    assert peak < most * 0.75
    assert len(set(ids(server))) == count


def test_sigterm_lets_what_was_taken_be_confirmed(server: FaultyServer, relay: Relay) -> None:
    server.faults += ["late"]
    with Client(relay.port) as client, Client(relay.port) as half:
        half.send(msgpack.packb(packed(7))[:100])
        client.send(packed(1, chunk="a"))
        time.sleep(0.3)
        relay.process.send_signal(signal.SIGTERM)
        assert client.answer() == {"ack": "a"}
        assert client.answer() is None
        assert half.answer() is None
    # It is ending already; Python lets go of its signals before the process does.
    code, told = relay.end(0)
    assert code == 0
    assert "read 1, delivered 1" in told


def test_a_terminal_that_goes_away_ends_it_as_sigterm_does(start: Start) -> None:
    # The tests themselves may run under `nohup`.
    relay = start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL))
    with Client(relay.port) as client:
        client.send(packed(1, chunk="a"))
        assert client.answer() == {"ack": "a"}
    code, told = relay.end(signal.SIGHUP)
    assert code == 0
    assert "read 1, delivered 1" in told


def test_what_is_not_confirmed_within_the_grace_is_told_and_not_acked(
    server: FaultyServer, start: Start, tmp_path: Path
) -> None:
    server.faults += ["silent"] * 100
    metrics = tmp_path / "doorlog.prom"
    relay = start("--grace", "0.5", "--metrics-file", str(metrics))
    with Client(relay.port) as client:
        client.send(packed(1, 2))
        until(lambda: len(server.messages) > 0)
        code, told = relay.end()
        assert code == 3
        assert "2 events not confirmed" in told
        assert client.answer() is None
    assert "sent away" not in told
    away = [line.rpartition(" ") for line in metrics.read_text().splitlines() if "sent_away_total{" in line]
    assert {count for _, _, count in away} == {"0"}


def test_health_and_metrics_are_in_files(server: FaultyServer, start: Start, tmp_path: Path) -> None:
    health, metrics = tmp_path / "health.json", tmp_path / "doorlog.prom"
    relay = start("--health-file", str(health), "--metrics-file", str(metrics))
    with Client(relay.port) as client:
        assert client.asks(packed(1, chunk="a")) == {"ack": "a"}
        until(lambda: "doorlog_records_delivered_total 1\n" in metrics.read_text())
        assert json.loads(health.read_text())["state"] == "ok"
        assert 'doorlog_records_rejected_total{reason="refused"} 0\n' in metrics.read_text()
        assert 'doorlog_records_skipped_total{name="empty"} 0\n' in metrics.read_text()
        for reason in SENT_AWAY:
            assert f'doorlog_clients_sent_away_total{{reason="{reason}"}} 0\n' in metrics.read_text()
        with Client(relay.port) as bad:
            bad.send(b"\xc1")
            assert bad.answer() is None
        until(lambda: 'doorlog_clients_sent_away_total{reason="not_msgpack"} 1\n' in metrics.read_text())
        server.stop()
        client.send(packed(2))
        until(lambda: json.loads(health.read_text())["state"] == "waiting")
        assert json.loads(health.read_text())["queued_events"] == 1
        assert "doorlog_output_confirming 0\n" in metrics.read_text()
    for line in metrics.read_text().splitlines():
        assert line.startswith(("# HELP doorlog_", "# TYPE doorlog_", "doorlog_"))
    relay.process.kill()


def test_an_event_that_the_server_refuses_becomes_a_reject_and_its_client_is_confirmed(
    server: FaultyServer, relay: Relay
) -> None:
    server._poison = lambda record: record.get("event", {}).get("id") == "event-7"
    with Client(relay.port, timeout=30) as client:
        assert client.asks(packed(*range(20), chunk="a")) == {"ack": "a"}
    assert sorted(ids(server)) == sorted(f"event-{number}" for number in range(20) if number != 7)
    assert [one.record["reason"] for one in server.arrived if one.tag == "out.reject"] == ["refused"]
    assert "read 20, delivered 19, rejected 1 (refused 1)" in relay.end()[1]


def test_more_clients_than_allowed_are_turned_away(start: Start) -> None:
    relay = start("--max-connections", "2")
    with Client(relay.port) as one, Client(relay.port) as two:
        assert one.asks(packed(1)) == two.asks(packed(2)) == {"ack": "c"}
        with Client(relay.port) as three:
            assert three.answer() is None
    until(lambda: any("too many connections" in line for line in relay.told))
