"""A text in upper case."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step

FUNCTION = step(
    "upper",
    "The text in upper case.",
    str.upper,
    "text",
    Example("ConsoleLogin", "CONSOLELOGIN"),
    inline="HELD.upper()",
)
