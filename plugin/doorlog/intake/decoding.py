"""What base64, and gzip within it, hold inside of an envelope."""

from __future__ import annotations

import base64
import binascii
import zlib

from doorlog.intake.compression import GZIP_MAGIC


class TooLarge(Exception):
    """A payload that would unfold to more than it may."""


def unfold(text: str | bytes, limit: int) -> bytes | None:
    """The bytes that base64 stands for, unpacked where they are gzip; None where it isn't base64, or not whole."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) > limit:
        raise TooLarge
    return _unzipped(data, limit) if data.startswith(GZIP_MAGIC) else data


def _unzipped(data: bytes, limit: int) -> bytes | None:
    members = []
    while data:
        unzip = zlib.decompressobj(31)
        try:
            members.append(unzip.decompress(data, limit + 1))
        except zlib.error:
            return None
        limit -= len(members[-1])
        if limit < 0:
            raise TooLarge
        if not unzip.eof:
            return None
        data = unzip.unused_data.lstrip(b"\0")
    return b"".join(members)
