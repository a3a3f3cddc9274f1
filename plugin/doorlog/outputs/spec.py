"""Read what `--output` says of a file."""

from __future__ import annotations

from doorlog.errors import UsageError

FORMS = "stdout, file:PATH or fluentd://HOST:PORT/TAG"


def file_path(spec: str) -> str:
    """The path in `file:PATH` or `file:///PATH`."""
    path = spec.removeprefix("file:")
    if path.startswith("//"):
        if not path.startswith("///"):
            raise UsageError(f"{spec!r} names a host, but a file is here: write file:PATH, such as file:events.json")
        path = path[2:]
    if not path or "\0" in path:
        raise UsageError("file: needs a path: write file:PATH, such as file:events.json")
    return path
