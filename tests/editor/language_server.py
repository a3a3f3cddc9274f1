"""A client of the language server that editors use for YAML, as far as the tests ask it something."""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import threading
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PATIENCE = 120
SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "customTags": ["!remove"],
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
        "schemas": {},
    }
}
"""What an editor's user sets: the one tag of mappings. Nothing is fetched."""


class LanguageServer:
    """One run of the server, spoken to over stdin and stdout."""

    def __init__(self, node: str, folder: Path, workspace: Path) -> None:
        server = folder / "node_modules" / "yaml-language-server" / "out" / "server" / "src" / "server.js"
        self._process = subprocess.Popen(
            [node, str(server), "--stdio"],
            cwd=workspace,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._ids = itertools.count(1)
        self._answers: dict[int, queue.Queue[Json]] = {}
        self._diagnostics: dict[str, queue.Queue[list[Json]]] = {}
        self._writing = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()
        self.request("initialize", {"processId": None, "rootUri": workspace.as_uri(), "capabilities": {
            "textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}},
                             "hover": {"contentFormat": ["markdown"]}},
            "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
        }})  # fmt: skip
        self._send({"method": "initialized", "params": {}})
        self._send({"method": "workspace/didChangeConfiguration", "params": {"settings": SETTINGS}})

    def open(self, file: Path, text: str | None = None) -> list[Json]:
        """Opens a document, with this text or the file's own, and gives the diagnostics of it."""
        uri = file.as_uri()
        self._diagnostics.setdefault(uri, queue.Queue())
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text or file.read_text("utf-8")}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return self._diagnostics[uri].get(timeout=PATIENCE)

    def close(self, file: Path) -> None:
        """Forgets a document."""
        self._send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": file.as_uri()}}})

    def completions(self, file: Path, line: int, column: int) -> dict[str, str]:
        """What is offered at a place (from 0), each with its documentation."""
        answer = self.request("textDocument/completion", _place(file, line, column))
        items = answer if isinstance(answer, list) else answer["items"]
        return {item["label"]: _text(item.get("documentation")) for item in items}

    def hover(self, file: Path, line: int, column: int) -> str:
        """What is shown of a place (from 0)."""
        answer = self.request("textDocument/hover", _place(file, line, column))
        return _text(answer["contents"]) if answer else ""

    def request(self, method: str, params: Json) -> Any:
        number = next(self._ids)
        self._answers[number] = queue.Queue()
        self._send({"id": number, "method": method, "params": params})
        answer = self._answers[number].get(timeout=PATIENCE)
        assert "error" not in answer, answer
        return answer["result"]

    def end(self) -> None:
        """Ends the server."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def _send(self, message: Json) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        with self._writing:
            self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while (header := stream.readline().strip()) != b"":
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            if not length:
                return
            self._take(json.loads(stream.read(length)))

    def _take(self, message: Json) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self._diagnostics.setdefault(params["uri"], queue.Queue()).put(params["diagnostics"])
        elif message.get("method") == "workspace/configuration":
            result = [SETTINGS.get(item.get("section", "")) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": result})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        elif message.get("id") in self._answers:
            self._answers[message["id"]].put(message)


def _place(file: Path, line: int, column: int) -> Json:
    return {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": column}}


def _text(content: Any) -> str:
    return str(content.get("value", "") if isinstance(content, dict) else content or "")
