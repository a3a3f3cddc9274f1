"""Events that wait on disk: what `put` returned for arrives, whatever ends the process."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_server import FaultyServer
from sample_events import signin

from doorlog.errors import OutputFailed, UsageError
from doorlog.forward.spool import Spool
from doorlog.outputs import DeliveryFailed, ForwardOutput, ForwardSettings, Patience, Stop, open_forward

NOWHERE = "fluentd://127.0.0.1:9/x"
BRIEF = Patience(connect=0.5, answer=0.5, give_up=0.3)


def spooled(
    where: str, folder: Path, *targets: str, patience: Patience = BRIEF, stop: Stop = lambda: None, bytes: int = 2**20
) -> ForwardOutput:
    settings = ForwardSettings(patience, spool=folder / "spool", spool_bytes=bytes)
    return open_forward(where, targets or ["ecs"], settings=settings, stop=stop)


def to(server: FaultyServer) -> str:
    return f"fluentd://127.0.0.1:{server.port}/x"


def ids(server: FaultyServer) -> list[int]:
    return [int(arrived.record["event"]["id"]) for arrived in server.arrived]


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / "spool" / "output.sqlite") as database:
        return int(database.execute("SELECT count(*) FROM waiting").fetchone()[0])


def test_events_wait_on_disk_for_the_next_start_and_arrive_as_they_were(tmp_path: Path) -> None:
    output = spooled(NOWHERE, tmp_path, "ecs", "ocsf")
    events = [signin(number, target) for number in range(2500) for target in ("ecs", "ocsf")]
    output.put(events[:3000])
    output.put(events[3000:])
    with pytest.raises(DeliveryFailed, match="5000 events not confirmed, but kept in the spool and sent at the next"):
        output.flush()
    assert output.close() == 5000
    with FaultyServer() as server:
        again = spooled(to(server), tmp_path, "ecs", "ocsf", patience=Patience())
        again.flush()
        assert again.close() == 0
        for target in ("ecs", "ocsf"):
            arrived = [(one.time, one.record) for one in server.arrived if one.tag == f"x.{target}"]
            assert arrived == [(event.time_ns, event.document) for event in events if event.target == target]
    assert rows(tmp_path) == 0


def test_only_the_owner_may_read_what_waits(tmp_path: Path) -> None:
    output = spooled(NOWHERE, tmp_path)
    output.put([signin(1)])
    assert {oct(path.stat().st_mode & 0o77) for path in (tmp_path / "spool").iterdir()} == {"0o0"}
    assert (tmp_path / "spool").stat().st_mode & 0o77 == 0
    output.close()


def test_a_second_process_is_kept_out_and_told_why(tmp_path: Path) -> None:
    output = spooled(NOWHERE, tmp_path)
    with pytest.raises(UsageError, match=r"output\.sqlite is in use by another process"):
        spooled(NOWHERE, tmp_path)
    output.close()
    spooled(NOWHERE, tmp_path).close()


def test_a_file_that_is_no_spool_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "spool" / "output.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"something else" * 1000)
    with pytest.raises(UsageError, match="is damaged, or no spool"):
        spooled(NOWHERE, tmp_path)
    assert path.read_bytes() == b"something else" * 1000
    with pytest.raises(UsageError, match="can't write to"):
        Spool(tmp_path / "spool" / "output.sqlite" / "below", 1000)


def test_a_full_spool_takes_nothing_more_until_something_is_confirmed(tmp_path: Path) -> None:
    with FaultyServer(["silent"] * 2) as server:
        output = spooled(to(server), tmp_path, patience=Patience(answer=0.4, give_up=20.0), bytes=20_000)
        taken: list[int] = []

        def put() -> None:
            for number in range(600):
                output.put([signin(number)])
                taken.append(number)

        putting = threading.Thread(target=put)
        putting.start()
        time.sleep(0.5)
        assert len(taken) < 400
        putting.join(30)
        output.flush()
        output.close()
        assert set(ids(server)) == set(range(600))
    assert (tmp_path / "spool" / "output.sqlite").stat().st_size < 500_000


def test_the_wait_for_room_in_a_full_spool_ends_with_the_grace(tmp_path: Path) -> None:
    until = [float("inf")]
    output = spooled(NOWHERE, tmp_path, bytes=1000, stop=lambda: until[0])
    output.put([signin(number) for number in range(20)])
    until[0] = time.monotonic() + 0.3
    with pytest.raises(OutputFailed, match=r"is full|not confirmed"):
        output.put([signin(21)])
    output.close()


def test_what_is_put_when_the_sender_has_stopped_still_goes_into_the_spool(tmp_path: Path) -> None:
    output = spooled(NOWHERE, tmp_path, stop=lambda: time.monotonic() - 1)
    output.put([signin(1)])
    while output.sender.failure is None:
        time.sleep(0.01)
    output.put([signin(2)])
    with pytest.raises(DeliveryFailed, match="2 events not confirmed, but kept in the spool"):
        output.flush()
    output.close()
    assert rows(tmp_path) == 2


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file of this process can grow beyond 256 KiB, which is how a full disk looks to SQLite."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_makes_events_wait_and_loses_none(tmp_path: Path, full_disk: None) -> None:
    large = [signin(number)._replace(document={**signin(number).document, "pad": "x" * 5000}) for number in range(300)]
    with FaultyServer(["silent"] * 3) as server:
        output = spooled(to(server), tmp_path, patience=Patience(answer=0.3, give_up=20.0), bytes=2**30)
        for at in range(0, 300, 10):
            output.put(large[at : at + 10])
        output.flush()
        assert output.close() == 0
        assert set(ids(server)) == set(range(300))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 600 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip(
            f"NOT TESTED on a disk that is full: {mounted.stderr.decode().strip() or 'only root can mount one'}"
        )
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_others_fill_makes_events_wait_and_loses_none(small_disk: Path) -> None:
    large = [signin(number)._replace(document={**signin(number).document, "pad": "x" * 5000}) for number in range(300)]
    with FaultyServer(["silent"] * 3) as server:
        output = spooled(to(server), small_disk, patience=Patience(answer=0.3, give_up=20.0), bytes=2**30)
        output.put(large[:10])
        others = small_disk / "others"
        with pytest.raises(OSError, match="No space left"):
            others.write_bytes(bytes(2**20))
        making_room = threading.Timer(1.0, others.unlink)
        making_room.start()
        for at in range(10, 300, 10):
            output.put(large[at : at + 10])
        output.flush()
        assert output.close() == 0
        assert set(ids(server)) == set(range(300))
        making_room.join()


KILLED = """
import os, sys
from pathlib import Path
from doorlog.outputs import Event, ForwardSettings, Patience, open_forward
where, folder, first = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
output = open_forward(where, ["ecs"], settings=ForwardSettings(Patience(give_up=60.0), spool=folder / "spool"))
for number in range(first, first + 100_000):
    output.put([Event({"event": {"id": str(number)}}, "ecs", number, None)])
    os.write(1, b"%d\\n" % number)
"""


def test_what_was_put_arrives_after_kill_9(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-c", KILLED]
    put: set[int] = set()
    with FaultyServer() as server:
        for life in range(3):
            process = subprocess.Popen(
                [*command, to(server), str(tmp_path), str(life * 1_000_000)],
                env={**os.environ, "PYTHONPATH": str(root / "plugin")},
                stdout=subprocess.PIPE,
            )
            assert process.stdout is not None
            put.update(int(process.stdout.readline()) for _ in range(50))
            process.kill()
            put.update(int(line) for line in process.stdout if line.endswith(b"\n"))
            process.stdout.close()
            process.wait()
        last = spooled(to(server), tmp_path, patience=Patience())
        last.flush()
        last.close()
        assert put <= set(ids(server))
        assert len(put) >= 150
