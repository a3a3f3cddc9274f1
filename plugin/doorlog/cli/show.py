"""What a verb was asked to show, on stdout."""

from __future__ import annotations

import os

from doorlog.errors import OutputClosed, OutputFailed


def show(text: str) -> None:
    """Writes the text and a newline; a reader that goes away early is no failure worth a message."""
    rest = memoryview(f"{text}\n".encode())
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except BrokenPipeError:
        raise OutputClosed("nobody reads stdout any more") from None
    except OSError as error:
        raise OutputFailed(f"can't write to stdout: {os.strerror(error.errno or 0)}") from None


def in_colour(asked: str) -> bool:
    """Whether text on stdout is to have colour: as asked for, or on a terminal, as NO_COLOR and FORCE_COLOR say."""
    if asked != "auto":
        return asked == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (os.isatty(1) and os.environ.get("TERM") != "dumb")
