"""The child of the Fluentd filter plugin: one batch in, one answer out, until its input ends.

The first thing it says is `["doorlog", 1]`, the number of this protocol, so that the plugin knows that mappings are
loaded. Then it answers each `[tag, stream]`, where `stream` is an event stream of Fluentd's as MessagePack, by an
`Answer`. Whatever goes wrong, the process ends: the plugin starts another one and repeats the batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import msgpack  # type: ignore[import-untyped]

from doorlog.errors import InputFailed, OutputClosed, OutputFailed
from doorlog.fluentd.answer import Answer
from doorlog.outputs.stdout import READER_GONE, write_all
from doorlog.record import Found
from doorlog.run import Way

PROTOCOL = 1
READ = 1 << 20
_MOST = 2**31 - 1


def serve(stdin: int, stdout: int, entries: Callable[[bytes], list[Found]], way: Way, answer: Answer) -> None:
    """Answers batches until the plugin closes stdin; raises InputFailed where that is no stream of batches."""
    _write(stdout, msgpack.packb(["doorlog", PROTOCOL]))
    # As bytes: what is in the stream has its own reader, and a tag is only shown.
    batches = msgpack.Unpacker(raw=True, use_list=False, max_buffer_size=_MOST)
    while data := os.read(stdin, READ):
        batches.feed(data)
        for tag, stream in _whole(batches):
            way.settle(entries(stream), tag)
            _write(stdout, answer.taken())


def _whole(batches: msgpack.Unpacker) -> Iterator[tuple[str, bytes]]:
    """The batches that are complete."""
    try:
        for batch in batches:
            tag, stream = batch
            if not isinstance(stream, bytes):
                raise TypeError
            yield str(tag, "utf-8", "replace"), stream
    except (ValueError, TypeError, msgpack.UnpackException):
        raise InputFailed("stdin is no stream of the Fluentd plugin's batches") from None


def _write(fd: int, data: bytes) -> None:
    try:
        write_all(fd, data)
    except OSError as error:
        if error.errno in READER_GONE:
            raise OutputClosed("nobody reads stdout any more") from None
        raise OutputFailed(f"can't write to stdout: {error.strerror}") from None
