"""All that is to be found in a mapping: the errors that keep it from being used, and what is only worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError
from doorlog.mapping.load import load
from doorlog.mapping.validate import of_one
from doorlog.schema import RecordSchema


def examine(wanted: str, folders: Sequence[Path] = ()) -> list[Finding]:
    """The findings in a mapping, by name or path; raises UsageError if there is no such mapping."""
    try:
        mapping = load(wanted, folders)
    except MappingError as error:
        return error.findings
    schema = RecordSchema()
    errors, notes = of_one(mapping, schema.types())
    return sorted({*errors, *notes})
