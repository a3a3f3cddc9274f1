"""Truth values, from themselves or from how records spell them."""

from __future__ import annotations

from typing import Any

from doorlog.mapping.functions.function import Example, Function


def boolean(value: Any) -> bool | None:
    """true or false from itself or its name in any case; None for anything else."""
    if value is True or value is False:
        return bool(value)
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def yes_no(value: str) -> bool | None:
    """true for Yes and false for No in any case; None for anything else."""
    return {"yes": True, "no": False}.get(value.lower())


FUNCTIONS = (
    Function(
        "boolean",
        "true or false, from itself or its name in any case.",
        boolean,
        "boolean",
        (Example(True, True), Example("False", False), Example("yes", None), Example(1, None)),
        fails="it is neither",
        takes="any",
        keeps="if equal",
        inline="HELD if HELD is True or HELD is False or HELD is None else CALL(HELD)",
    ),
    Function(
        "yes_no",
        "true for Yes and false for No, in any case.",
        yes_no,
        "boolean",
        (Example("Yes", True), Example("NO", False), Example("true", None)),
        fails="it is neither",
        canonical=frozenset({"Yes", "No"}),
        memo=True,
    ),
    Function(
        "true_false",
        "true or false, from its name in any case.",
        boolean,
        "boolean",
        (Example("true", True), Example("FALSE", False), Example("Yes", None)),
        fails="it is neither",
        canonical=frozenset({"true", "false"}),
        memo=True,
    ),
)
