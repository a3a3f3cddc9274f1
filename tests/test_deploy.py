"""What is in examples/deploy passes its own tools, and asks Doorlog for nothing that it doesn't have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from doorlog.cli.relay import command as relay


@pytest.fixture
def deploy(root: Path) -> Path:
    return root / "examples" / "deploy"


def tool(name: str) -> str:
    """A tool beside this Python, or on PATH."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"NOT CHECKED by its tool: there is no {name} here")
    return found


def run(*words: str | Path) -> str:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def sections(text: str) -> list[tuple[str, dict[str, str]]]:
    """Fluent Bit's classic format: each section with its settings."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("["):
            found.append((line.strip("[]"), {}))
        elif not line.startswith("#"):
            key, value = line.split(None, 1)
            found[-1][1][key] = value
    return found


def manifests(deploy: Path) -> list[Any]:
    return list(yaml.safe_load_all((deploy / "kubernetes.yaml").read_text()))


def relay_options(words: list[str]) -> set[str]:
    return {word for word in words if word.startswith("--")} - {
        name for parameter in relay.params for name in parameter.opts
    }


def test_the_manifests_are_what_kubernetes_takes(deploy: Path) -> None:
    run(tool("kubernetes-validate"), "--strict", deploy / "kubernetes.yaml")


def test_the_dockerfile_passes_its_linter(deploy: Path) -> None:
    run(tool("hadolint"), deploy / "Dockerfile")


def test_the_unit_is_one_that_systemd_takes_and_finds_well_confined(deploy: Path, tmp_path: Path) -> None:
    analyze = tool("systemd-analyze")
    # It looks for the command, which is somewhere else here.
    text = (deploy / "doorlog-relay.service").read_text()
    unit = tmp_path / "doorlog-relay.service"
    unit.write_text(text.replace("/usr/local/bin/doorlog", "/bin/sh"))
    assert run(analyze, "verify", unit) == ""
    told = run(analyze, "security", "--offline=true", unit)
    level = re.search(r"Overall exposure level for doorlog-relay.service: ([0-9.]+)", told)
    assert level is not None
    assert float(level[1]) < 2


def test_every_option_that_is_given_exists(deploy: Path) -> None:
    unit = (deploy / "doorlog-relay.service").read_text().replace("\\\n", " ")
    [started] = re.findall(r"^ExecStart=\S+ relay (.*)$", unit, re.MULTILINE)
    [image] = re.findall(r"^CMD (\[.*\])$", (deploy / "Dockerfile").read_text(), re.MULTILINE)
    sidecar = manifests(deploy)[1]["spec"]["template"]["spec"]["containers"][1]["args"]
    for words in (started.split(), yaml.safe_load(image), sidecar):
        assert relay_options(words) == set()
        assert "--health-file" in words


def test_fluent_bit_waits_for_acks_and_gives_nothing_up(root: Path, deploy: Path) -> None:
    shipped = sections((root / "plugin" / "fluentd" / "fluent-bit.conf").read_text())
    in_pod = sections(manifests(deploy)[0]["data"]["fluent-bit.conf"])
    for found in (shipped, in_pod):
        assert [name for name, _ in found] == ["SERVICE", "INPUT", "OUTPUT"]
        (_, service), (_, source), (_, output) = found
        assert "storage.path" in service
        assert "storage.checksum" not in service
        # By default it waits up to half an hour between two tries, and a minute for new files.
        assert (service["scheduler.base"], service["scheduler.cap"], source["Refresh_Interval"]) == ("1", "30", "10")
        assert (source["Name"], source["storage.type"], source["Buffer_Max_Size"]) == ("tail", "filesystem", "64M")
        assert "Parser" not in source
        assert (output["Name"], output["Require_ack_response"], output["Retry_Limit"]) == ("forward", "on", "no_limits")
        assert source["Tag"].startswith(output["Match"].rstrip("*"))
        assert output["Port"] == "24225"
