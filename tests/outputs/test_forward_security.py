"""Who may talk to whom: TLS, shared key, user and password, towards a Forward server."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from certificates import Certificates
from faulty_server import FaultyServer
from sample_events import signin

from doorlog.errors import UsageError
from doorlog.forward.settings import ForwardSettings, Login, Patience, client_tls, login
from doorlog.outputs import DeliveryFailed, open_output

BRISK = Patience(connect=2.0, answer=1.5, give_up=10.0)
KEY = b"k\xc3\xa4y of both"


def server_tls(certificates: Certificates, *, wants_client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    if wants_client:
        context.load_verify_locations(certificates.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def send(server: FaultyServer, settings: ForwardSettings, *, host: str = "127.0.0.1", scheme: str = "fluentd") -> None:
    output = open_output(f"{scheme}://{host}:{server.port}/signin", "json", ["ecs"], settings=settings)
    try:
        output.write([signin(number) for number in range(2500)])
    finally:
        output.close()


def test_events_arrive_over_tls_from_a_server_whose_name_is_in_its_certificate(certificates: Certificates) -> None:
    settings = ForwardSettings(BRISK, tls=client_tls(certificates.ca, None, None))
    with FaultyServer(["split", "reset", "ack"], tls=server_tls(certificates)) as server:
        send(server, settings, scheme="fluentd+tls")
        assert len(server.arrived) == 2500


def test_another_name_than_the_hosts_can_be_asked_for(certificates: Certificates) -> None:
    tls = client_tls(certificates.ca, None, None)
    with FaultyServer(tls=server_tls(certificates)) as server:
        send(server, ForwardSettings(BRISK, tls=tls, tls_name="localhost"), scheme="fluentd+tls")
        with pytest.raises(DeliveryFailed, match=r"certificate is not trusted: hostname mismatch"):
            send(server, ForwardSettings(BRISK, tls=tls, tls_name="logs.example.org"), scheme="fluentd+tls")
        assert len(server.arrived) == 2500


@pytest.mark.parametrize("ca", ["other", None])
def test_a_server_that_no_known_ca_vouches_for_gets_nothing_and_is_not_tried_again(
    certificates: Certificates, ca: str | None
) -> None:
    tls = client_tls(certificates.other_ca if ca else None, None, None)
    with FaultyServer(tls=server_tls(certificates)) as server:
        with pytest.raises(DeliveryFailed, match="2500 of 2500 events not confirmed: the server's certificate"):
            send(server, ForwardSettings(BRISK, tls=tls), scheme="fluentd+tls")
        assert (server.connections, server.messages) == (1, [])


def test_a_client_certificate_opens_a_server_that_wants_one(certificates: Certificates) -> None:
    with FaultyServer(tls=server_tls(certificates, wants_client=True)) as server:
        tls = client_tls(certificates.ca, certificates.client, None)
        send(server, ForwardSettings(BRISK, tls=tls), scheme="fluentd+tls")
        assert len(server.arrived) == 2500
        brief = Patience(connect=1.0, answer=0.5, give_up=0.6)
        with pytest.raises(DeliveryFailed):
            send(server, ForwardSettings(brief, tls=client_tls(certificates.ca, None, None)), scheme="fluentd+tls")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("shown", ["none", "of another CA"])
def test_an_alert_of_the_server_about_the_client_ends_it_at_once(
    certificates: Certificates, version: ssl.TLSVersion, shown: str
) -> None:
    context = server_tls(certificates, wants_client=True)
    context.maximum_version = version
    if shown != "none":
        context = server_tls(certificates)
        context.maximum_version = version
        context.load_verify_locations(certificates.other_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))
    visits = []

    def deny() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                visits.append(connection)
                with contextlib.suppress(ssl.SSLError):
                    # The socket stays open, so that no reset overtakes the alert.
                    context.wrap_socket(connection.dup(), server_side=True)

    threading.Thread(target=deny, daemon=True).start()
    tls = client_tls(certificates.ca, None if shown == "none" else certificates.client, None)
    where = f"fluentd+tls://127.0.0.1:{listener.getsockname()[1]}/x"
    output = open_output(where, "json", ["ecs"], settings=ForwardSettings(BRISK, tls=tls))
    with pytest.raises(DeliveryFailed, match=r"not confirmed: (?i:tls): .*alert .* \(attempt 1\)"):
        output.write([signin(1)])
    output.close()
    listener.close()
    for each in visits:
        each.close()
    assert len(visits) == 1


def test_a_server_without_tls_gets_nothing_from_a_client_that_wants_it(certificates: Certificates) -> None:
    settings = ForwardSettings(Patience(1.0, 0.5, 1.0), tls=client_tls(certificates.ca, None, None))
    with FaultyServer() as server:
        with pytest.raises(DeliveryFailed):
            send(server, settings, scheme="fluentd+tls")
        assert server.messages == []


def test_events_arrive_once_both_have_shown_that_they_know_the_key() -> None:
    with FaultyServer(["ack", "hang_up"], key=KEY) as server:
        send(server, ForwardSettings(BRISK, login=Login(KEY, b"doorlog.example.org")))
        assert {arrived.record["event"]["id"] for arrived in server.arrived} == {str(n) for n in range(2500)}
        # Without a user, neither a name nor a digest is sent, though the server offers a salt for it.
        assert {(ping[1], ping[4], ping[5]) for ping in server.logins} == {(b"doorlog.example.org", b"", b"")}


def test_user_and_password_open_a_server_that_wants_them() -> None:
    with FaultyServer(key=KEY, users={b"anaya": b"hunter2"}) as server:
        send(server, ForwardSettings(BRISK, login=Login(KEY, b"here", b"anaya", b"hunter2")))
        assert len(server.arrived) == 2500
        for user, password in ((b"anaya", b"hunter3"), (b"", b""), (b"mallory", b"hunter2")):
            with pytest.raises(DeliveryFailed, match="denies the shared key, or the user and password") as raised:
                send(server, ForwardSettings(BRISK, login=Login(KEY, b"here", user, password)))
            assert "hunter" not in str(raised.value)


def test_a_wrong_key_is_told_at_once_and_without_the_key() -> None:
    with FaultyServer(key=KEY) as server:
        with pytest.raises(DeliveryFailed, match="denies the shared key") as raised:
            send(server, ForwardSettings(BRISK, login=Login(b"another key", b"here")))
        assert "another" not in str(raised.value)
        assert (server.connections, server.messages) == (1, [])


def test_a_server_that_only_claims_to_know_the_key_gets_nothing() -> None:
    with FaultyServer(key=KEY, pong=b"0" * 128) as server:
        with pytest.raises(DeliveryFailed, match="the server does not know the shared key"):
            send(server, ForwardSettings(BRISK, login=Login(KEY, b"here")))
        assert server.messages == []


def test_a_server_that_asks_for_no_key_is_not_taken_for_one_that_knows_it() -> None:
    settings = ForwardSettings(Patience(1.0, 0.3, 0.6), login=Login(KEY, b"here"))
    with FaultyServer() as server:
        with pytest.raises(DeliveryFailed):
            send(server, settings)
        assert server.messages == []


@dataclass(frozen=True)
class Files:
    folder: Path

    def __call__(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        return path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_secrets_come_from_files_or_the_environment_and_a_last_newline_is_no_part_of_them(files: Files) -> None:
    key, password = files("key", b"key\n"), files("password", b" pass word\r\n")
    assert login(key, "anaya", password, "here", {}) == Login(b"key", b"here", b"anaya", b" pass word")
    environment = {"DOORLOG_SHARED_KEY": "key", "DOORLOG_PASSWORD": "word"}
    assert login(None, "anaya", None, "here", environment) == Login(b"key", b"here", b"anaya", b"word")
    assert login(None, None, None, None, {}) is None


def test_a_login_that_is_no_whole_one_is_told_at_the_start(files: Files) -> None:
    key = files("key", b"secret")
    for arguments, what in (
        ((None, "anaya", None), "need a shared key"),
        ((key, "anaya", None), "--user and a password go together"),
        ((key, None, key), "--user and a password go together"),
        ((files("empty", b"\n"), None, None), "the file is empty"),
        ((files.folder / "nowhere", None, None), "No such file"),
    ):
        with pytest.raises(UsageError, match=what) as raised:
            login(*arguments, None, {})
        assert "secret" not in str(raised.value)
    key.chmod(0o666)
    with pytest.raises(UsageError, match="anybody may write to it"):
        login(key, None, None, None, {})


def test_certificates_that_are_none_are_told_at_the_start(certificates: Certificates, files: Files) -> None:
    none = files("none.pem", b"no certificate")
    for arguments, what in (
        ((none, None, None), "--tls-ca"),
        ((files.folder / "nowhere", None, None), "--tls-ca .*no such file"),
        ((None, none, None), "--tls-cert"),
        ((None, certificates.ca, None), "--tls-cert"),
        ((None, None, none), "--tls-key needs the certificate"),
    ):
        with pytest.raises(UsageError, match=what):
            client_tls(*arguments)
