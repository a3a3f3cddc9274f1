"""What Doorlog's cost is compared with: the same work without a mapping language, and none at all.

Each takes a burst of lines and gives the bytes to be written for it.
"""

from __future__ import annotations

from orjson import OPT_APPEND_NEWLINE, dumps, loads

from handwritten import ecs


def round_trip(lines: list[bytes]) -> bytes:
    """The records, parsed and written again."""
    return b"".join([dumps(loads(line), None, OPT_APPEND_NEWLINE) for line in lines])


def hand_written(lines: list[bytes]) -> bytes:
    """An ECS document for each record, unchecked."""
    return b"".join([dumps(ecs(loads(line)), None, OPT_APPEND_NEWLINE) for line in lines])
