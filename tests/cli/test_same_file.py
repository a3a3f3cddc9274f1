"""One file is not used for two things at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from doorlog.cli.inputs import refuse_circles
from doorlog.errors import UsageError


def test_events_and_rejects_do_not_go_to_one_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="events and rejects"):
        refuse_circles([], [f"file:{tmp_path}/out", f"{tmp_path}/./out"])


def test_two_files_and_a_device_are_fine(tmp_path: Path) -> None:
    refuse_circles([], [f"file:{tmp_path}/out", f"{tmp_path}/rejects"])
    refuse_circles([], ["file:/dev/null", "/dev/null"])
    refuse_circles([], ["stdout", None])
