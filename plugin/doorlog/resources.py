"""Where the files that Doorlog ships are: inside the installed package, or in the checkout's top-level folders."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """The folder `schemas`, `mappings` or `plugin/fluentd`; installing copies them into the package."""
    shipped = Path(__file__).resolve().parent / name
    return shipped if shipped.is_dir() else Path(__file__).resolve().parents[2] / name
