"""Every way of installing gives the same package: modules, data files and command.

Distributions are built and installed into empty environments as a user would, but without the network: the dependencies
are those of the environment that runs the tests.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv*", "*_cache", ".hypothesis", "__pycache__", "*.pyc", "build", "dist", "*.egg-info", "node_modules"
)

LOOK_INSIDE = """
import hashlib, json
from pathlib import Path
import doorlog
from doorlog.resources import folder
from doorlog.schema import RecordSchema

schema = RecordSchema()
assert all(map(schema.proves, schema.document["examples"]))
found = {}
for name in ("schemas", "mappings", "plugin/fluentd"):
    top = folder(name)
    for path in sorted(top.rglob("*")):
        if path.suffix in (".json", ".yaml", ".rb", ".conf"):
            found[f"{name}/{path.relative_to(top).as_posix()}"] = hashlib.sha256(path.read_bytes()).hexdigest()
typed = Path(doorlog.__file__).with_name("py.typed").is_file()
print(json.dumps({"from": doorlog.__file__, "typed": typed, "data": found}))
"""


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """What the command prints, or a failure that shows all it said; nothing of this process's paths leaks into it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**inherited, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shipped(root: Path) -> dict[str, str]:
    """The data files that must be found, by name, with their digests."""
    files = [*(root / "schemas").rglob("*.json"), *(root / "mappings").rglob("*.yaml")]
    files += (root / "mappings" / "records").glob("*.json")
    files += [path for path in (root / "plugin" / "fluentd").rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def source(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout without what tools leave in it."""
    copy = tmp_path_factory.mktemp("source") / "doorlog"
    shutil.copytree(root, copy, ignore=NOT_SOURCE)
    return copy


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source)
    return folder


@pytest.fixture(scope="module")
def dependencies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that is installed here, other than Doorlog itself."""
    folder = tmp_path_factory.mktemp("dependencies")
    for library in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(library).iterdir():
            if "doorlog" not in entry.name:
                (folder / entry.name).symlink_to(entry)
    return folder


@pytest.fixture
def environment(tmp_path: Path, dependencies: Path) -> Path:
    """An environment of its own in which only Doorlog is missing."""
    folder = tmp_path / "environment"
    venv.create(folder, symlinks=True)
    library = Path(
        run(folder / "bin" / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    )
    (library / "dependencies.pth").write_text(f"{dependencies}\n", "utf-8")
    return folder


def test_the_wheel_holds_the_modules_and_the_data_and_nothing_else(built: Path, root: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    package = root / "plugin" / "doorlog"
    expected = {f"doorlog/{path.relative_to(package).as_posix()}" for path in package.rglob("*.py")}
    expected |= {f"doorlog/explain/page.{ending}" for ending in ("css", "js")}
    expected |= {f"doorlog/{name}" for name in shipped(root)} | {"doorlog/py.typed"}
    assert sorted(names) == sorted(expected)


def test_the_wheel_says_its_licence(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        assert b"\nLicense-Expression: Apache-2.0\n" in archive.read(metadata)
        assert any(name.endswith(".dist-info/licenses/LICENSE") for name in archive.namelist())


def test_the_source_distribution_is_the_whole_checkout(built: Path, source: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {Path(*Path(member.name).parts[1:]).as_posix() for member in tar if member.isfile()}
    generated = {"PKG-INFO", "setup.cfg"} | {name for name in names if ".egg-info/" in name}
    expected = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert sorted(names - generated) == sorted(name for name in expected - generated if ".egg-info/" not in name)


@pytest.mark.parametrize("way", ["wheel", "source", "editable", "editable-strict", "editable-compat"])
def test_an_installation_has_its_data_and_its_command(
    way: str, built: Path, source: Path, environment: Path, root: Path, tmp_path: Path
) -> None:
    (wheel,), (archive,) = built.glob("*.whl"), built.glob("*.tar.gz")
    checkout = tmp_path / "checkout"
    shutil.copytree(source, checkout, ignore=NOT_SOURCE)
    what: dict[str, list[str | Path]] = {
        "wheel": [wheel],
        "source": [archive],
        "editable": ["-e", checkout],
        "editable-strict": ["-e", checkout, "--config-settings", "editable_mode=strict"],
        "editable-compat": ["-e", checkout, "--config-settings", "editable_mode=compat"],
    }
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-build-isolation", *what[way])
    seen = json.loads(run(python, "-I", "-c", LOOK_INSIDE, cwd=tmp_path))
    home = checkout if way in ("editable", "editable-compat", "editable-strict") else environment
    assert Path(seen["from"]).resolve().is_relative_to(home.resolve())
    assert seen["typed"]
    assert seen["data"] == shipped(root)
    events = run(environment / "bin" / "doorlog", "run", root / "examples" / "signins.ndjson", cwd=tmp_path)
    assert events == run(python, "-m", "doorlog", "run", root / "examples" / "signins.ndjson", cwd=tmp_path)
    assert len(events.splitlines()) >= 16


def test_a_bare_checkout_runs_as_a_module(root: Path, tmp_path: Path) -> None:
    examples = root / "examples" / "signins.ndjson"
    events = run(sys.executable, "-m", "doorlog", "run", examples, cwd=tmp_path, PYTHONPATH=str(root / "plugin"))
    assert len(events.splitlines()) >= 16
