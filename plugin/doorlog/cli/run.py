"""`doorlog run`: records in, events out."""

from __future__ import annotations

from typing import Any

import click

from doorlog.cli.job import go
from doorlog.cli.options import SETTINGS, options, stream_options
from doorlog.intake import Intake

EPILOG = """\b
Examples:
  doorlog CloudTrail.json.gz > events.ndjson
  tail -F trail.ndjson | doorlog --to ecs --to ocsf --rejects rejects.ndjson
  doorlog --output fluentd://127.0.0.1:24224/signin CloudTrail.json
"""


@click.command("run", epilog=EPILOG, context_settings=SETTINGS)
@stream_options
def command(**given: Any) -> int:
    """Normalize records from stdin or files.

    Reads CloudTrail records in whatever they were delivered in: one a line, arrays, S3 files (also gzip), EventBridge,
    CloudWatch Logs, Kinesis, LookupEvents and more, recognized by content.
    """
    return go(options(given), Intake)
