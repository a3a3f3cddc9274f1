"""A UTF-16 stream as UTF-8, recognized by its byte order mark (Windows PowerShell writes such files)."""

from __future__ import annotations

import codecs
from collections.abc import Callable

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def to_utf8(head: bytes) -> Callable[[bytes, bool], bytes] | None:
    """What turns the stream that begins so into UTF-8, piece by piece; None where it is not UTF-16."""
    name = _MARKS.get(head[:2])
    if name is None:
        return None
    decoder = codecs.getincrementaldecoder(name)("replace")
    return lambda data, last: decoder.decode(data, last).encode("utf-8", "replace")
