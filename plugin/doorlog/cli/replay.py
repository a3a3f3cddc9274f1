"""`doorlog replay`: rejects through the same way again."""

from __future__ import annotations

from typing import Any

import click

from doorlog.cli.job import go
from doorlog.cli.options import SETTINGS, options, stream_options
from doorlog.replay import Replay

EPILOG = """\b
Example:
  doorlog replay --rejects still-rejected.ndjson rejects.ndjson
"""


@click.command("replay", epilog=EPILOG, context_settings=SETTINGS)
@stream_options
def command(**given: Any) -> int:
    """Feed rejects through again, after the reason for them is mended.

    Reads reject documents, one a line, as --rejects wrote them or Fluentd stored them. Takes the options of run.
    What is no reject is skipped by name, and so is a reject that holds only the beginning of its text.
    """
    return go(options(given), Replay)
