"""Whether a value passes a test of a condition."""

from __future__ import annotations

import re

from doorlog.mapping import model as m
from doorlog.mapping.functions.match import finder
from doorlog.mapping.network import in_networks

NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?\Z")
"""A text that also stands for a number of the record, since plain scalars of a mapping are texts."""


def holds(value: object, modifiers: tuple[str, ...], values: tuple[m.Value, ...]) -> bool:
    """Whether a value passes a test: the meaning of conditions, in one place."""
    if "exists" in modifiers:
        return (value not in (None, "", (), [], {})) is values[0]
    if "gt" in modifiers or "lt" in modifiers:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        bounds = [float(str(bound)) for bound in values]
        return any(value > bound if "gt" in modifiers else value < bound for bound in bounds)
    if "lower" in modifiers and isinstance(value, str):
        value = value.lower()
    texts = tuple(text for text in values if isinstance(text, str))
    if "startswith" in modifiers:
        return isinstance(value, str) and value.startswith(texts)
    if "endswith" in modifiers:
        return isinstance(value, str) and value.endswith(texts)
    if "contains" in modifiers:
        return isinstance(value, str) and any(text in value for text in texts)
    if "re" in modifiers:
        return isinstance(value, str) and any(finder(pattern)(value) for pattern in texts)
    if "cidr" in modifiers:
        return isinstance(value, str) and in_networks(value, texts)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return any(isinstance(wanted, str) and NUMBER.match(wanted) and value == float(wanted) for wanted in values)
    if value in (None, ""):
        return None in values or value in values
    return any(value is wanted if isinstance(wanted, bool) else value == wanted for wanted in values)
