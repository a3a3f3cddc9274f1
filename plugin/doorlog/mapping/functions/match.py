"""Regular expressions, by an engine whose time is linear in the length of the text (RE2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from doorlog.mapping.functions.function import Example, NotReadyError, step
from doorlog.mapping.values import Memo


def match(pattern: str) -> Callable[[str], str | None]:
    """The function that gives what the pattern finds first in a text: its group, or all of it if it has none.

    Raises ValueError for what RE2 can't take, such as look-around and back-references; NotReadyError where it isn't
    installed.
    """
    compiled = _compiled(pattern)
    if compiled.groups > 1:
        raise ValueError("`match` takes a pattern with one group at the most; (?:...) groups without being one")

    def call(value: str) -> str | None:
        try:
            found = compiled.search(value)
        except UnicodeEncodeError:  # half of a surrogate pair, which is no text
            return None
        return (found[compiled.groups] or None) if found else None

    return call


@cache
def finder(pattern: str) -> Callable[[str], bool]:
    """The function that tells whether a pattern is found in a text; raises ValueError as `match` does."""
    compiled = _compiled(pattern)

    def found(value: str) -> bool:
        try:
            return compiled.search(value) is not None
        except UnicodeEncodeError:
            return False

    return Memo(found).__getitem__


def _compiled(pattern: str) -> Any:
    try:
        import re2
    except ImportError:
        raise NotReadyError("regular expressions need RE2: pip install 'doorlog[regex]'") from None
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options=options)
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0] if error.args else error
        told = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        raise ValueError(f"this is no regular expression of RE2: {told}") from None


FUNCTION = step(
    "match",
    "What a regular expression finds first: its group, or all of it if it has none. The syntax is RE2's, whose time is"
    " linear in the length of the text; it comes with `doorlog[regex]`.",
    match,
    "text",
    Example("arn:aws:iam::111122223333:user/sales/alice", "sales", argument=":user/([^/]+)/"),
    Example("build-4711", "4711", argument="[0-9]+"),
    Example("build", None, argument="[0-9]+"),
    fails="the pattern isn't found, or finds nothing",
    argument="text",
    makes=True,
    memo=True,
)
