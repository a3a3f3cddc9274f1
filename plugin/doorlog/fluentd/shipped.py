"""What is shipped for Fluentd's side."""

from __future__ import annotations

from pathlib import Path

from doorlog.resources import folder


def plugin_folder() -> Path:
    """The folder with `filter_doorlog.rb` and the configurations."""
    return folder("plugin/fluentd")
