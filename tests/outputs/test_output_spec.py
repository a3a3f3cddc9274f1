"""What `--output` may say, and what it answers to the rest."""

from __future__ import annotations

import pytest

from doorlog.errors import UsageError
from doorlog.forward.address import ForwardAddress, Server, forward_address
from doorlog.outputs import open_output


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ("fluentd://127.0.0.1:24225/signin", ForwardAddress((Server("127.0.0.1", 24225),), "signin")),
        (
            "fluentd://logs.example.org/aws.sign-in_1",
            ForwardAddress((Server("logs.example.org", 24224),), "aws.sign-in_1"),
        ),
        ("fluentd://[2001:db8::1]:24225/signin", ForwardAddress((Server("2001:db8::1", 24225),), "signin")),
        ("fluentd://[::1]/signin", ForwardAddress((Server("::1", 24224),), "signin")),
        ("fluentd://a,[::1]:7/x.y", ForwardAddress((Server("a", 24224), Server("::1", 7)), "x.y")),
        ("fluentd+tls://a:1,b:2/x", ForwardAddress((Server("a", 1), Server("b", 2)), "x", tls=True)),
        ("fluentd+unix:///run/fluentd.sock/x", ForwardAddress((Server("/run/fluentd.sock", 0),), "x")),
    ],
)
def test_an_address_names_host_port_and_tag(spec: str, address: ForwardAddress) -> None:
    assert forward_address(spec) == address
    assert forward_address(str(address)) == address


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ("fluentd://127.0.0.1:24224", "names no tag"),
        ("fluentd://127.0.0.1:24224/", "names no tag"),
        ("fluentd:///signin", "names no host"),
        ("fluentd://:24224/signin", "names no host"),
        ("fluentd://127.0.0.1:0/signin", "names port 0"),
        ("fluentd://127.0.0.1:70000/signin", "no valid host and port"),
        ("fluentd://127.0.0.1:http/signin", "no valid host and port"),
        ("fluentd://[::1/signin", "no valid host and port"),
        ("fluentd://a..b/signin", "no valid host and port"),
        ("fluentd://127.0.0.1/sign in", "'sign in' is no tag"),
        ("fluentd://127.0.0.1/a/b", "'a/b' is no tag"),
        ("fluentd://127.0.0.1/a..b", "'a..b' is no tag"),
        ("fluentd://127.0.0.1/signin.", "'signin.' is no tag"),
        ("fluentd://127.0.0.1/signin?tls=yes", "something behind its tag"),
        ("fluentd://127.0.0.1/signin#ecs", "something behind its tag"),
        ("fluentd://127.0.0.1,/signin", "names no host"),
        ("fluentd://127.0.0.1,127.0.0.1:24224/signin", "names a server twice"),
        ("fluentd+unix://fluentd.sock/signin", "names no socket"),
        ("fluentd+unix:///signin", "names no socket"),
    ],
)
def test_a_wrong_address_is_answered_with_what_is_wrong_and_a_right_one(spec: str, what: str) -> None:
    with pytest.raises(UsageError) as raised:
        open_output(spec, "json", ["ecs"])
    assert what in str(raised.value)
    assert "fluentd://127.0.0.1:24224/signin" in str(raised.value)


@pytest.mark.parametrize("spec", ["fluentd://anaya:hunter2@127.0.0.1/signin", "https://anaya:hunter2@127.0.0.1/"])
def test_a_password_in_an_address_is_not_repeated(spec: str) -> None:
    with pytest.raises(UsageError) as raised:
        open_output(spec, "json", ["ecs"])
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "spec", ["", "-", "events.json", "tcp://127.0.0.1:24224/signin", "fluentd:127.0.0.1", "STDOUT"]
)
def test_anything_else_is_answered_with_the_three_forms(spec: str) -> None:
    with pytest.raises(UsageError, match="write stdout, file:PATH or fluentd://HOST:PORT/TAG"):
        open_output(spec, "json", ["ecs"])


@pytest.mark.parametrize("spec", ["file:", "file://host/events.json", "file:a\0b"])
def test_a_file_without_a_usable_path_is_answered_with_an_example(spec: str) -> None:
    with pytest.raises(UsageError, match=r"such as file:events\.json"):
        open_output(spec, "json", ["ecs"])


def test_a_format_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="'yaml' is no output format: it is json or msgpack"):
        open_output("stdout", "yaml", ["ecs"])
