"""E-mail addresses."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, Function
from doorlog.mapping.network import email

FUNCTION = Function(
    "email",
    "An e-mail address.",
    email,
    "text",
    (Example("alice@example.com", "alice@example.com"), Example("alice", None)),
    fails="it is no e-mail address",
    keeps="if equal",
    memo=True,
    shortens=True,
    needs="@",
)
