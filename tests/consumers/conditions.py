"""Whether a condition of the rules holds for a document: small, and apart from the conditions of the mapping language.

A map is *and*, a list of values or of maps is *or*; `not` and `any` hold conditions. A path with dots leads to a value;
of a list, any element counts. Behind a bar: `contains`, `lower`, `exists`, and `address` (an IPv4 or IPv6 address).
"""

from __future__ import annotations

import ipaddress
from typing import Any


def holds(condition: Any, document: Any) -> bool:
    """Whether the condition holds for the document."""
    if isinstance(condition, list):
        return any(holds(one, document) for one in condition)
    return all(_one(key, wanted, document) for key, wanted in condition.items())


def values(path: str, document: Any) -> list[Any]:
    """What stands at a path: all elements of a list there; nothing for what is empty."""
    for key in path.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    found = document if isinstance(document, list) else [document]
    return [one for one in found if one not in (None, "", {}, [])]


def _one(key: str, wanted: Any, document: Any) -> bool:
    if key == "not":
        return not holds(wanted, document)
    if key == "any":
        return holds(list(wanted), document)
    path, _, modifier = key.partition("|")
    found = values(path, document)
    if modifier == "exists":
        return bool(found) is wanted
    return any(
        _fits(modifier, value, one) for value in found for one in (wanted if isinstance(wanted, list) else [wanted])
    )


def _fits(modifier: str, value: Any, wanted: Any) -> bool:
    match modifier:
        case "":
            return type(value) is type(wanted) and bool(value == wanted)
        case "contains":
            return isinstance(value, str) and wanted in value
        case "lower":
            return isinstance(value, str) and value.lower() == wanted
        case "address":
            return _is_address(value) is wanted
    raise ValueError(f"there is no modifier {modifier!r}")


def _is_address(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False
