"""Every trap of the list has a test by its number."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent


def test_every_trap_has_a_test_and_every_test_a_trap() -> None:
    listed = re.findall(r"^\| ([0-9]+) \|", (HERE / "README.md").read_text("utf-8"), re.M)
    tested = re.findall(
        r"^def test_trap_([0-9]+)_", "".join(file.read_text("utf-8") for file in HERE.glob("*.py")), re.M
    )
    assert listed == [str(number) for number in range(1, 36)]
    assert sorted(set(tested), key=int) == listed
