"""A normalizer that is held to give the same for every record by both of its functions.

The mapping is compiled to one function for every record of a kind, and to shorter ones for shapes of records that come
up often. Which one is used depends on what came before, so what they give must not differ by a single byte.
"""

from __future__ import annotations

from unittest import mock

import orjson

from doorlog.mapping import shapes
from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Json, Reject, Skip

LEARNT = 4
"""One record of so many is learnt from, since a function takes longer to make than all else that a test does."""


class Both(Normalizer):
    """Asks each function once, and gives what the one for the shape says, or what is said where there is none."""

    def __init__(self, targets: list[str]) -> None:
        self.general = normalizer(targets)
        self.special = normalizer(targets)
        self.targets, self.mappings = self.general.targets, self.general.mappings
        self._asked = 0

    def __call__(self, record: Json) -> tuple[Json | None, ...] | Skip | Reject:
        self._asked += 1
        never = 1_000_000_000
        with mock.patch.object(shapes, "SEEN_OFTEN", never):
            first = self.general(record)
        learns = self._asked % LEARNT == 1
        with mock.patch.multiple(shapes, SEEN_OFTEN=1 if learns else never, MOST_SHAPES=never):
            if learns:
                self.special(record)  # from now on its shape has a function
            second = self.special(record)
        if isinstance(first, Skip | Reject) or isinstance(second, Skip | Reject):
            assert first == second
        else:
            assert orjson.dumps(first) == orjson.dumps(second), "the two functions differ"
        return second
