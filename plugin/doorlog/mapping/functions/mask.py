"""A text with all but its end hidden."""

from __future__ import annotations

from collections.abc import Callable

from doorlog.mapping.functions.function import Example, hiding

MOST_SHOWN = 8


def mask(shown: int) -> Callable[[str], str]:
    """The function that hides a text but for its last characters, of which it shows less than half."""
    if not 0 <= shown <= MOST_SHOWN:
        raise ValueError(f"`mask` takes how many of the last characters are shown, at most {MOST_SHOWN}")

    def call(value: str) -> str:
        left = min(shown, (len(value) - 1) // 2)
        return "*****" + (value[-left:] if left else "")

    return call


FUNCTION = hiding(
    "mask",
    "Five stars and the last characters; of a short text, less than half of it.",
    mask,
    Example("ASIAEXAMPLEKEY12345", "*****2345", argument=4),
    Example("bob", "*****b", argument=4),
    Example("alice", "*****", argument=0),
    argument="number",
    makes=True,
)
