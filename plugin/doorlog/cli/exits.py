"""What a process's exit code says."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every verb. Rejects alone change none: they are kept, and the stream goes on."""

    FINE = 0
    """All that was read is delivered, rejected or skipped, and counted."""

    FOUND = 1
    """Something was found, and that was the question (`check`, `test`, `--fail-on-reject`)."""

    USAGE = 2
    """The command line, a setting or a mapping can't be followed; nothing was read."""

    FAILED = 3
    """An input or an output failed, the grace after a signal was too short, or the counts don't add up."""

    BUG = 70
    """Doorlog itself failed; `DOORLOG_DEBUG=1` shows where."""

    INTERRUPTED = 130
    """SIGINT (Ctrl-C) ended the command."""

    CLOSED = 141
    """The reader of stdout went away, as `head` does."""
