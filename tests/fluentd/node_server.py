"""The Forward server of npm's `@fluent-org/logger`, run by whatever Node is here."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from node_packages import Node

HERE = Path(__file__).resolve().parent
PATIENCE = 60


class NodeServer:
    """One run of the server; `next` gives what it prints, line by line."""

    def __init__(
        self,
        node: Node,
        folder: Path,
        *,
        port: int = 0,
        drop_acks: int = 0,
        script: Path = HERE / "forward_server.cjs",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [node.node, str(script), str(port), str(drop_acks), json.dumps(options or {})],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        self.port: int = self.next()["listening"]

    def next(self) -> dict[str, Any]:
        """The next line."""
        return self._lines.get(timeout=PATIENCE)

    def kill(self) -> list[dict[str, Any]]:
        """End the server at once; what it had printed and nobody has taken."""
        self._process.kill()
        return self._rest()

    def stop(self) -> list[dict[str, Any]]:
        """Let the server end; what it had printed and nobody has taken."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._rest()

    def _rest(self) -> list[dict[str, Any]]:
        self._process.wait(PATIENCE)
        self._reading.join(PATIENCE)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        return self.waiting()

    def waiting(self) -> list[dict[str, Any]]:
        """What is printed and not taken yet."""
        rest = []
        while not self._lines.empty():
            rest.append(self._lines.get())
        return rest

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
