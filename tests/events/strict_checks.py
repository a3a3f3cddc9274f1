"""The checkers of documents against the official schemas, which stand beside the checkout where they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

Json = dict[str, Any]


def module_at(path: Path) -> ModuleType:
    """A Python file as a module, wherever it is."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Strict:
    """The checkers at their strict level: everything that is wrong with an event, by the version that it names."""

    def __init__(self, shared: Path) -> None:
        self.shared = shared
        self._ecs, self._ocsf = (module_at(shared / "tools" / f"{name}_check.py") for name in ("ecs", "ocsf"))
        self.lossless = module_at(shared / "tools" / "lossless_check.py")
        self._checkers: dict[tuple[str, str], Any] = {}

    def findings(self, event: Json) -> list[str]:
        """What the checker of this version of this target says against an event; mere notes don't count."""
        name, version = written(event)
        checker = self._checkers.setdefault((name, version), self._checker(name, version))
        found = checker.check(event, 1) if name == "ecs" else checker.check(event)
        return [f"{v['code']}: {v['path']}: {v['message']}" for v in found if v["level"] not in ("NOTE", "RECOMMENDED")]

    def _checker(self, name: str, version: str) -> Any:
        if (name, version) in self._checkers:
            return self._checkers[name, version]
        if name == "ecs":
            return self._ecs.Checker(self._ecs.load(version), self._ecs.TOPLEVEL_ALLOWED)
        return self._ocsf.Checker(self._ocsf.Schema(str(self.shared / "data" / f"ocsf-{version}.json")))

    def conflicts(self) -> list[str]:
        """Custom fields of ECS that had two types in all events so far."""
        ecs = [checker for (name, _), checker in self._checkers.items() if name == "ecs"]
        return [f"{one['path']}: {one['message']}" for checker in ecs for one in checker.custom_conflicts()]

    def lost(self, record: Json, event: Json) -> list[str]:
        """The paths of the record's values that are nowhere in the event."""
        values, instants = self.lossless.kept_values(event)
        return [
            path for path, value in self.lossless.leaves(record) if not self.lossless.survives(value, values, instants)
        ]


def written(event: Json) -> tuple[str, str]:
    """The target and the version that an event says it is of."""
    return ("ecs", event["ecs"]["version"]) if "ecs" in event else ("ocsf", event["metadata"]["version"])
