"""Make any document one that JSON and MessagePack can carry."""

from __future__ import annotations

import json
from typing import Any

from doorlog.numbers import finite

_LEAST, _MOST = -(2**63), 2**64 - 1
_DEEPEST = 200


def cleaned(value: Any, depth: int = 0) -> Any:
    """The same value, but for what a strict reader would refuse.

    Half a surrogate pair becomes U+FFFD; an integer beyond 64 bits becomes a float; what is no number (NaN, infinity)
    becomes its name as text; bytes become text; what is nested deeper than encoders go becomes its JSON text.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if _LEAST <= value <= _MOST else _float(value)
    if isinstance(value, float):
        return finite(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if depth >= _DEEPEST:
        return cleaned(json.dumps(value, default=str))
    if isinstance(value, dict):
        return {_key(key): cleaned(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(inner, depth + 1) for inner in value]
    return cleaned(str(value))


def _key(key: Any) -> str:
    name = cleaned(key)
    return name if isinstance(name, str) else str(name)


def _float(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None
