"""setup.cfg, which lists by hand what is packaged, agrees with the tree, and the commands are written down once."""

from __future__ import annotations

import ast
import configparser
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

import doorlog

DATA_FOLDERS = ("schemas", "mappings", "plugin/fluentd")
DATA_FILES = (".json", ".yaml", ".rb", ".conf")
PROJECTS = {"fluent": "fluent-logger", "re2": "google-re2", "yaml": "pyyaml"}
"""Projects that are imported by another name."""


@pytest.fixture(scope="module")
def setup_cfg(root: Path) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser()
    parsed.read_string((root / "setup.cfg").read_text("utf-8"))
    return parsed


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def files_below(folder: Path) -> list[Path]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if "__pycache__" not in path.parts and ".egg-info" not in str(path)]


def test_every_folder_of_modules_and_data_is_a_listed_package(root: Path, setup_cfg: configparser.ConfigParser) -> None:
    source = root / "plugin"
    folders = {path.parent for path in files_below(source / "doorlog")}
    packages = {".".join(folder.relative_to(source).parts) for folder in folders}
    for name in DATA_FOLDERS:
        data = {path.parent for path in files_below(root / name) if path.suffix in DATA_FILES}
        packages |= {".".join(("doorlog", *folder.relative_to(root).parts)) for folder in data}
    listed = lines(setup_cfg["options"]["packages"])
    assert sorted(listed) == sorted(packages)


def test_every_folder_of_modules_has_an_init(root: Path) -> None:
    folders = {path.parent for path in (root / "plugin" / "doorlog").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_every_data_file_is_taken_along(root: Path, setup_cfg: configparser.ConfigParser) -> None:
    package_data = setup_cfg["options.package_data"]
    left_behind = []
    for name in DATA_FOLDERS:
        for path in files_below(root / name):
            package = ".".join(("doorlog", *path.parent.relative_to(root).parts))
            patterns = [pattern.strip() for pattern in package_data.get(package, "").split(",")]
            if path.suffix in DATA_FILES and not any(fnmatch(path.name, pattern) for pattern in patterns):
                left_behind.append(path.relative_to(root).as_posix())
    assert left_behind == []


def test_what_the_package_imports_is_what_it_requires(root: Path, setup_cfg: configparser.ConfigParser) -> None:
    imported = set()
    for path in (root / "plugin" / "doorlog").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                imported.add(node.module.split(".")[0])
    others = imported - set(sys.stdlib_module_names) - {"doorlog"}
    used = {PROJECTS.get(name, name.replace("_", "-")) for name in others}
    required = {line.split()[0].lower() for line in lines(setup_cfg["options"]["install_requires"])}
    extras = setup_cfg["options.extras_require"]
    optional = {line.split()[0].partition("[")[0] for name in extras if name != "test" for line in lines(extras[name])}
    assert used == required | optional
    assert not required & optional


def test_the_version_is_one_and_has_its_place_in_the_log(root: Path, setup_cfg: configparser.ConfigParser) -> None:
    assert setup_cfg["metadata"]["version"] == "attr: doorlog.__version__"
    assert all(part.isdigit() for part in doorlog.__version__.split("."))
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{doorlog.__version__}]" in changelog or "## [Unreleased]" in changelog


def test_the_licence_is_whole(root: Path, setup_cfg: configparser.ConfigParser) -> None:
    text = (root / "LICENSE").read_text("utf-8")
    assert setup_cfg["metadata"]["license_expression"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert all(f"   {number}. " in text for number in range(1, 10))
    assert text.rstrip().endswith("limitations under the License.")


def test_the_test_command_is_the_same_wherever_it_is_written(root: Path) -> None:
    command = lines((root / ".ci" / "run").read_text("utf-8"))[-1]
    assert command.endswith("-m pytest")
    for name in ("README.md", "CONTRIBUTING.md"):
        assert command in lines((root / name).read_text("utf-8"))
