"""Addresses, host names, URLs and ARNs: what they are, and their parts exactly as they are written."""

from __future__ import annotations

import ipaddress
import re
from functools import cache
from socket import AF_INET, AF_INET6, inet_pton
from typing import TypeAlias

from doorlog.mapping.values import Memo

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
# A name of nothing but digits and x is an address that somebody masked.
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?![0-9xX.]+\Z)(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\Z")
_EMAIL_NAME = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}\Z")
_URL = re.compile(r"(https?)://([^/?#\s]+)([^?#]*)\Z", re.DOTALL)
_HOST = re.compile(r"(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:@]+)(?::[0-9]{1,5})?\Z")
_ARN = re.compile(
    r"arn:(?P<partition>[^:]+):(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)\Z", re.DOTALL
)


def ip_text(text: str) -> str | None:
    """The text itself if it is an IPv4 or IPv6 address (leading zeros and zone ids are none)."""
    # What inet_pton takes, ipaddress takes too, which costs ten times as much.
    try:
        inet_pton(AF_INET6 if ":" in text else AF_INET, text)
        return text
    except (OSError, ValueError):
        pass
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else text


def domain(text: str) -> str | None:
    """The text itself if it is a host name of at least two labels, whose last starts with a letter."""
    return text if _DOMAIN.match(text) else None


def email(text: str) -> str | None:
    """The text itself if it is an e-mail address in its usual form."""
    name, at, host = text.rpartition("@")
    return text if at and _EMAIL_NAME.match(name) and _DOMAIN.match(host) else None


def arn_part(text: str, part: str) -> str | None:
    """A part of an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, by its name, or the `name` in it.

    The name is the last part of the resource.
    """
    found = _ARN.match(text)
    if found is None:
        return None
    if part == "name":
        return found["resource"].rpartition("/")[2].rpartition(":")[2] or None
    return found[part] or None


URL_PARTS = ("scheme", "domain", "path", "query", "fragment")
Url: TypeAlias = "tuple[str | None, str | None, str | None, str | None, str | None]"
"""The parts of an http(s) URL exactly as they stand there; None for one that isn't there or is empty.

A plain tuple, since one with names takes six times as long to make, and a URL is taken apart for most records.
"""


def url(text: str) -> Url:
    """The parts of an http(s) URL; nothing else has any. A part that would begin with its own mark is none."""
    rest, _, fragment = text.partition("#")
    page, _, query = rest.partition("?")
    found = _PAGES[page]
    if found is None:
        return _NO_URL
    scheme, host, path = found
    return (
        scheme,
        host,
        path,
        None if not query or query[0] == "?" else query,
        None if not fragment or fragment[0] == "#" else fragment,
    )


_NO_URL: Url = (None, None, None, None, None)


def _page(text: str) -> tuple[str, str | None, str | None] | None:
    """The scheme, host and path of a URL without its query; many URLs that differ in their queries share these."""
    found = _URL.match(text)
    if found is None:
        return None
    scheme, authority, path = found.groups()
    host = _HOST.match(authority)
    return scheme, host[1].strip("[]") if host else None, path or None


_PAGES = Memo(_page)


def in_networks(text: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the networks (`10.0.0.0/8`); False for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in _network(network) for network in networks)


@cache
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def not_a_network(text: str) -> str | None:
    """What keeps a text from being an IPv4 or IPv6 network, or a single address, in words; None if nothing does."""
    try:
        network = _network(text)
    except ValueError:
        return f"{text!r} is no network, such as 10.0.0.0/8"
    if "/" in text and str(network.network_address) != str(ipaddress.ip_address(text.partition("/")[0])):
        return f"{text!r} is an address in a network; the network itself is {str(network)!r}"
    return None
