"""How much intake takes on before it refuses."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1 << 10
MIB = 1 << 20

KEPT_BYTES = 64 * KIB
"""How much of an over-long text a reject keeps."""

UNWRAPPINGS = 24
"""How many envelopes may be nested; the longest real chain (S3 by EventBridge by SNS by SQS by Lambda) takes nine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one stream may ask for; whatever goes beyond is a reject, and reading goes on behind it.

    `line_bytes` holds for one line, for one value that spans lines, and for one MessagePack value. An S3 log file is a
    single line, and CloudTrail's reach about 50 MB; hence the default.
    `depth` is how many arrays and objects may be nested, at most 1000.
    `decompressed_bytes` holds for one gzip member (a file); `ratio`, for the whole stream, is how many times its
    compressed size it may unfold to, looked at after the first 16 MiB.
    `unfolded_bytes` is what base64 and gzip inside of one text may unfold to, together.
    """

    line_bytes: int = 64 * MIB
    depth: int = 64
    decompressed_bytes: int = 1024 * MIB
    ratio: int = 500
    unfolded_bytes: int = 256 * MIB

    def __post_init__(self) -> None:
        for name in ("line_bytes", "depth", "decompressed_bytes", "ratio", "unfolded_bytes"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")
        if self.depth > 1000:
            raise ValueError("depth must be at most 1000")
