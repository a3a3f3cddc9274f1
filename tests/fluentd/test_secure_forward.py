"""TLS, shared key, user and password between Doorlog and what others have written, in both directions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from node_server import HERE, NodeServer
from real_fluentd import Command, Fluentd, unused_port

from node_packages import Node

sys.path += [str(HERE.parent / "outputs"), str(HERE.parent / "relay")]

from certificates import Certificates, made_in
from relay_process import Relay, signin

from doorlog.forward.settings import ForwardSettings, Login, Patience, client_tls
from doorlog.outputs import DeliveryFailed, Event, open_output

KEY, USER, PASSWORD = "a key of both", "anaya", "hunter2"
LOGIN = Login(KEY.encode(), b"doorlog.example.org", USER.encode(), PASSWORD.encode())
PATIENCE = Patience(connect=5.0, answer=10.0, give_up=30.0)
EVENTS = [Event({"event": {"id": str(number)}}, "ecs", 10**18 + number, None) for number in range(1500)]

SECURITY = """
<security>
  self_hostname {name}
  shared_key {key}
  user_auth true
  <user>
    username {user}
    password {password}
  </user>
</security>
"""

OWN_LOG = "<label @FLUENT_LOG>\n<match **>\n@type null\n</match>\n</label>\n"
"""What Fluentd has to say of itself is no event."""


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates as files."""
    return made_in(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def relay(certificates: Certificates, tmp_path: Path) -> Iterator[Callable[[str], Relay]]:
    """Starts a relay that wants TLS, key, user and password."""
    (tmp_path / "users").write_text(f"{USER}:{PASSWORD}\n")
    started: list[Relay] = []

    def start(output: str) -> Relay:
        options = ["--listen-tls-cert", str(certificates.server), "--listen-users-file", str(tmp_path / "users")]
        started.append(Relay(output, *options, environment={"DOORLOG_LISTEN_SHARED_KEY": KEY}))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.end()


def deliver(port: int, settings: ForwardSettings) -> None:
    output = open_output(f"fluentd+tls://127.0.0.1:{port}/signin", "json", ["ecs"], settings=settings)
    try:
        output.write(EVENTS)
    finally:
        output.close()


def test_npms_server_lets_the_sender_in_and_gets_every_event(
    start_node_server: Callable[..., NodeServer], certificates: Certificates
) -> None:
    security = {"serverHostname": "node", "sharedKey": KEY, "authorize": True, "userDict": {USER: PASSWORD}}
    server = start_node_server(options={"security": security, "tlsOptions": {"cert": str(certificates.server)}})
    tls = client_tls(certificates.ca, None, None)
    deliver(server.port, ForwardSettings(PATIENCE, login=LOGIN, tls=tls, compress=True))
    brief = Patience(connect=5.0, answer=3.0, give_up=3.0)
    wrong = Login(b"another key", b"doorlog.example.org", USER.encode(), PASSWORD.encode())
    with pytest.raises(DeliveryFailed):
        deliver(server.port, ForwardSettings(brief, login=wrong, tls=tls))
    arrived = server.stop()
    assert [one["record"]["event"]["id"] for one in arrived] == [str(number) for number in range(1500)]
    assert [one["nanoseconds"] for one in arrived] == list(range(1500))


def test_a_doctor_proves_itself_as_the_sender_does(
    start_node_server: Callable[..., NodeServer], certificates: Certificates, root: Path, tmp_path: Path
) -> None:
    security = {"serverHostname": "node", "sharedKey": KEY, "authorize": True, "userDict": {USER: PASSWORD}}
    server = start_node_server(options={"security": security, "tlsOptions": {"cert": str(certificates.server)}})
    (tmp_path / "password").write_text(PASSWORD)
    words = [sys.executable, "-m", "doorlog", "doctor", "--event-to", f"fluentd+tls://127.0.0.1:{server.port}/signin"]
    words += ["--user", USER, "--password-file", str(tmp_path / "password")]
    environment = {**os.environ, "PYTHONPATH": str(root / "plugin"), "DOORLOG_SHARED_KEY": KEY}
    good, bad = (
        subprocess.run([*words, *more], env=environment, capture_output=True, text=True, check=False)
        for more in (["--tls-ca", str(certificates.ca)], [])
    )
    assert good.returncode == 0, good.stdout + good.stderr
    assert "took it and confirmed it: fine" in good.stdout
    assert bad.returncode == 1
    assert "certificate is not trusted" in bad.stdout
    assert [one["record"]["user"]["name"] for one in server.stop()] == ["doorlog-doctor"]


def test_a_real_fluentd_lets_the_sender_in_and_gets_every_event(
    fluentd: Command, certificates: Certificates, tmp_path: Path
) -> None:
    port = unused_port()
    pem = certificates.server
    security = SECURITY.format(name="server", key=KEY, user=USER, password=PASSWORD)
    source = f"<transport tls>\n cert_path {pem}\n private_key_path {pem}\n</transport>\n{security}"
    configuration = (
        f"<source>\n@type forward\nbind 127.0.0.1\nport {port}\n{source}</source>\n{_to_file(tmp_path)}{OWN_LOG}"
    )
    tls = client_tls(certificates.ca, None, None)
    with Fluentd(fluentd, configuration, tmp_path) as server:
        deliver(port, ForwardSettings(PATIENCE, login=LOGIN, tls=tls))
        with pytest.raises(DeliveryFailed, match="denies the shared key"):
            deliver(port, ForwardSettings(PATIENCE, login=Login(b"another", b"here"), tls=tls))
        server.wait_for(lambda: len(server.emitted("all")) >= 1500)
        assert [one.document["event"]["id"] for one in server.emitted("all")] == [str(n) for n in range(1500)]


@pytest.mark.parametrize("mode", ["Message", "Forward", "PackedForward", "CompressedPackedForward"])
def test_the_relay_lets_npms_client_in_and_confirms_each_of_its_modes(
    mode: str,
    node_package: tuple[Node, Path],
    start_node_server: Callable[..., NodeServer],
    relay: Callable[[str], Relay],
    certificates: Certificates,
) -> None:
    server = start_node_server()
    started = relay(f"fluentd://127.0.0.1:{server.port}/out")
    options = {
        "socket": {"host": "127.0.0.1", "port": started.port, "tls": {"ca": str(certificates.ca)}},
        "security": {"clientHostname": "node", "sharedKey": KEY, "username": USER, "password": PASSWORD},
    }
    node, folder = node_package
    records = "".join(json.dumps(signin(number)) + "\n" for number in range(200))
    client = subprocess.run(
        [node.node, str(HERE / "forward_client.cjs"), mode, json.dumps(options)],
        cwd=folder,
        input=records.encode(),
        capture_output=True,
        timeout=60,
    )
    assert json.loads(client.stdout) == {"acked": 200}
    arrived = sorted(one["record"]["event"]["id"] for one in server.stop())
    assert arrived == sorted(f"event-{number}" for number in range(200))


def test_the_relay_lets_a_real_fluentd_in_and_confirms_what_it_sends(
    fluentd: Command,
    start_node_server: Callable[..., NodeServer],
    relay: Callable[[str], Relay],
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    server = start_node_server()
    started = relay(f"fluentd://127.0.0.1:{server.port}/out")
    port = unused_port()
    configuration = f"""
<source>
  @type forward
  bind 127.0.0.1
  port {port}
</source>
<match **>
  @type forward
  require_ack_response true
  transport tls
  tls_cert_path {certificates.ca}
  <security>
    self_hostname client
    shared_key {KEY}
  </security>
  <server>
    name localhost
    host 127.0.0.1
    port {started.port}
    username {USER}
    password {PASSWORD}
  </server>
  <buffer>
    flush_mode immediate
  </buffer>
</match>
{OWN_LOG}"""
    with Fluentd(fluentd, configuration, tmp_path):
        output = open_output(f"fluentd://127.0.0.1:{port}/x", "json", ["ecs"], settings=ForwardSettings(PATIENCE))
        output.write([Event(signin(number), "ecs", 10**18, None) for number in range(300)])
        output.close()
        arrived = {server.next()["record"]["event"]["id"] for _ in range(300)}
        assert arrived == {f"event-{number}" for number in range(300)}
    assert "sent away" not in started.end()[1]


def _to_file(folder: Path) -> str:
    return f"""
<match **>
  @type file
  path {folder}/out/all
  append true
  <buffer time>
    @type memory
    timekey 1d
    flush_mode immediate
  </buffer>
</match>
"""
