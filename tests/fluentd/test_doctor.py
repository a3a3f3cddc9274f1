"""`doorlog fluentd config` and `doorlog doctor`, with a real Fluentd between them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from real_fluentd import Command, Fluentd, unused_port


def doorlog(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "doorlog", *arguments],
        env={"PYTHONPATH": str(root / "plugin"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def configuration(root: Path, folder: Path, way: str, port: int) -> str:
    """As it is printed for this machine, with a source that feeds it."""
    printed = doorlog(root, "fluentd", "config", way, "--folder", str(folder)).stdout
    return f"<source>\n  @type forward\n  bind 127.0.0.1\n  port {port}\n</source>\n{printed}"


@pytest.mark.parametrize("way", ["filter", "exec_filter"])
def test_the_configuration_that_is_printed_brings_a_made_up_sign_in_through(
    root: Path, fluentd: Command, tmp_path: Path, way: str
) -> None:
    port = unused_port()
    text = configuration(root, tmp_path, way, port)
    options = ("-p", doorlog(root, "fluentd", "plugin-dir").stdout.strip())
    if f"{sys.executable} -m doorlog" in text:
        # Not installed here: the checkout has to be on Python's path.
        command = Command(fluentd.name, fluentd.words, {**fluentd.environment, "PYTHONPATH": str(root / "plugin")})
    else:
        command = fluentd
    with Fluentd(command, text, tmp_path, options=options, path="/usr/local/bin:/usr/bin:/bin"):
        to = f"fluentd://127.0.0.1:{port}/cloudtrail.doctor"
        seen = f"{tmp_path}/out/ecs.*.log"
        done = doorlog(root, "doctor", str(tmp_path / "fluentd.conf"), "--record-to", to, "--arrives-in", seen)
    assert (done.returncode, done.stderr) == (0, "")
    configured, made, confirmed, arrived = done.stdout.splitlines()
    assert configured.endswith("fluentd.conf: starts Doorlog in 1 place; 0 traps found")
    assert made == "a made-up sign-in becomes an event of ecs: fine"
    assert confirmed == f"{to} took it and confirmed it: fine"
    assert arrived.startswith(f"{tmp_path}/out/ecs.")
    assert arrived.endswith("s, as it should: fine")


def test_an_event_that_doorlog_sends_by_itself_is_found_too(root: Path, fluentd: Command, tmp_path: Path) -> None:
    port = unused_port()
    printed = doorlog(root, "fluentd", "config", "forward", "--folder", str(tmp_path)).stdout
    with Fluentd(fluentd, printed.replace("port 24224", f"port {port}"), tmp_path):
        to = f"fluentd://127.0.0.1:{port}/signin.ecs"
        done = doorlog(root, "doctor", "--event-to", to, "--arrives-in", f"{tmp_path}/out/*")
    assert done.returncode == 0, done.stdout
    assert "as it should: fine" in done.stdout


def test_a_way_without_doorlog_on_it_is_told(root: Path, fluentd: Command, tmp_path: Path) -> None:
    port = unused_port()
    source = f"<source>\n  @type forward\n  bind 127.0.0.1\n  port {port}\n</source>\n"
    file = f"@type file\n  path {tmp_path}/out/raw\n  append true\n  <buffer>\n    flush_mode immediate\n  </buffer>"
    match = f"<match **>\n  {file}\n</match>\n"
    with Fluentd(fluentd, source + match, tmp_path):
        to = f"fluentd://127.0.0.1:{port}/cloudtrail.doctor"
        done = doorlog(root, "doctor", "--record-to", to, "--arrives-in", f"{tmp_path}/out/raw*.log")
    assert done.returncode == 1
    assert "it is still the record; Doorlog is not on its way" in done.stdout
