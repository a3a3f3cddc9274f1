"""The README's pipeline, in a real Fluentd."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import only, shell
from real_fluentd import VARIABLE, Fluentd, adapted, find_fluentds, unused_port


def test_the_command_that_is_shown_brings_the_line_that_is_shown(root: Path, place: Path, user_path: str) -> None:
    found = find_fluentds()
    if not found:
        pytest.skip(f"NOT TESTED in a real Fluentd: none on PATH, and {VARIABLE} names no executable or checkout of it")
    port = unused_port()
    here = {"  port 24224\n": f"  port {port}\n", "/var/lib/fluentd/doorlog/": f"{place}/"}
    configuration = adapted(root / "plugin" / "fluentd" / "forward.conf", here)
    with Fluentd(found[0], configuration, place) as server:
        command = only(root / "README.md", "sh fluentd").replace(":24224/", f":{port}/")
        assert shell(command, place, user_path) == "doorlog: read 16, delivered 16, rejected 0, skipped 0\n"
        server.wait_for(lambda: [len(server.emitted(name)) for name in ("ecs", "ocsf")] == [16, 16])
        assert {line.tag for name in ("ecs", "ocsf") for line in server.emitted(name)} == {"signin.ecs", "signin.ocsf"}
        shown = only(root / "README.md", "text fluentd").removesuffix("…\n")
        written = "".join(file.read_text() for file in sorted(place.glob("out/ecs.*.log")))
        assert any(line.startswith(shown) for line in written.splitlines())
