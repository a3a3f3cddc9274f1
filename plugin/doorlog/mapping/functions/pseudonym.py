"""Pseudonyms: the same for the same text, and nothing that leads back to it without the key."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from doorlog.mapping.functions.function import Example, hiding

LEAST_KEY = 16
"""Bytes; a shorter key can be guessed."""


def pseudonym(key: bytes) -> Callable[[str], str]:
    """The function that gives a text's HMAC-SHA-256 by this key, its first 128 bits in hexadecimal digits."""
    return lambda value: hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def pseudonym_name(key: bytes) -> Callable[[str], str]:
    """The same for what follows the last `/` or `:` of a text alone, or for all of one that has neither."""
    return _from(key, lambda value: max(value.rfind("/"), value.rfind(":")) + 1)


def pseudonym_path(key: bytes) -> Callable[[str], str]:
    """The same for what follows the first `/`, or for all of a text that has none."""
    return _from(key, lambda value: value.find("/") + 1)


def _from(key: bytes, begin: Callable[[str], int]) -> Callable[[str], str]:
    whole = pseudonym(key)

    def call(value: str) -> str:
        at = begin(value)
        return value[:at] + whole(value[at:]) if value[at:] else value[:at]

    return call


_ALICE = "fdbf8b1cacd3d578e062d0e41104357d"
"""Her pseudonym by the key `0123456789abcdef`."""
_PATH = "3c93747923ac39eaf50098c568801351"

FUNCTIONS = (
    hiding(
        "pseudonym",
        "A pseudonym by a secret key: 32 hexadecimal digits, the same for the same text and key.",
        pseudonym,
        Example("alice", _ALICE, argument="people"),
        argument="text",
        makes=True,
        keyed=True,
    ),
    hiding(
        "pseudonym_name",
        "The same of what follows the last `/` or `:` alone, as in an ARN: a name has one pseudonym everywhere.",
        pseudonym_name,
        Example(
            "arn:aws:iam::111122223333:user/alice",
            f"arn:aws:iam::111122223333:user/{_ALICE}",
            argument="people",
        ),
        Example("alice", _ALICE, argument="people"),
        argument="text",
        makes=True,
        keyed=True,
    ),
    hiding(
        "pseudonym_path",
        "The same of what follows the first `/`, as in the ARN of an MFA device that has its owner's name in it.",
        pseudonym_path,
        Example(
            "arn:aws:iam::111122223333:u2f/user/alice/key", f"arn:aws:iam::111122223333:u2f/{_PATH}", argument="people"
        ),
        Example("alice", _ALICE, argument="people"),
        argument="text",
        makes=True,
        keyed=True,
    ),
)
