"""A text in lower case."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, step

FUNCTION = step(
    "lower",
    "The text in lower case.",
    str.lower,
    "text",
    Example("ConsoleLogin", "consolelogin"),
    inline="HELD.lower()",
)
