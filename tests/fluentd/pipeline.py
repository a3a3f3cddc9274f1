"""Records in by Forward, events out in files, and between them a shipped configuration with the real Doorlog."""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]
from real_fluentd import Command, Emitted, Fluentd, adapted, unused_port

from doorlog.outputs import Event, ForwardSettings, Patience, open_output

RECEIVED = 1_753_000_000_123_456_789
"""When the records came to Fluentd, which is not when the sign-ins were."""

PATHS_ONLY: Mapping[str, str] = {}


class Pipeline:
    """A configuration as it is shipped, but for its paths, behind an in_forward that acks."""

    def __init__(self, root: Path, command: Command, folder: Path, configuration: str) -> None:
        self.root, self.command, self.folder = root, command, folder
        self.shipped = root / "plugin" / "fluentd" / configuration
        self.port = unused_port()
        self.pids = folder / "pids"
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.started: list[Fluentd] = []
        self.doorlog()

    def doorlog(self, python_path: str = "") -> None:
        """Puts a command `doorlog` on Fluentd's PATH, which runs this checkout and notes its process."""
        path = os.pathsep.join(filter(None, [python_path, str(self.root / "plugin")]))
        command = self.bin / "doorlog"
        command.write_text(
            f'#!/bin/sh\necho $$ >> {self.pids}\nexport PYTHONPATH="{path}"\nexec "{sys.executable}" -m doorlog "$@"\n'
        )
        command.chmod(command.stat().st_mode | stat.S_IXUSR)

    def close(self) -> None:
        """Ends every Fluentd that still runs."""
        for started in self.started:
            started.kill()

    def start(self, replaced: Mapping[str, str] = PATHS_ONLY, system: str = "") -> Fluentd:
        places = {"/var/lib/fluentd/doorlog/": f"{self.folder}/", "/var/log/fluentd/": f"{self.folder}/"}
        shipped = self.shipped.read_text()
        used = {place: here for place, here in places.items() if place in shipped}
        included = adapted(self.shipped, {**used, **replaced})
        (self.folder / "included.conf").write_text(included)
        source = f"<source>\n  @type forward\n  bind 127.0.0.1\n  port {self.port}\n</source>\n"
        main = f"{system}{source}@include included.conf\n"
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        plugins = ("-p", str(self.root / "plugin" / "fluentd"))
        self.started.append(Fluentd(self.command, main, self.folder, path=path, options=plugins))
        return self.started[-1]

    def send(self, records: list[dict[str, Any]], answer: float = 10, compress: bool = False) -> None:
        """Returns when Fluentd has acked the records."""
        spec = f"fluentd://127.0.0.1:{self.port}/cloudtrail.s3"
        settings = ForwardSettings(Patience(answer=answer, give_up=3 * answer), compress=compress)
        output = open_output(spec, "json", ["record"], settings=settings)
        output.write([Event(record, "record", RECEIVED + place, None) for place, record in enumerate(records)])
        output.close()

    def send_as_it_is(self, records: list[Any]) -> None:
        """Hands records over in MessagePack that nobody has cleaned; returns when Fluentd has acked them."""
        packed = [msgpack.packb([RECEIVED // 10**9, record], unicode_errors="surrogatepass") for record in records]
        with socket.create_connection(("127.0.0.1", self.port), 30) as connection:
            connection.sendall(msgpack.packb(["cloudtrail.s3", b"".join(packed), {"chunk": "as it is"}]))
            assert msgpack.unpackb(connection.recv(1000)) == {"ack": "as it is"}

    def child(self) -> int:
        return int(self.pids.read_text().split()[-1])

    def signal_child(self, number: int) -> None:
        """Sends the youngest child a signal, if it still runs."""
        with suppress(ProcessLookupError):
            os.kill(self.child(), number)


def times_by_id(events: list[Emitted]) -> dict[str, str]:
    return {event.document["event"]["id"]: event.time for event in events}
