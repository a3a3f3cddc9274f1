"""A mark in the place of a value."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, hiding

REDACTED = "REDACTED"


def redact(value: str) -> str:
    """The mark, whatever the text."""
    return REDACTED


FUNCTION = hiding("redact", "The word `REDACTED` instead of the text.", redact, Example("alice", REDACTED))
