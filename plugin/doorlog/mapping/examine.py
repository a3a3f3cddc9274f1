"""All that is to be found in a mapping: the errors that keep it from being used, and what is only worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.mapping.left_out import left_out
from doorlog.mapping.load import load
from doorlog.mapping.mistaken import names_as_texts, unknown_paths
from doorlog.mapping.outside import told
from doorlog.mapping.reach import unreached
from doorlog.mapping.unsought import unsought
from doorlog.mapping.unused import unused
from doorlog.mapping.validate import of_one, without_target
from doorlog.schema import RecordSchema


def examine(wanted: str, folders: Sequence[Path] = ()) -> list[Finding]:
    """The findings in a mapping, by name or path; raises UsageError if there is no such mapping."""
    try:
        mapping = load(wanted, folders)
    except MappingError as error:
        return error.findings
    schema = RecordSchema()
    tests = _tests(wanted, folders)
    mistaken = [*names_as_texts(mapping, schema), *unknown_paths(mapping, schema)]
    if mapping.target is None:
        return sorted({*without_target(mapping), *mistaken, *tests})
    errors, notes = of_one(mapping, schema.types())
    lacking = [error for error in errors if error.code == "not-ready"]
    if lacking:
        # What this machine lacks is no fault of the mapping, which is judged without it as far as that goes.
        mapping = told(mapping)
        errors, notes = of_one(mapping, schema.types())
        notes += [error._replace(code="not-here") for error in lacking if error not in errors]
    doubts = [*unused(mapping), *unsought(mapping), *mistaken, *tests]
    if not errors:
        # What is reached, and what is left out, can only be told of a mapping that can be used.
        doubts += [*unreached(mapping), *left_out(mapping, schema.types())]
    return sorted({*errors, *notes, *doubts})


def _tests(wanted: str, folders: Sequence[Path]) -> list[Finding]:
    """What is wrong in the mapping's tests; only `check` and `test` read them."""
    from doorlog.testing.trying import Trial

    try:
        trial = Trial(wanted, folders)
        return trial.doubts(trial.suites())
    except MappingError as error:
        # What is wrong in the mapping itself is told by the others.
        return [finding for finding in error.findings if finding.code == "bad-test"]
    except UsageError:  # of another version than they were written for, too
        return []
