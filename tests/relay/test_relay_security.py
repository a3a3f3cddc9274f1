"""Whom a relay lets in, and what it says of settings that can't be."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from certificates import Certificates
from faulty_server import FaultyServer
from relay_process import Client, Relay, packed, signin

from doorlog.forward.settings import ForwardSettings, Login, Patience, client_tls
from doorlog.outputs import DeliveryFailed, Event, open_output

Start = Callable[..., Relay]
BRIEF = Patience(connect=2.0, answer=5.0, give_up=2.0)


def send(where: str, settings: ForwardSettings) -> None:
    output = open_output(where, "json", ["x"], settings=settings)
    try:
        output.write([Event(signin(number), "x", 0, None) for number in range(10)])
    finally:
        output.close()


def test_clients_that_know_the_key_get_in_and_see_that_the_relay_does(
    server: FaultyServer, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(b"shared secret\n")
    relay = start("--listen-shared-key-file", str(tmp_path / "key"))
    send(relay.where, ForwardSettings(BRIEF, login=Login(b"shared secret", b"client")))
    assert len(server.arrived) == 10
    for settings, what in (
        (ForwardSettings(BRIEF, login=Login(b"guess", b"client")), "denies the shared key"),
        (ForwardSettings(BRIEF), "asks for a shared key"),
    ):
        with pytest.raises(DeliveryFailed, match=what):
            send(relay.where, settings)
    with Client(relay.port) as client:
        assert client.answer()[0] == "HELO"
        assert client.asks(packed(1)) is None
    assert len(server.arrived) == 10
    told = relay.end()[1]
    assert "secret" not in told
    assert "a wrong shared key, user or password" in told


def test_users_have_to_know_their_password(server: FaultyServer, start: Start, tmp_path: Path) -> None:
    (tmp_path / "users").write_bytes(b"anaya:hunter2\nluka:pass:word\n")
    relay = start("--listen-users-file", str(tmp_path / "users"), environment={"DOORLOG_LISTEN_SHARED_KEY": "k"})
    send(relay.where, ForwardSettings(BRIEF, login=Login(b"k", b"client", b"luka", b"pass:word")))
    assert len(server.arrived) == 10
    for user, password in ((b"anaya", b"hunter3"), (b"nobody", b"hunter2"), (b"", b"")):
        with pytest.raises(DeliveryFailed, match="denies the shared key, or the user"):
            send(relay.where, ForwardSettings(BRIEF, login=Login(b"k", b"client", user, password)))
    assert len(server.arrived) == 10


def test_clients_come_by_tls_with_a_certificate_where_one_is_asked_for(
    server: FaultyServer, start: Start, certificates: Certificates
) -> None:
    relay = start("--listen-tls-cert", str(certificates.server), "--listen-tls-ca", str(certificates.ca))
    where = relay.where.replace("fluentd:", "fluentd+tls:")
    send(where, ForwardSettings(BRIEF, tls=client_tls(certificates.ca, certificates.client, None)))
    assert len(server.arrived) == 10
    with pytest.raises(DeliveryFailed):
        send(where, ForwardSettings(BRIEF, tls=client_tls(certificates.ca, None, None)))
    with pytest.raises(DeliveryFailed):
        send(relay.where, ForwardSettings(BRIEF))
    assert len(server.arrived) == 10


def test_the_way_on_is_by_tls_and_key_too(certificates: Certificates, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    (tmp_path / "password").write_bytes(b"hunter2")
    with FaultyServer(tls=context, key=b"k", users={b"anaya": b"hunter2"}) as server:
        relay = Relay(
            f"fluentd+tls://127.0.0.1:{server.port}/out",
            *("--tls-ca", str(certificates.ca), "--user", "anaya", "--password-file", str(tmp_path / "password")),
            environment={"DOORLOG_SHARED_KEY": "k"},
        )
        with Client(relay.port) as client:
            assert client.asks(packed(1)) == {"ack": "c"}
        assert relay.end()[0] == 0
        assert "hunter2" not in Path("/proc/self/cmdline").read_text()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--output", "stdout"], "a relay sends to fluentd://"),
        (["--output", "fluentd://127.0.0.1/x", "--listen", "127.0.0.1:many"], "is no HOST:PORT"),
        (["--output", "fluentd://127.0.0.1:9/x", "--listen", "0.0.0.0:9"], "where the relay itself listens"),
        (["--output", "fluentd://127.0.0.1:9/x", "--listen", "127.0.0.1:9"], "where the relay itself listens"),
        (["--output", "fluentd://127.0.0.1/x", "--linger", "nan"], "no number of seconds"),
        (
            ["--output", "fluentd://127.0.0.1/x", "--health-file", "/nowhere/x"],
            "--health-file /nowhere/x: No such file",
        ),
        (["--output", "fluentd://127.0.0.1/x", "--metrics-file", "/nowhere/x"], "--metrics-file /nowhere/x: No such"),
        (["--output", "fluentd://127.0.0.1/x", "--listen-tls-key", "key.pem"], "need a certificate"),
        (["--output", "fluentd://127.0.0.1/x", "--listen-users-file", "users"], "needs a shared key"),
        (["--output", "fluentd://127.0.0.1/x", "--rejects", "fluentd://127.0.0.1/y"], "as TAG.reject"),
        (["--output", "fluentd://127.0.0.1/x", "--tls-ca", "ca.pem"], "--tls-ca is for fluentd"),
        (["--output", "fluentd://127.0.0.1/x", "--listen-shared-key-file", "nowhere"], "No such file"),
    ],
)
def test_settings_that_cannot_be_followed_are_told_at_the_start(options: list[str], what: str) -> None:
    with pytest.raises(AssertionError) as raised:
        Relay(options[1], *options[2:])
    assert what in str(raised.value)


def test_a_port_that_is_taken_is_told(relay: Relay) -> None:
    with pytest.raises(AssertionError, match=r"--listen 127\.0\.0\.1:\d+: can't listen: .*in use"):
        Relay("fluentd://127.0.0.1/x", port=relay.port)
