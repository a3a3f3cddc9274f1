"""A mapping with all that it extends merged in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doorlog.mapping import aim
from doorlog.mapping import model as m
from doorlog.mapping.find import names, stack
from doorlog.mapping.merge import merge

__all__ = ["load", "names"]


def load(wanted: str, folders: Sequence[Path] = ()) -> m.Mapping:
    """The mapping of a name or path, or several with `+` between them; `doorlog.mapping.find.stack` says how.

    Behind an `@`, another version of the target may be asked for. Raises UsageError if there is no such mapping or
    version, and MappingError if there is something wrong in it.
    """
    wanted, version = aim.asked(wanted)
    mapping = merge(stack(wanted, folders))
    return mapping if version is None else aim.at(mapping, version)
