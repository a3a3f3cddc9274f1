"""From options to a running stream, and from its end to an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Literal, TypeAlias

from doorlog.cli.endings import told
from doorlog.cli.exits import Exit
from doorlog.cli.inputs import STDIN, refuse_circles, sources
from doorlog.cli.options import Options
from doorlog.counts import Counts
from doorlog.errors import UsageError
from doorlog.forward.address import is_forward
from doorlog.intake import Limits
from doorlog.log import Log
from doorlog.outputs import ChildKeys, ForwardOutput, Output, Refused, claim_stdout, open_forward, open_output
from doorlog.refused import keep, keep_in_place
from doorlog.rejects import TARGET, RejectDocuments, RejectNotes, Rejects
from doorlog.run import Stream, Way, run
from doorlog.stopping import Stopping

StreamOf: TypeAlias = Callable[[Limits, Literal["auto", "json", "msgpack"]], Stream]


def go(options: Options, stream_of: StreamOf) -> Exit:
    """Runs the stream that the options ask for; tells how it went."""
    log, counts = Log(options.quiet, options.log_file), Counts()
    try:
        # Signals come first: Fluentd may stop a child that is still starting, with records in its pipe.
        with Stopping(options.grace, heeds_signals=not options.fluentd) as stopping:
            left = _go(options, stream_of, stopping, counts, log)
    except KeyboardInterrupt:
        log.error(f"interrupted ({counts.summary()})")
        return Exit.INTERRUPTED
    except Exception as error:
        return told(error, log, counts.summary() if counts.read else "")
    return _end(options, stopping, left, counts, log)


def _go(options: Options, stream_of: StreamOf, stopping: Stopping, counts: Counts, log: Log) -> list[str]:
    from doorlog.normalize import normalizer

    inputs = sources(options.files)
    refuse_circles(inputs, [options.output, options.rejects])
    normalize = normalizer(options.to, options.mapping_dir)
    limits = Limits(
        line_bytes=options.max_line_bytes,
        depth=options.max_depth,
        decompressed_bytes=options.max_decompressed_bytes,
        ratio=options.max_ratio,
        unfolded_bytes=options.max_unfolded_bytes,
    )
    with ExitStack() as opened:
        rejects = opened.enter_context(_rejects(options, stopping, log))
        output = opened.enter_context(closing(_output(options, normalize.targets, rejects, stopping, log)))
        if options.fluentd and options.rejects is None:
            rejects = RejectDocuments(output)
        timed = options.fluentd or is_forward(options.output)
        way = Way(normalize, output, rejects, counts, timed)
        if inputs == [STDIN] and os.isatty(0):
            log.note("reading records from the terminal; Ctrl-D ends them")
        leave_garbage()
        return run(inputs, lambda: stream_of(limits, _input_format(options)), way, stopping)


def share_the_interpreter() -> None:
    """Has the thread that normalizes make way for the one that sends, which has little to do, but soon.

    By default, that one would wait 5 ms for the interpreter after each packet, several times a batch.
    """
    sys.setswitchinterval(0.0005)


def leave_garbage() -> None:
    """Makes Python's garbage collector look seldom, once all that stays is loaded."""
    # What a burst makes lives no longer than the burst and has no cycles; to look for some, again and again, costs an
    # eighth of all time. Rejects make a few, which are still found.
    gc.freeze()
    gc.set_threshold(50_000)


def _input_format(options: Options) -> Literal["auto", "json", "msgpack"]:
    return options.input_format or ("msgpack" if options.fluentd else "auto")


def _output(options: Options, targets: Sequence[str], rejects: Rejects, stopping: Stopping, log: Log) -> Output:
    if is_forward(options.output) and not options.fluentd:
        return _forward(options, "output", options.output, targets, partial(keep, rejects), stopping, log)
    format = options.output_format or ("msgpack" if options.fluentd else "json")
    child = ChildKeys(options.tag_prefix) if options.fluentd else None
    stdout = claim_stdout() if options.output == "stdout" else 1
    return open_output(options.output, format, targets, stdout=stdout, child=child)


@contextmanager
def _rejects(options: Options, stopping: Stopping, log: Log) -> Iterator[Rejects]:
    where = options.rejects
    if where is None:
        yield RejectNotes(log)
        return
    if where in {"-", "stdout"}:
        raise UsageError("--rejects: events alone go to stdout; name a file or fluentd://HOST:PORT/TAG")
    if is_forward(where):
        kept: Output = _forward(options, "rejects", where, (TARGET,), keep_in_place, stopping, log)
    else:
        kept = open_output(where if where.startswith("file:") else f"file:{where}", "json", (TARGET,))
    with closing(kept):
        yield RejectDocuments(kept)


def _forward(
    options: Options,
    name: str,
    where: str,
    targets: Sequence[str],
    refused: Callable[[ForwardOutput, Refused], bool],
    stopping: Stopping,
    log: Log,
) -> ForwardOutput:
    share_the_interpreter()
    output = open_forward(
        where,
        targets,
        settings=options.forward,
        name=name,
        stop=stopping.latest,
        refused=lambda event: refused(output, event),
        # A sender that gives up ends the reading, also of an input that has nothing new.
        failed=stopping.wake,
        note=log.note,
    )
    stopping.checks.append(output.check)
    stopping.queued = True
    if output.store.kept and output.store.waiting:
        log.note(f"{output.store.waiting} events of an earlier run are in the spool and go out first")
    return output


def _end(options: Options, stopping: Stopping, left: list[str], counts: Counts, log: Log) -> Exit:
    if not counts.balanced or counts.in_flight:
        log.error(f"the counts don't add up ({counts.summary()}); this is a bug, please report it")
        return Exit.FAILED
    log.note(counts.summary())
    for unread in left:
        log.error(unread)
    if left:
        return Exit.FAILED
    if stopping.by == "SIGINT":
        return Exit.INTERRUPTED
    return Exit.FOUND if options.fail_on_reject and counts.rejected else Exit.FINE
