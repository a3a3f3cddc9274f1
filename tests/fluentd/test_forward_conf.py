"""The shipped Forward configuration, in a real Fluentd."""

from __future__ import annotations

import threading
from pathlib import Path

from real_fluentd import Command, Fluentd, adapted, unused_port

from doorlog.outputs import Event, ForwardSettings, Patience, open_output

TIME = 1_753_000_000_123_456_789
WAITING = Patience(answer=5.0, give_up=30.0)


def configuration(root: Path, folder: Path, port: int) -> str:
    """The file as it is shipped, but for its port and its paths."""
    replaced = {"  port 24224\n": f"  port {port}\n", "/var/lib/fluentd/doorlog/": f"{folder}/"}
    return adapted(root / "plugin" / "fluentd" / "forward.conf", replaced)


def event(number: int, target: str = "ecs") -> Event:
    return Event(
        {"event": {"id": str(number)}, "time": 1_753_000_000_123, "user": "anaya ☃"}, target, TIME + number, None
    )


def test_events_and_rejects_come_out_under_their_tags_with_exact_times(
    root: Path, fluentd: Command, tmp_path: Path
) -> None:
    port = unused_port()
    events = [event(number, target) for number in range(500) for target in ("ecs", "ocsf")]
    with Fluentd(fluentd, configuration(root, tmp_path, port), tmp_path) as server:
        output = open_output(
            f"fluentd://127.0.0.1:{port}/signin", "json", ["ecs", "ocsf"], settings=ForwardSettings(patience=WAITING)
        )
        output.write(events)
        output.close()
        rejects = open_output(
            f"fluentd://127.0.0.1:{port}/signin.reject", "json", ["reject"], settings=ForwardSettings(patience=WAITING)
        )
        rejects.write([Event({"reason": "not_json"}, "reject", TIME, None)])
        rejects.close()
        server.wait_for(lambda: [len(server.emitted(name)) for name in ("ecs", "ocsf", "reject")] == [500, 500, 1])
        for target in ("ecs", "ocsf"):
            assert server.emitted(target) == [
                (f"2025-07-20T08:26:40.{123456789 + number}Z", f"signin.{target}", event(number, target).document)
                for number in range(500)
            ]
        assert server.emitted("reject") == [("2025-07-20T08:26:40.123456789Z", "signin.reject", {"reason": "not_json"})]


def test_fluentd_killed_and_started_again_loses_no_confirmed_event(
    root: Path, fluentd: Command, tmp_path: Path
) -> None:
    port, count = unused_port(), 4000
    text = configuration(root, tmp_path, port)
    output = open_output(
        f"fluentd://127.0.0.1:{port}/signin.ecs", "json", ["ecs"], settings=ForwardSettings(patience=WAITING)
    )
    failures: list[BaseException] = []
    half = threading.Event()

    def send() -> None:
        try:
            for first in range(0, count, 20):
                output.write([event(number) for number in range(first, first + 20)])
                if first > count // 2:
                    half.set()
        except BaseException as failure:
            failures.append(failure)

    server = Fluentd(fluentd, text, tmp_path)
    sending = threading.Thread(target=send)
    sending.start()
    half.wait(30)
    server.kill()
    with Fluentd(fluentd, text, tmp_path) as server:
        sending.join(60)
        assert not sending.is_alive()
        assert failures == []
        everything = {str(number) for number in range(count)}
        server.wait_for(lambda: {one.document["event"]["id"] for one in server.emitted("ecs")} == everything)
    output.close()
