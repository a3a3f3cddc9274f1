"""Host names."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, Function
from doorlog.mapping.network import domain

FUNCTION = Function(
    "domain",
    "A host name, and no address.",
    domain,
    "text",
    (Example("aws.amazon.com", "aws.amazon.com"), Example("203.0.113.5", None), Example("AWS Internal", None)),
    fails="it is no host name of two labels or more",
    keeps="if equal",
    memo=True,
    shortens=True,
)
