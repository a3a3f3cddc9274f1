"""Each mapping in `broken/` is refused with exactly the messages beside it: where, what, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from doorlog.errors import MappingError
from doorlog.normalize import normalizer

BROKEN = Path(__file__).resolve().parent / "broken"
FILES = sorted(BROKEN.glob("*.yaml"))


def messages(file: Path) -> str:
    """What is said against a mapping; files are named as from the folder of the mapping, or by their names alone."""
    with pytest.raises(MappingError) as refused:
        normalizer([str(file)])
    said = "\n".join(map(str, refused.value.findings))
    shipped = {str(path.parent) + "/" for path in map(Path, (f.file for f in refused.value.findings))}
    for folder in sorted(shipped, key=len, reverse=True):
        said = said.replace(folder, "")
    return said + "\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_broken_mapping_is_refused_with_these_words(file: Path, update: bool) -> None:
    golden = file.with_suffix(".txt")
    said = messages(file)
    if update:
        golden.write_text(said, "utf-8")
    assert golden.is_file(), f"{golden.name} is missing; `pytest tests/mapping --update-golden` writes it"
    assert said == golden.read_text("utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_first_message_points_into_the_file(file: Path) -> None:
    name, line, column, _ = messages(file).split("\n")[0].split(":", 3)
    lines = file.read_text("utf-8").splitlines()
    assert name.endswith(".yaml")
    if name == file.name:
        assert 1 <= int(line) <= len(lines) + 1
        assert 1 <= int(column) <= len(lines[min(int(line), len(lines)) - 1]) + 1


def test_there_are_many_ways_to_be_broken() -> None:
    assert len(FILES) >= 40
