"""Where events go: stdout, a file, or Fluentd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from doorlog.errors import UsageError
from doorlog.forward.address import forward_address, is_forward
from doorlog.forward.batch import Receipt, Refused
from doorlog.forward.connection import Stop
from doorlog.forward.settings import ForwardSettings, Patience, client_tls
from doorlog.outputs.child import ChildKeys
from doorlog.outputs.encode import Encode, json_blocks, json_lines, messagepack
from doorlog.outputs.event import DeliveryFailed, Event, Output
from doorlog.outputs.file import FileOutput
from doorlog.outputs.fluentd import ForwardOutput
from doorlog.outputs.spec import FORMS, file_path
from doorlog.outputs.stdout import StreamOutput, claim_stdout

__all__ = [
    "ChildKeys",
    "DeliveryFailed",
    "Event",
    "ForwardOutput",
    "ForwardSettings",
    "Output",
    "Patience",
    "Receipt",
    "Refused",
    "Stop",
    "claim_stdout",
    "open_forward",
    "open_output",
]

_FORMATS: dict[str, Callable[[], Encode]] = {"json": lambda: json_lines, "msgpack": messagepack}
_FORWARD = ForwardSettings()
_OTHER_NAMES_OF_TLS = {"fluentd+ssl", "fluentds", "ssl", "tls"}


def open_output(
    spec: str,
    format: str,
    targets: Sequence[str],
    *,
    stdout: int = 1,
    child: ChildKeys | None = None,
    settings: ForwardSettings = _FORWARD,
    stop: Stop = lambda: None,
) -> Output:
    """Open what `--output` names: `stdout`, `file:PATH` or `fluentd://HOST:PORT/TAG`. Raises UsageError.

    `format` is `json` or `msgpack`; Forward has its own. With one target its events get TAG, with several
    `TAG.<target>`. `stdout` is the descriptor that stands for stdout (see `claim_stdout`); `child` puts tag and time on
    what goes there, for Fluentd's exec_filter. `settings` and `stop` are for Forward servers.
    """
    if format not in _FORMATS:
        raise UsageError(f"{format!r} is no output format: it is json or msgpack")
    if spec == "stdout":
        encode = json_blocks if child and format == "json" else _FORMATS[format]()
        return StreamOutput(stdout, "stdout", encode, child)
    if child:
        raise UsageError(f"{spec.partition(':')[0]!r} can't be the output of a Fluentd child: Fluentd reads its stdout")
    if spec.startswith("file:"):
        return FileOutput(Path(file_path(spec)), _FORMATS[format](), lines=format == "json")
    if is_forward(spec):
        return open_forward(spec, targets, settings=settings, stop=stop)
    # An address may hold a password where none belongs, so only its first part is repeated.
    scheme = spec.partition(":")[0]
    forms = "fluentd+tls://HOST:PORT/TAG" if scheme in _OTHER_NAMES_OF_TLS else FORMS
    raise UsageError(f"{scheme!r} is no output: write {forms}")


def open_forward(
    spec: str,
    targets: Sequence[str],
    *,
    settings: ForwardSettings = _FORWARD,
    name: str = "output",
    stop: Stop = lambda: None,
    refused: Callable[[Refused], bool] | None = None,
    failed: Callable[[], None] = lambda: None,
    note: Callable[[str], None] = lambda _: None,
) -> ForwardOutput:
    """Open what `fluentd://...` names; `name` tells its spool from others (see `ForwardOutput` for the rest)."""
    address = forward_address(spec)
    if not address.tls:
        settings = replace(settings, tls=None)
    elif settings.tls is None:
        settings = replace(settings, tls=client_tls(None, None, None))
    return ForwardOutput(address, settings, targets, name=name, stop=stop, refused=refused, failed=failed, note=note)
