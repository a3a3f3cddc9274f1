"""The traps in a Fluentd configuration that lose or spoil what goes through Doorlog, most of them without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from doorlog.fluentd.routes import Child, children, downstream, labels, takes
from doorlog.fluentd.section import Section

TRAPS: Mapping[str, str] = {
    "child-respawn": "A child that has ended is not started again.",
    "missing-label": "What comes back from the child can match its own `<match>` and go round.",
    "unknown-label": "A label that there is not.",
    "unmatched-tag": "A tag of Doorlog's that no `<match>` takes; Fluentd drops it.",
    "not-a-child": "The command lacks what makes Doorlog a child of Fluentd.",
    "format-mismatch": "Fluentd and its child write and read different formats.",
    "tag-and-time": "Tag or time don't travel under the keys that Doorlog has for them.",
    "lost-nanoseconds": "The time loses its fraction of a second.",
    "time-key": "OCSF's own `time` would be taken off the event, and for Fluentd's time.",
    "hidden-stderr": "Fluentd throws the child's stderr away.",
    "flush-threads": "Several threads write into a child's pipe at once and tear the stream.",
    "memory-buffer": "A buffer in memory is lost when Fluentd ends.",
    "overflow-action": "A full buffer loses records, some after they were acked.",
    "retry-end": "What could not be delivered for 72 hours is thrown away.",
    "no-ack": "An output by Forward that does not wait for acks.",
    "no-timeout": "A child that hangs is never replaced.",
    "json-parse": "An input that drops lines which are no JSON.",
    "error-label": "Rejects have no label to go to.",
    "open-port": "A Forward port that is open to every machine.",
}
"""Each trap by its name, with a line that says what it is."""

_UNBUFFERED = {"copy", "exec_filter", "null", "relabel", "rewrite_tag_filter", "roundrobin", "route", "stdout"}
_NO_TIME = re.compile(r"0+(\.0*)?[smhd]?")
_SECONDS = "%Y-%m-%dT%H:%M:%S.%NZ"


class Trap(NamedTuple):
    """One trap: where, which, what happens, and what to write instead."""

    file: str
    line: int
    name: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what} Write: {self.instead} [{self.name}]"


def traps(root: Section) -> list[Trap]:
    """Every trap that is found, by file and line."""
    found = children(root)
    all_found = [trap for child in found for trap in _child(child, root)]
    for output in downstream(root, found):
        all_found += _output(output)
    for source in root.of("source"):
        all_found += _source(source)
    return sorted(set(all_found))


def _at(section: Section, key: str, name: str, what: str, instead: str) -> Trap:
    """A trap at a parameter, or at its section where the parameter is missing."""
    parameter = section.parameters.get(key)
    return Trap(*(parameter[1:] if parameter else (section.file, section.line)), name, what, instead)


def _child(child: Child, root: Section) -> Iterator[Trap]:
    if child.section.type == "doorlog":
        yield from _filter(child, root)
    else:
        yield from _exec_filter(child, root)
        yield from _formats(child)
        yield from _keys(child)


def _filter(child: Child, root: Section) -> Iterator[Trap]:
    section = child.section
    if child.words and ("fluentd" not in child.words or "filter" not in child.words):
        what = "Doorlog answers the filter plugin only as `doorlog fluentd filter`; Fluentd will not start."
        yield _at(section, "command", "not-a-child", what, "command doorlog fluentd filter --to ecs")
    if _NO_TIME.fullmatch(section.value("timeout")):
        what = "A child that hangs is waited for without end, and its route stands still."
        yield _at(section, "timeout", "no-timeout", what, "timeout 20s")
    label = section.value("reject_label")
    if label and label not in labels(root):
        yield _at(section, "reject_label", "unknown-label", f"There is no {label}.", f"<label {label}> ... </label>")
    elif not label and "@ERROR" not in labels(root):
        what = "Rejects go to @ERROR, which there is not; Fluentd writes them into its log, values and all."
        yield _at(section, "@type", "error-label", what, "<label @ERROR> ... </label>, or reject_label here")


def _exec_filter(child: Child, root: Section) -> Iterator[Trap]:
    section = child.section
    if not child.has("--fluentd"):
        what = "Without --fluentd, events come back without tag and time, and a stop loses what is in the pipe."
        yield _at(section, "command", "not-a-child", what, "command exec doorlog run --fluentd ...")
    if "2>>" not in section.value("command") and not child.has("--log-file"):
        what = "Fluentd throws away what the child says on stderr; there would be no word of why it ended."
        yield _at(section, "command", "hidden-stderr", what, "2>> /var/log/fluentd/doorlog.err behind the command")
    if section.value("child_respawn") not in ("inf", "-1"):
        what = "A Doorlog that ends is never started again, and every flush fails from then on."
        yield _at(section, "child_respawn", "child-respawn", what, "child_respawn inf")
    label = section.value("@label")
    if not label:
        what = "What comes back is routed from the top, where it can match this section again and go round for ever."
        yield _at(section, "@type", "missing-label", what, "@label @DOORLOG")
    elif label not in labels(root):
        yield _at(section, "@label", "unknown-label", f"There is no {label}.", f"<label {label}> ... </label>")
    else:
        yield from _unmatched(child, labels(root)[label])
    yield from _buffer(section)
    for buffer in section.of("buffer"):
        threads = buffer.value("flush_thread_count", "1")
        if threads.isdigit() and int(threads) > 1:
            what = f"Two of {threads} threads can write into one pipe at once and tear it, with any num_children."
            yield _at(buffer, "flush_thread_count", "flush-threads", what, "flush_thread_count 1")


def _unmatched(child: Child, label: Section) -> Iterator[Trap]:
    for tag in child.tags():
        if not any(takes(match.argument or "**", tag) for match in label.of("match")):
            what = f"Nothing under {label.argument} takes the tag {tag}; Fluentd drops its events."
            yield _at(label, "", "unmatched-tag", what, f"<match {tag}> ... </match>")


def _formats(child: Child) -> Iterator[Trap]:
    for part, option, usual in (("format", "--input-format", "tsv"), ("parse", "--output-format", "")):
        asked = (child.values(option) or ["msgpack"])[-1]
        section = next(iter(child.section.of(part)), child.section)
        here = section.type if section is not child.section else usual
        if here != asked:
            what = f"Doorlog's side of the pipe is {asked}, Fluentd's is {here or 'not said'}; no record gets through."
            yield _at(section, "@type", "format-mismatch", what, f"<{part}> @type {asked} </{part}>")


def _keys(child: Child) -> Iterator[Trap]:
    for part in ("inject", "extract"):
        section = next(iter(child.section.of(part)), None)
        if section is None:
            what = f"Without <{part}>, tag and time don't {'reach' if part == 'inject' else 'come back from'} Doorlog."
            yield _at(
                child.section, "@type", "tag-and-time", what, f"<{part}> tag_key __tag, time_key __time ... </{part}>"
            )
            continue
        for key, own in (("tag_key", "__tag"), ("time_key", "__time")):
            value = section.value(key)
            if value == "time" and part == "extract":
                what = "OCSF's own `time`, in milliseconds, is taken off the event and read as seconds."
                yield _at(section, key, "time-key", what, f"{key} {own}")
            elif value != own:
                what = f"Doorlog has the {key[:-4]} under {own}, and not under {value or 'nothing'}."
                yield _at(section, key, "tag-and-time", what, f"{key} {own}")
        if section.value("time_type") != "string" or "%N" not in section.value("time_format"):
            what = "As a number, or without %N, the time loses its nanoseconds, or all but the seconds."
            yield _at(section, "time_type", "lost-nanoseconds", what, f"time_type string, time_format {_SECONDS}")
    for parse in child.section.of("parse"):
        if parse.value("time_key") == "time":
            what = "OCSF's own `time`, in milliseconds, is taken off the event and read as seconds."
            yield _at(parse, "time_key", "time-key", what, "no time_key in <parse>")


def _output(section: Section) -> Iterator[Trap]:
    if section.type in _UNBUFFERED or not section.type:
        return
    yield from _buffer(section)
    if section.type == "forward" and section.value("require_ack_response") != "true":
        what = "Events that the next server never got count as delivered."
        yield _at(section, "require_ack_response", "no-ack", what, "require_ack_response true")


def _buffer(section: Section) -> Iterator[Trap]:
    buffer = next(iter(section.of("buffer")), section)
    if buffer is section or buffer.value("@type", "memory") == "memory":
        what = "A buffer in memory is lost when Fluentd is killed or its machine ends, though its records were acked."
        yield _at(buffer, "@type", "memory-buffer", what, "<buffer> @type file, path ... </buffer>")
    action = buffer.value("overflow_action", "throw_exception") if buffer is not section else "throw_exception"
    if action != "block":
        what = {
            "drop_oldest_chunk": "A full buffer drops what is oldest in it, long after it was acked.",
            "throw_exception": "A full buffer refuses records; with a label @ERROR they go there, and are acked.",
        }.get(action, "A full buffer loses records.")
        yield _at(buffer, "overflow_action", "overflow-action", what, "overflow_action block")
    if buffer.value("retry_forever") != "true":
        what = "What could not be delivered for 72 hours (retry_timeout) is thrown away."
        yield _at(buffer, "retry_forever", "retry-end", what, "retry_forever true, retry_max_interval 30s")


def _source(section: Section) -> Iterator[Trap]:
    if section.type == "forward":
        outside = section.value("bind", "0.0.0.0") in ("0.0.0.0", "::", "*")
        if outside and not section.of("security"):
            what = "Whoever reaches this port can write events."
            yield _at(section, "bind", "open-port", what, "bind 127.0.0.1, or <security> with a shared_key")
    if section.type in ("tail", "exec", "tcp", "udp", "http", "s3"):
        for parse in section.of("parse"):
            if parse.type == "json":
                what = "Lines that are no JSON are dropped, and a key `time` (EventBridge has one) is taken off."
                yield _at(
                    parse,
                    "@type",
                    "json-parse",
                    what,
                    "@type none; Doorlog reads the text",
                )
