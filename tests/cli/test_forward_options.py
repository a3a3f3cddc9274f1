"""What the command line and the environment say of Forward servers, and what is told where that can't be."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_process import GOOD, Doorlog

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "outputs"))

from faulty_server import FaultyServer

CANARY = "correct-horse-battery"
NOWHERE = "fluentd://127.0.0.1:9/x"
NOWHERE_BY_TLS = "fluentd+tls://127.0.0.1:9/x"


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--tls-ca", "ca.pem"], b"--tls-ca is for fluentd+tls://HOST:PORT/TAG, and no output is one"),
        (["--spool", "spool"], b"--spool is for fluentd://HOST:PORT/TAG, and no output is one"),
        (["--output", NOWHERE, "--tls-cert", "cert.pem"], b"--tls-cert is for fluentd+tls://"),
        (["--output", NOWHERE, "--user", "anaya"], b"--user and a password need a shared key, too"),
        (["--output", NOWHERE, "--shared-key-file", "nowhere"], b"--shared-key-file nowhere: No such file"),
        (["--output", NOWHERE, "--spool", "/proc/none"], b"--spool: can't write to /proc/none/output.sqlite"),
        (["--output", NOWHERE_BY_TLS, "--tls-ca", "nowhere"], b"--tls-ca nowhere: no such file"),
        (["--output", NOWHERE_BY_TLS, "--tls-key", "key.pem"], b"--tls-key needs the certificate"),
        (["--output", NOWHERE, "--linger", "soon"], b"--linger"),
        (["--output", NOWHERE, "--ack-timeout", "0"], b"--ack-timeout"),
        (["--output", NOWHERE, "--linger", "inf"], b"--linger': inf is no number of seconds"),
        (["--output", NOWHERE, "--linger", "1e300"], b"--linger"),
        (["--output", NOWHERE, "--ack-timeout", "nan"], b"--ack-timeout"),
        (["--output", NOWHERE, "--give-up", "nan"], b"--give-up': nan is no number of seconds"),
        (["--grace", "nan"], b"--grace"),
        (["--output", "fluentd://a,a/x"], b"names a server twice"),
    ],
)
def test_what_cannot_be_followed_is_told_before_anything_is_read(
    doorlog: Doorlog, options: list[str], what: bytes
) -> None:
    done = doorlog("run", *options, input=GOOD)
    assert (done.returncode, done.stdout) == (2, b"")
    assert what in done.stderr
    assert b"read" not in done.stderr


@pytest.mark.parametrize("scheme", ["fluentd://127.0.0.1:1", "fluentd+tls://127.0.0.1:1", "fluentd+unix:///run/f"])
@pytest.mark.parametrize("mark", ["?shared_key=", "#", "?key=a/"])
@pytest.mark.parametrize("options", [[], ["--fluentd"]])
def test_what_stands_behind_an_address_is_not_repeated(
    doorlog: Doorlog, scheme: str, mark: str, options: list[str]
) -> None:
    done = doorlog("run", *options, "--output", f"{scheme}/t{mark}{CANARY}", input=GOOD)
    assert done.returncode == 2
    assert b"fluentd" in done.stderr
    assert CANARY.encode() not in done.stderr


def test_secrets_are_taken_from_the_environment_and_shown_nowhere(doorlog: Doorlog) -> None:
    secrets = {"DOORLOG_SHARED_KEY": CANARY, "DOORLOG_PASSWORD": CANARY[::-1]}
    with FaultyServer(key=CANARY.encode(), users={b"anaya": CANARY[::-1].encode()}) as server:
        where = f"fluentd://127.0.0.1:{server.port}/x"
        done = doorlog("run", "--output", where, "--user", "anaya", "--compress", input=GOOD, **secrets)
        assert done.returncode == 0, done.stderr
        assert len(server.arrived) == 1
        wrong = {**secrets, "DOORLOG_PASSWORD": CANARY[1:]}
        denied = doorlog("run", "--output", where, "--user", "anaya", input=GOOD, **wrong)
        assert denied.returncode == 3
        assert b"denies the shared key, or the user and password (attempt 1)" in denied.stderr
        for told in (done.stderr, denied.stderr, doorlog("run", "--help", **secrets).stdout):
            assert CANARY[1:].encode() not in told
            assert CANARY[::-1].encode() not in told


def test_a_spool_keeps_what_a_server_that_is_down_did_not_get(doorlog: Doorlog, tmp_path: Path) -> None:
    spool = ["--spool", str(tmp_path / "spool"), "--give-up", "0.5"]
    down = doorlog("run", "--output", NOWHERE, *spool, input=GOOD * 3)
    assert down.returncode == 3
    assert b"3 events not confirmed, but kept in the spool and sent at the next start" in down.stderr
    assert b"(read 3, delivered 0, rejected 0, skipped 0, not delivered 3)" in down.stderr
    with FaultyServer() as server:
        up = doorlog("run", "--output", f"fluentd://127.0.0.1:{server.port}/x", *spool, input=GOOD)
        assert up.returncode == 0
        assert b"3 events of an earlier run are in the spool and go out first" in up.stderr
        assert b"read 1, delivered 1" in up.stderr
        assert len(server.arrived) == 4


def test_two_runs_cannot_have_one_spool(doorlog: Doorlog, root: Path, tmp_path: Path) -> None:
    spool = ["--output", NOWHERE, "--spool", str(tmp_path / "spool")]
    first = subprocess.Popen(
        [sys.executable, "-m", "doorlog", "run", *spool],
        env={**os.environ, "PYTHONPATH": str(root / "plugin")},
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: (tmp_path / "spool" / "output.sqlite-wal").exists() or first.poll() is not None)
        second = doorlog("run", *spool, input=GOOD)
        assert second.returncode == 2
        assert b"is in use by another process" in second.stderr
    finally:
        first.kill()
        first.communicate()


def wait_for(ready: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not ready() and time.monotonic() < limit:
        time.sleep(0.02)
