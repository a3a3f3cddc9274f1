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
    """The checkers at their strict level: everything that is wrong with an event."""

    def __init__(self, shared: Path) -> None:
        ecs, ocsf = (module_at(shared / "tools" / f"{name}_check.py") for name in ("ecs", "ocsf"))
        self.lossless = module_at(shared / "tools" / "lossless_check.py")
        self.ecs = ecs.Checker(ecs.load("9.4.0"), ecs.TOPLEVEL_ALLOWED)
        self.ocsf = ocsf.Checker(ocsf.Schema(str(shared / "data" / "ocsf-1.8.0.json")))

    def findings(self, target: str, event: Json) -> list[str]:
        """What the checker of this target says against an event; mere notes don't count."""
        found = self.ecs.check(event, 1) if target == "ecs" else self.ocsf.check(event)
        return [f"{v['code']}: {v['path']}: {v['message']}" for v in found if v["level"] not in ("NOTE", "RECOMMENDED")]

    def lost(self, record: Json, event: Json) -> list[str]:
        """The paths of the record's values that are nowhere in the event."""
        values, instants = self.lossless.kept_values(event)
        return [
            path for path, value in self.lossless.leaves(record) if not self.lossless.survives(value, values, instants)
        ]
