"""What can go wrong, as one tree.

DoorlogError
├── UsageError          exit 2   a command line or a setting that can't be followed
├── MappingError        exit 2   a mapping with findings, each at file:line:column
├── InputFailed         exit 3   a file or stream that can't be read on
└── OutputFailed        exit 3   an output that takes no more events
    └── OutputClosed    exit 141 the reader of stdout has gone away

A bad *record* is none of these: it becomes a `Reject` (see `doorlog.record`), and the stream goes on.
No message of these carries a record's value or a secret.
"""

from __future__ import annotations

from doorlog.diagnostics import Finding


class DoorlogError(Exception):
    """Anything that ends a command; `exit_code` is what the process then ends with."""

    exit_code = 1


class UsageError(DoorlogError):
    """A command line or a setting that can't be followed."""

    exit_code = 2


class MappingError(DoorlogError):
    """A mapping that can't be loaded; `findings` holds every reason, in the order of the file."""

    exit_code = 2

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = sorted(set(findings))
        super().__init__("\n".join(map(str, self.findings)))


class InputFailed(DoorlogError):
    """A file or stream that can't be opened or read on."""

    exit_code = 3


class OutputFailed(DoorlogError):
    """An output that takes no more events; what it had not confirmed counts as not delivered."""

    exit_code = 3


class OutputClosed(OutputFailed):
    """The reader of stdout has gone away; there is nothing to complain about, and nobody to tell."""

    exit_code = 141
