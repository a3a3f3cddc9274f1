"""A real Chromium without a window, driven through its debugging pipe."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "DOORLOG_CHROMIUM"
PATIENCE = 30.0
"""Seconds after which a browser that says nothing is given up."""
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --disable-default-apps --window-size=1600,1000"
)


def find_chromium() -> str:
    """Its executable; the test is skipped where there is none."""
    names = [os.environ.get(VARIABLE, ""), "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"NOT TESTED in a real browser: no chromium on PATH, and {VARIABLE} names none")
    return found


class Browser:
    """One page of one browser, with a profile of its own."""

    def __init__(self, executable: str, profile: Path) -> None:
        read_by_it, self._out = os.pipe()
        self._in, written_by_it = os.pipe()

        def descriptors() -> None:  # the pipe is on 3 and 4
            os.dup2(read_by_it, 100)
            os.dup2(written_by_it, 101)
            os.dup2(100, 3)
            os.dup2(101, 4)

        command = [executable, *FLAGS.split(), f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=descriptors,
        )
        os.close(read_by_it)
        os.close(written_by_it)
        self._count = 0
        self._buffer = b""
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._in)
        os.close(self._out)

    def call(self, method: str, **parameters: Any) -> Any:
        """What the browser answers to one call."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], PATIENCE)
            data = os.read(self._in, 65536) if ready else b""
            assert data, "the browser went away, or says nothing"
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        return found

    def open(self, file: Path, fragment: str = "") -> None:
        """Opens a file, and returns when it is there."""
        self.events.clear()
        self.call("Page.navigate", url=file.as_uri() + fragment)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def asked(self, expression: str) -> Any:
        """What an expression gives in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def point_at(self, element: str) -> None:
        """Moves the mouse over an element, once it is in view."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **self._middle(element))

    def click(self, element: str) -> None:
        where = self._middle(element)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where)

    def press(self, key: str) -> None:
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38}
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key])

    def _middle(self, element: str) -> dict[str, float]:
        found: dict[str, float] = self.asked(
            f"(() => {{ const one = document.getElementById({json.dumps(element)});"
            " one.scrollIntoView({block: 'center'}); const at = one.getBoundingClientRect();"
            " return {x: at.left + at.width / 2, y: at.top + at.height / 2}; })()"
        )
        return found

    def picture(self) -> bytes:
        """The page as a PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
