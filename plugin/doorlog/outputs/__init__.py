"""Where events go: stdout, a file, or Fluentd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from doorlog.errors import UsageError
from doorlog.outputs.acked import DEFAULT_PATIENCE, AckedSender, Patience, Stop
from doorlog.outputs.child import ChildKeys
from doorlog.outputs.encode import Encode, json_blocks, json_lines, messagepack
from doorlog.outputs.event import DeliveryFailed, Event, Output
from doorlog.outputs.file import FileOutput
from doorlog.outputs.fluentd import ForwardOutput
from doorlog.outputs.spec import FORMS, file_path, forward_address
from doorlog.outputs.stdout import StreamOutput, claim_stdout

__all__ = ["ChildKeys", "DeliveryFailed", "Event", "Output", "Patience", "Stop", "claim_stdout", "open_output"]

_FORMATS: dict[str, Callable[[], Encode]] = {"json": lambda: json_lines, "msgpack": messagepack}


def open_output(
    spec: str,
    format: str,
    targets: Sequence[str],
    *,
    stdout: int = 1,
    child: ChildKeys | None = None,
    patience: Patience = DEFAULT_PATIENCE,
    stop: Stop = lambda: None,
) -> Output:
    """Open what `--output` names: `stdout`, `file:PATH` or `fluentd://HOST:PORT/TAG`. Raises UsageError.

    `format` is `json` or `msgpack`; Forward has its own. With one target its events get TAG, with several
    `TAG.<target>`. `stdout` is the descriptor that stands for stdout (see `claim_stdout`); `child` puts tag and time on
    what goes there, for Fluentd's exec_filter. `patience` and `stop` bound the wait for a Forward server.
    """
    if format not in _FORMATS:
        raise UsageError(f"{format!r} is no output format: it is json or msgpack")
    if spec == "stdout":
        encode = json_blocks if child and format == "json" else _FORMATS[format]()
        return StreamOutput(stdout, "stdout", encode, child)
    if child:
        raise UsageError(f"{spec!r} can't be the output of a Fluentd child: Fluentd reads its stdout")
    if spec.startswith("file:"):
        return FileOutput(Path(file_path(spec)), _FORMATS[format](), lines=format == "json")
    if spec.startswith("fluentd://"):
        address = forward_address(spec)
        sender = AckedSender(address.host, address.port, patience, stop)
        return ForwardOutput(sender, str(address), address.tag, targets)
    # An address may hold a password where none belongs, so only its first part is repeated.
    raise UsageError(f"{spec.partition(':')[0]!r} is no output: write {FORMS}")
