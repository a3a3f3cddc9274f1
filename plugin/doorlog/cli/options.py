"""The options that `run` and `replay` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from doorlog.cli.forward_options import KEEPING, SENDING, Seconds, forward_settings, with_options
from doorlog.forward.settings import ForwardSettings
from doorlog.intake import Limits

Function = TypeVar("Function", bound=Callable[..., Any])

SETTINGS: dict[str, Any] = {"auto_envvar_prefix": "DOORLOG", "show_default": True}
"""Of every verb, so that one name in the environment serves all."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line or in the environment."""

    files: tuple[str, ...]
    to: tuple[str, ...]
    output: str
    output_format: Literal["json", "msgpack"] | None
    input_format: Literal["auto", "json", "msgpack"] | None
    rejects: str | None
    fail_on_reject: bool
    mapping_dir: tuple[Path, ...]
    max_line_bytes: int
    max_depth: int
    max_decompressed_bytes: int
    max_ratio: int
    max_unfolded_bytes: int
    grace: float
    fluentd: bool
    tag_prefix: str
    quiet: bool
    log_file: Path | None
    forward: ForwardSettings


mapping_dirs = click.option(
    "--mapping-dir",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder with mappings of yours. Repeatable.",
)
"""The option of every verb that loads mappings."""

colour = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour in what is shown; auto is on a terminal, unless NO_COLOR is set.",
)
"""The option of every verb that shows text in colour."""

_WHOLE = click.IntRange(min=1)
_LIMITS = Limits()
_to = click.option(
    "--to",
    multiple=True,
    default=("ecs",),
    metavar="MAPPING",
    help="Mapping to use: ecs, ocsf, or one of yours by name or path; ecs+ours.yaml puts one behind another, ocsf@1.1.0"
    " asks for another version of its target. Repeatable; a record's events follow each other in the order asked for.",
)
_value_limits = [
    click.option(
        "--max-line-bytes", type=_WHOLE, default=_LIMITS.line_bytes, metavar="N", help="Longest value that is read."
    ),
    click.option(
        "--max-depth",
        type=click.IntRange(1, 1000),
        default=_LIMITS.depth,
        metavar="N",
        help="Deepest nesting of a value.",
    ),
    click.option(
        "--max-unfolded-bytes",
        type=_WHOLE,
        default=_LIMITS.unfolded_bytes,
        metavar="N",
        help="Most that base64 and gzip inside a value may grow to.",
    ),
]
_file_limits = [
    click.option(
        "--max-decompressed-bytes",
        type=_WHOLE,
        default=_LIMITS.decompressed_bytes,
        metavar="N",
        help="Most that a compressed file may grow to.",
    ),
    click.option(
        "--max-ratio",
        type=_WHOLE,
        default=_LIMITS.ratio,
        metavar="N",
        help="How many times its size compressed input may grow to.",
    ),
]
_telling = [
    click.option("--quiet", is_flag=True, help="Say nothing on stderr but failures."),
    click.option(
        "--log-file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="PATH",
        help="Append messages to a file, too; Fluentd throws stderr away.",
    ),
]
_OPTIONS = [
    click.argument("files", nargs=-1, metavar="[FILE|-]..."),
    _to,
    click.option("--output", default="stdout", metavar="WHERE", help="stdout, file:PATH or fluentd://HOST:PORT/TAG."),
    click.option(
        "--output-format",
        type=click.Choice(["json", "msgpack"]),
        default=None,
        help="Of stdout and file; json, but msgpack with --fluentd.",
    ),
    click.option(
        "--input-format",
        type=click.Choice(["auto", "json", "msgpack"]),
        default=None,
        help="Of the input; auto, which goes by its content, but msgpack with --fluentd.",
    ),
    click.option(
        "--rejects",
        metavar="WHERE",
        help="Keep what can't be normalized: PATH or fluentd://HOST:PORT/TAG. Without it, rejects are counted and"
        " told on stderr.",
    ),
    click.option("--fail-on-reject", is_flag=True, help="Exit with 1 if anything was rejected."),
    mapping_dirs,
    *_value_limits,
    *_file_limits,
    click.option(
        "--grace",
        type=Seconds(min=0),
        default=8.0,
        metavar="SECONDS",
        help="How long SIGTERM or Ctrl-C lets the input come to its end.",
    ),
    click.option(
        "--fluentd",
        is_flag=True,
        # A child is started with this option or without; DOORLOG_FLUENTD tells tests where a Fluentd is.
        allow_from_autoenv=False,
        help="Be a child of Fluentd's exec_filter: MessagePack in and out, tag and time with each event, rejects as"
        " events under PREFIX.reject, signals left to the end of input.",
    ),
    click.option(
        "--tag-prefix", default="doorlog", metavar="PREFIX", help="With --fluentd, tags are PREFIX.ecs and so on."
    ),
    *_telling,
]


def stream_options(function: Function) -> Function:
    """Gives a command these options, which `options` takes."""
    return with_options(function, [*_OPTIONS, *SENDING, *KEEPING])


def normalizing_options(function: Function) -> Function:
    """Gives a command those of the options that say what becomes of a record, and how to tell of it."""
    return with_options(function, [_to, mapping_dirs, *_value_limits, *_telling])


def options(given: dict[str, Any]) -> Options:
    """What was given, by the names of the options. Raises UsageError on what can't be followed."""
    forward = forward_settings(given, given["output"], given["rejects"])
    return Options(**given, forward=forward)
