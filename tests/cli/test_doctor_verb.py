"""`doorlog doctor` as far as it goes without a Fluentd."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from cli_process import Doorlog

from doorlog.fluentd import probe


def test_traps_are_shown_and_change_the_exit_code(doorlog: Doorlog, tmp_path: Path) -> None:
    (tmp_path / "fluent.conf").write_text("<match x>\n  @type exec_filter\n  command doorlog run\n</match>\n")
    done = doorlog("doctor", tmp_path / "fluent.conf")
    assert done.returncode == 1
    first, *_, last, made = done.stdout.decode().splitlines()
    assert first.startswith(f"{tmp_path}/fluent.conf:1: A Doorlog that ends is never started again")
    assert last == f"{tmp_path}/fluent.conf: starts Doorlog in 1 place; 11 traps found"
    assert made == "a made-up sign-in becomes an event of ecs: fine"


def test_a_shipped_configuration_is_fine(doorlog: Doorlog, root: Path) -> None:
    done = doorlog("doctor", "--to", "ocsf", root / "plugin" / "fluentd" / "filter.conf")
    assert done.returncode == 0
    assert b"becomes an event of ocsf: fine" in done.stdout


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("fluent.conf", "@include nofile.conf\n", "1: not looked into: @include nofile.conf names no file"),
        ("fluent.conf", "<match a>\n</foo>\n</match>\n", "2: not looked into: </foo> closes what is not open"),
        ("fluent.conf", "@include fluent.conf\n", "1: not looked into: @include fluent.conf goes round"),
        ("fluent.yml", "- match: }\n", "1: not looked into: it is no YAML: did not find expected node content"),
        (
            "fluent.conf",
            "# ours\n\nconfig:\n  - !include x.yaml\n",
            "4: not looked into: @include x.yaml names no file",
        ),
    ],
)
def test_what_could_not_be_looked_into_is_not_fine(
    name: str, text: str, said: str, doorlog: Doorlog, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    done = doorlog("doctor", tmp_path / name)
    assert done.returncode == 1
    first, second, _ = done.stdout.decode().splitlines()
    assert first == f"{tmp_path}/{name}:{said}"
    assert second == f"{tmp_path}/{name}: starts no Doorlog; 0 traps found; 1 part not looked into"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.conf"], "'gone.conf' can't be read: No such file or directory"),
        (["--arrives-in", "x"], "--arrives-in looks for what --record-to or --event-to has sent"),
        (["--record-to", "fluentd://a/b", "--event-to", "fluentd://a/b"], "two ways"),
        (["--to", "esc"], "'esc'"),
        (["--event-to", "fluentd://a/b", "--tls-ca", "ca.pem"], "--tls-ca is for fluentd+tls://"),
        (["--shared-key-file", "key"], "--shared-key-file is for fluentd://HOST:PORT/TAG, and no output is one"),
        (["--record-to", "stdout"], "a doctor sends to fluentd://HOST:PORT/TAG"),
    ],
)
def test_what_can_not_be_followed_is_told(doorlog: Doorlog, arguments: list[str], said: str) -> None:
    done = doorlog("doctor", *arguments)
    assert said in (done.stdout + done.stderr).decode()
    assert done.returncode in (1, 2)


@pytest.mark.parametrize("option", ["--record-to", "--event-to"])
def test_an_address_that_is_none_is_wrong_use_and_its_password_is_not_shown(option: str, doorlog: Doorlog) -> None:
    done = doorlog("doctor", option, "fluentd://u:SECRET@h/x")
    assert done.returncode == 2
    assert b"takes no user or password" in done.stderr
    assert b"SECRET" not in done.stdout + done.stderr


def test_the_event_is_found_as_soon_as_it_stands_in_a_file(tmp_path: Path) -> None:
    wanted = {"event": {"id": "doorlog-doctor-5"}}
    line = f"2026\ttag\t{json.dumps(wanted)}\n"

    def write() -> None:
        time.sleep(0.3)
        (tmp_path / "a.log").write_text(f"no\n{line}")

    writing = threading.Thread(target=write)
    writing.start()
    found = probe.arrived([f"{tmp_path}/*.log"], "doorlog-doctor-5")
    writing.join()
    assert found == (f"{tmp_path}/a.log", "2026\ttag\t", wanted)
    assert probe.judged(found, wanted, 1.25, ())[1]
    said, fine = probe.judged(found, {**wanted, "user": 1}, 1.25, ())
    assert (said, fine) == (
        f"{tmp_path}/a.log: the event arrived after 1.2 s, but not as it was made; other are: user",
        False,
    )


def test_the_wait_for_the_event_ends(tmp_path: Path) -> None:
    moments = iter([0.0, 1.0, 100.0])
    assert probe.arrived([f"{tmp_path}/*"], "x", clock=lambda: next(moments)) is None
    assert probe.judged(None, {}, 0, ["out/*"]) == ("nothing arrived in out/* within 20 s", False)
