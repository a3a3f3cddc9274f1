"""Turn documents into the bytes of a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgpack  # type: ignore[import-untyped]
import orjson

from doorlog.outputs.clean import cleaned
from doorlog.record import Json

Encode: TypeAlias = Callable[[Iterable[Json]], bytes]

YAJL_BLOCK = 8192
"""Fluentd's JSON parser reads its child in blocks of so many bytes, and sees nothing of a block that isn't full."""

REFUSALS = (TypeError, ValueError, OverflowError)
"""What the encoders raise on a document that they can't carry."""


def json_lines(documents: Iterable[Json]) -> bytes:
    """One line of JSON for each document."""
    lines: list[bytes] = []
    for document in documents:
        try:
            lines.append(orjson.dumps(document, None, orjson.OPT_APPEND_NEWLINE))
        except REFUSALS:
            # orjson stops at 254 levels; the standard library writes what cleaning has left.
            text = json.dumps(cleaned(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            lines.append(text.encode() + b"\n")
    return b"".join(lines)


def json_blocks(documents: Iterable[Json]) -> bytes:
    """JSON lines, filled up with blanks to whole blocks, so that Fluentd sees a burst at once."""
    lines = json_lines(documents)
    return lines + b" " * (-len(lines) % YAJL_BLOCK)


def messagepack() -> Encode:
    """An encoder of its own buffer that writes one MessagePack value for each document."""
    pack = packer().pack

    def values(documents: Iterable[Json]) -> bytes:
        return b"".join([packed(pack, document) for document in documents])

    return values


def packer() -> msgpack.Packer:
    """A MessagePack packer that writes text as str and whose buffer is used again."""
    return msgpack.Packer(use_bin_type=True, autoreset=True)


def packed(pack: Callable[[Any], bytes], document: Json) -> bytes:
    """One document as MessagePack, cleaned if it can't be carried as it is."""
    try:
        return pack(document)
    except REFUSALS:
        return pack(cleaned(document))
