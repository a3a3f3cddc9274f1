"""What a YAML file beside mappings is meant as: a mapping, the tests of one, or a list that one reads."""

from __future__ import annotations

import re
from pathlib import Path

from doorlog.mapping.parse import KEYS

_KEY = re.compile(rf"(?m)^(?:{'|'.join(KEYS)})[ ]*:")


def is_list(name: str) -> bool:
    """Whether this is a YAML file with no word of a mapping at its top, as the lists have that mappings read."""
    file = Path(name)
    if not file.is_file():
        return False
    text = file.read_text("utf-8", "replace")
    return bool(text.strip()) and not _KEY.search(text)


def tested_by(name: str) -> str:
    """The mapping that a file of tests stands beside; another name stays as it is."""
    file = Path(name)
    beside = file.parent.parent / file.name
    return str(beside) if file.parent.name == "tests" and beside.is_file() else name
