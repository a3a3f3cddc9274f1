"""Addresses: what is one, where it belongs, and the network that it lies in."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from doorlog.mapping.functions.function import Example, Function, step
from doorlog.mapping.network import ip_text

_LENGTHS = (32, 128)
# The special-purpose addresses of RFC 6890 and its successors; the first that fits counts. Python's own tests of them
# differ from version to version.
_SCOPES = [
    (scope, [ip_network(network) for network in networks.split()])
    for scope, networks in (
        ("private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"),
        ("loopback", "127.0.0.0/8 ::1/128"),
        ("link-local", "169.254.0.0/16 fe80::/10"),
        ("shared", "100.64.0.0/10"),
        ("documentation", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"),
        ("multicast", "224.0.0.0/4 ff00::/8"),
        ("reserved", "0.0.0.0/8 192.0.0.0/24 198.18.0.0/15 240.0.0.0/4 ::/8 100::/64 2001::/23"),
    )
]


def ip_scope(value: str) -> str | None:
    """What sort of address this is; None for what is no address."""
    if ip_text(value) is None:
        return None
    address = ip_address(value)
    mapped = getattr(address, "ipv4_mapped", None)
    return next(
        (scope for scope, networks in _SCOPES if any((mapped or address) in network for network in networks)), "public"
    )


def network(lengths: tuple[int, ...]) -> Callable[[str], str | None]:
    """The function that gives the network of that many bits in which an address lies; None for what is no address."""
    if len(lengths) != 2 or not all(0 <= length <= most for length, most in zip(lengths, _LENGTHS, strict=True)):
        raise ValueError("`network` takes the bits that stay of an IPv4 and of an IPv6 address: [24, 48]")

    def call(value: str) -> str | None:
        if ip_text(value) is None:
            return None
        length = lengths[0] if ip_address(value).version == 4 else lengths[1]
        return str(ip_network(f"{value}/{length}", strict=False))

    return call


def network_address(lengths: tuple[int, ...]) -> Callable[[str], str | None]:
    """The function that gives the first address of that network; None for what is no address."""
    whole = network(lengths)

    def call(value: str) -> str | None:
        found = whole(value)
        return None if found is None else found.partition("/")[0]

    return call


FUNCTIONS = (
    Function(
        "ip",
        "An IPv4 or IPv6 address.",
        ip_text,
        "text",
        (Example("203.0.113.5", "203.0.113.5"), Example("2001:db8::1", "2001:db8::1"), Example("225.01.00.16", None)),
        fails="it is no address",
        keeps="if equal",
        memo=True,
        shortens=True,
    ),
    Function(
        "ip_scope",
        "`public`, `private`, `loopback`, `link-local`, `shared` (carrier NAT), `documentation`, `multicast`"
        " or `reserved`.",
        ip_scope,
        "text",
        (
            Example("10.1.2.3", "private"),
            Example("192.0.0.8", "reserved"),
            Example("203.0.113.5", "documentation"),
            Example("2600::1", "public"),
            Example("AWS Internal", None),
        ),
        fails="it is no address",
        memo=True,
    ),
    step(
        "network_address",
        "The first address of that network: an address that stands for many.",
        network_address,
        "text",
        Example("203.0.113.5", "203.0.113.0", argument=[24, 48]),
        Example("2001:db8:1:2::3", "2001:db8:1::", argument=[24, 48]),
        Example("AWS Internal", None, argument=[24, 48]),
        fails="it is no address",
        argument="numbers",
        makes=True,
        memo=True,
    ),
    step(
        "network",
        "The network in which an address lies, by the bits that stay of an IPv4 and of an IPv6 address.",
        network,
        "text",
        Example("203.0.113.5", "203.0.113.0/24", argument=[24, 48]),
        Example("2001:db8:1:2::3", "2001:db8:1::/48", argument=[24, 48]),
        Example("AWS Internal", None, argument=[24, 48]),
        fails="it is no address",
        argument="numbers",
        makes=True,
        memo=True,
    ),
)
