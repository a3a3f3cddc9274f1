"""A gzip stream, unpacked piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from doorlog.intake.limits import KIB, MIB, Limits

GZIP_MAGIC = b"\x1f\x8b"

_PIECE = 256 * KIB
_RATIO_FROM = 16 * MIB
_GZIP_ONLY = 31


class Unzippable(Exception):
    """A gzip stream that can't or shan't be unpacked further: the reason's code, and what is wrong.

    `option` is the one that sets the limit where a file is read; what else unpacks may have none.
    """

    def __init__(self, reason: str, what: str, option: str | None = None) -> None:
        self.reason = reason
        self.what = what
        self.option = option
        super().__init__(what)


class Gunzip:
    """Unpacks a stream of one or more gzip members, which zeros may follow as padding."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._unzip = zlib.decompressobj(_GZIP_ONLY)
        self._in_member = False
        self._read = 0
        self._written = 0
        self._of_member = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The unpacked bytes, in pieces; everything readable comes out before `Unzippable` is raised."""
        more = bool(data)
        while more:
            if not self._in_member:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._in_member, self._of_member = True, 0
            before = len(data)
            safe = self._unzip.copy()
            try:
                piece = self._unzip.decompress(data, _PIECE)
            except zlib.error:
                yield from self._readable(safe, data)
                raise Unzippable("bad_gzip", "the data is damaged") from None
            data = self._unzip.unconsumed_tail
            # A full piece may leave more inside, even where all input is taken.
            more = bool(data) or len(piece) == _PIECE
            if self._unzip.eof:
                data = self._unzip.unused_data
                more = bool(data)
                self._unzip, self._in_member = zlib.decompressobj(_GZIP_ONLY), False
            self._read += before - len(data)
            yield from self._allowed(piece)

    def end(self) -> None:
        """Raises `Unzippable` if the stream stops within a member."""
        if self._in_member:
            raise Unzippable("bad_gzip", "the data stops before its end")

    def _readable(self, unzip: zlib._Decompress, data: bytes) -> Iterator[bytes]:
        """What a damaged piece holds before the damage."""
        for at in range(len(data)):
            try:
                piece = unzip.decompress(data[at : at + 1])
            except zlib.error:
                return
            if piece:
                yield from self._allowed(piece)

    def _allowed(self, piece: bytes) -> Iterator[bytes]:
        left = self._limits.decompressed_bytes - self._of_member
        self._of_member += len(piece)
        self._written += len(piece)
        if len(piece) <= left:
            yield piece
        else:
            yield piece[:left]
            most = f"at most {self._limits.decompressed_bytes} bytes in one file"
            raise Unzippable("too_large", most, "--max-decompressed-bytes")
        if self._written > max(_RATIO_FROM, self._limits.ratio * self._read):
            raise Unzippable("too_large", f"at most {self._limits.ratio} times its compressed size", "--max-ratio")
