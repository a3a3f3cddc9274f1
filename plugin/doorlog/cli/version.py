"""What `doorlog --version` shows."""

from __future__ import annotations

import platform

import doorlog
from doorlog.mapping.load import load, names


def version() -> str:
    """The versions that matter in a bug report: of Doorlog, of Python, and of what each shipped mapping writes."""
    mappings = [load(name) for name in names()]
    written = [mapping.writes for mapping in mappings if mapping.target]
    return f"doorlog {doorlog.__version__} (Python {platform.python_version()}, {', '.join(sorted(set(written)))})"
