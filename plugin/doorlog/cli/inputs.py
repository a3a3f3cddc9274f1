"""The files that a command line names, looked at before the first is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from doorlog.cli.spelling import beside, meant
from doorlog.errors import InputFailed, UsageError
from doorlog.forward.address import is_forward
from doorlog.intake import Intake
from doorlog.record import Found
from doorlog.run import Source

STDIN = Source("stdin")
_CHUNK = 1024 * 1024


def sources(files: Sequence[str]) -> list[Source]:
    """The inputs in their order, stdin for `-` or for none; raises UsageError on one that can't be read."""
    return [STDIN if file == "-" else _file(file) for file in files or ["-"]]


def _file(name: str) -> Source:
    path = Path(name)
    if not path.exists():
        raise UsageError(f"no such file: {name!r}{meant(name, beside(path))}")
    if path.is_dir():
        raise UsageError(f"{name!r} is a folder; name the files in it, such as {name.rstrip('/')}/*.json.gz")
    if not os.access(path, os.R_OK):
        raise UsageError(f"no right to read {name!r}")
    return Source(name, path)


def refuse_circles(inputs: Iterable[Source], written: Iterable[str | None]) -> None:
    """Raises UsageError if a file would be read and written at once, and so grow for ever, or written twice over."""
    outputs = [Path(spec.removeprefix("file:")) for spec in written if spec and not is_forward(spec)]
    for at, path in enumerate(outputs):
        if any(path.resolve() == other.resolve() and not path.is_char_device() for other in outputs[:at]):
            raise UsageError(f"{str(path)!r} can't hold events and rejects at once")
    for source in inputs:
        for path in outputs:
            if source.path is not None and source.path.is_file() and path.is_file() and path.samefile(source.path):
                raise UsageError(f"{source.name!r} can't be read and written at once")


def found_in(inputs: Iterable[Source]) -> Iterator[tuple[Found, str]]:
    """Everything that intake finds in the inputs, with the name of each; for verbs that look at records and ship none.

    Raises InputFailed for one that can't be opened or read, and after the last for those that are damaged or cut off.
    """
    damaged: list[str] = []
    for source in inputs:
        intake = Intake()
        try:
            with source.opened() as fd:
                while data := os.read(fd, _CHUNK):
                    yield from ((found, source.name) for found in intake.feed(data))
                    if intake.broken:
                        break
        except OSError as error:
            raise InputFailed(f"can't read {source.name}: {os.strerror(error.errno or 0)}") from None
        yield from ((found, source.name) for found in intake.end())
        if intake.broken:
            damaged.append(source.name)
    if damaged:
        raise InputFailed(f"can't read {' and '.join(damaged)} further: damaged or cut off")
