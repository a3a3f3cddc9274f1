"""What a YAML file beside mappings is meant as: a mapping, the tests of one, or a list that one reads."""

from __future__ import annotations

from pathlib import Path

import yaml

from doorlog.mapping.parse import KEYS
from doorlog.mapping.strict_yaml import LOADER


def is_list(name: str) -> bool:
    """Whether this is a YAML file with no word of a mapping at its top, as the lists have that mappings read.

    A file that can't be read, or has nothing in it, is none: it is checked as a mapping, which tells what is wrong.
    """
    file = Path(name)
    if not file.is_file():
        return False
    try:
        tops = list(yaml.compose_all(file.read_text("utf-8-sig"), LOADER))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return False
    maps = [top.value for top in tops if isinstance(top, yaml.MappingNode)]
    keys = {str(key.value) for entries in maps for key, _ in entries}
    is_meant = "mapping" in {key.lower() for key in keys} or not keys.isdisjoint(KEYS)
    return any(isinstance(top, yaml.CollectionNode) for top in tops) and not is_meant


def tested_by(name: str) -> str:
    """The mapping that a file of tests stands beside; another name stays as it is."""
    file = Path(name)
    beside = file.parent.parent / file.name
    return str(beside) if file.parent.name == "tests" and beside.is_file() else name
