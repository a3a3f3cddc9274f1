"""The made-up users, addresses and browsers of the corpus; few of each make most of the traffic, as in life."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, NamedTuple, TypeVar

USERS, ADDRESSES, AGENTS = 2_000, 20_000, 300
KINDS = {"IAMUser": 0.62, "AssumedRole": 0.26, "Root": 0.08, "FederatedUser": 0.04}
IPV6_EVERY = 13
"""One address of so many is IPv6, which makes six records of a hundred."""

_ACCOUNTS = ("111122223333", "444455556666", "777788889999", "123456789012", "111111111111", "222222222222")
_ROLES = ("Admin", "ReadOnly", "Billing", "Deploy", "SecurityAudit", "AWSReservedSSO_ReadOnly_0f1e2d3c4b5a6978")
_REGIONS = ("us-east-1", "eu-central-1", "us-west-2", "ap-southeast-2", "eu-west-1", "ap-southeast-1")
_FIRST = ("alice", "anaya", "arnav", "bruno", "carlos", "diego", "efua", "jane", "jorge", "kwaku", "li", "maria")
_LAST = ("costa", "desai", "doe", "garcia", "jackson", "major", "martinez", "owusu", "ramirez", "rivera", "roe")
_SYSTEMS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "X11; Ubuntu; Linux x86_64",
    "Windows NT 10.0; WOW64",
)
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

Choice = TypeVar("Choice")


class Person(NamedTuple):
    """One who signs in: always as the same kind of identity, in one account."""

    kind: str
    name: str
    account: str
    id: str
    role: str
    region: str
    mfa: bool


class Zipf(Generic[Choice]):
    """Choices of which the n-th is made 1/n times as often as the first."""

    def __init__(self, random: Random, choices: Sequence[Choice]) -> None:
        self._random, self._choices = random, choices
        self._weights = list(accumulate(1 / place for place in range(1, len(choices) + 1)))

    def one(self) -> Choice:
        """One of the choices."""
        return self._random.choices(self._choices, cum_weights=self._weights)[0]


class World:
    """All that a record can be made of; the same for the same random numbers."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._kinds, self._shares = list(KINDS), list(accumulate(KINDS.values()))
        self._people = {
            kind: Zipf(random, [self._person(kind, number) for number in range(round(USERS * share))])
            for kind, share in KINDS.items()
        }
        self.addresses = Zipf(random, [_address(random, place) for place in range(ADDRESSES)])
        self.agents = Zipf(random, [_agent(place) for place in range(AGENTS)])

    def person(self) -> Person:
        """Somebody, the kinds of identity in their shares."""
        kind = self._random.choices(self._kinds, cum_weights=self._shares)[0]
        return self._people[kind].one()

    def _person(self, kind: str, number: int) -> Person:
        pick = self._random.choice
        name = f"{pick(_FIRST)}.{pick(_LAST)}{number}"
        if kind == "AssumedRole":
            name += "@example.com"
        prefix = "AROA" if kind == "AssumedRole" else "AIDA"
        id = prefix + "".join(self._random.choices(_BASE32, k=10)) + "EXAMPLE"
        return Person(kind, name, pick(_ACCOUNTS), id, pick(_ROLES), pick(_REGIONS), self._random.random() < 0.6)


def _address(random: Random, place: int) -> str:
    """An address of the networks that are set aside for benchmarks and documentation."""
    if place % IPV6_EVERY == IPV6_EVERY - 1:
        return f"2001:db8:{place:x}:{random.getrandbits(16):x}::{random.getrandbits(16):x}"
    return f"198.{18 + place // 65_536}.{place // 256 % 256}.{place % 256}"


def _agent(place: int) -> str:
    system, version = _SYSTEMS[place % len(_SYSTEMS)], 60 + place // len(_SYSTEMS)
    if place % 3:
        return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    return f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
