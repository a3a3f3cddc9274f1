"""A normalizer that is held to give the same for every record by both of its functions.

The mapping is compiled to one function for every record of a kind, and to shorter ones for shapes of records that come
up often. Which one is used depends on what came before, so what they give must not differ by a single byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import orjson

from doorlog.mapping import shapes
from doorlog.normalize import Normalizer
from doorlog.record import Json, Reject, Skip


@contextmanager
def eager() -> Iterator[None]:
    """Every shape has a function of its own from its second record on."""
    with mock.patch.object(shapes, "SEEN_OFTEN", 1), mock.patch.object(shapes, "MOST_SHAPES", 1_000_000):
        yield


class Both(Normalizer):
    """Asks each function once, and gives what the one for the shape says."""

    def __init__(self, inner: Normalizer) -> None:
        self.inner = inner
        self.targets = inner.targets

    def __call__(self, record: Json) -> tuple[Json | None, ...] | Skip | Reject:
        with eager():
            first = self.inner(record)
            second = self.inner(record)
        if isinstance(first, Skip | Reject) or isinstance(second, Skip | Reject):
            assert first == second
        else:
            assert orjson.dumps(first) == orjson.dumps(second), "the two functions differ"
        return second
