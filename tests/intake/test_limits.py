"""Limits are checked when they are set, and long enough for real files when they are not."""

from __future__ import annotations

import json

import pytest
from intake_cases import counted, sign_in, take

from doorlog.intake import Limits


@pytest.mark.parametrize("name", ["line_bytes", "depth", "decompressed_bytes", "ratio", "unfolded_bytes"])
def test_a_limit_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be at least 1"):
        Limits(**{name: 0})


def test_a_depth_that_could_not_be_held_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 1000"):
        Limits(depth=1001)


def test_a_log_file_of_fifty_megabytes_on_one_line_passes_by_default() -> None:
    record = sign_in(userAgent="Mozilla/5.0 " * 1000)
    one = json.dumps(record).encode()
    data = b'{"Records":[' + b",".join([one] * (50_000_000 // len(one))) + b"]}"
    assert counted(take(data, chunk=1 << 20)) == {"record": 50_000_000 // len(one)}
