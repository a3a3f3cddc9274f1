"""Digests of texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from doorlog.mapping.functions.function import Example, step

ALGORITHMS = ("sha256", "sha512", "sha1", "md5")


def digest(algorithm: str) -> Callable[[str], str]:
    """The function that gives the digest of a text's UTF-8, in hexadecimal digits."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"there is no digest {algorithm!r} ({', '.join(ALGORITHMS)})")
    # Targets ask for fingerprints; nothing is kept safe by one.
    return lambda value: hashlib.new(algorithm, value.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


FUNCTION = step(
    "digest",
    f"The digest of the text in hexadecimal digits: {', '.join(f'`{name}`' for name in ALGORITHMS)}. It hides nothing:"
    " who guesses the value knows it; see `protect`.",
    digest,
    "text",
    Example("alice", "2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90", argument="sha256"),
    Example("alice", "6384e2b2184bcbf58eccf10ca7a6563c", argument="md5"),
    argument="text",
    makes=True,
    memo=True,
)
