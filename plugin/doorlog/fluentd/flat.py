"""The flat parameters of Fluentd's old format (v0.12), which it still takes, as the sections that they stand for.

By Fluentd's `compat_parameters.rb` and `out_exec_filter.rb`, the same in 1.14 and 1.19: they count where there is no
such section, and are passed over where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping

from doorlog.fluentd.section import Parameter, Section

_BUFFER = {
    "buffer_type": "@type",
    "buffer_path": "path",
    "num_threads": "flush_thread_count",
    "flush_interval": "flush_interval",
    "try_flush_interval": "flush_thread_interval",
    "queued_chunk_flush_interval": "flush_thread_burst_interval",
    "disable_retry_limit": "retry_forever",
    "retry_limit": "retry_max_times",
    "max_retry_wait": "retry_max_interval",
    "buffer_chunk_limit": "chunk_limit_size",
    "buffer_queue_limit": "queue_limit_length",
    "buffer_queue_full_action": "overflow_action",
    "flush_at_shutdown": "flush_at_shutdown",
}
_EXEC_FILTER: Mapping[str, Mapping[str, str]] = {
    "inject": {"in_tag_key": "tag_key", "in_time_key": "time_key", "in_time_format": "time_format"},
    "format": {"in_format": "@type", "in_keys": "keys"},
    "parse": {"out_format": "@type", "out_keys": "keys", "out_stream_buffer_size": "stream_buffer_size"},
    "extract": {"out_tag_key": "tag_key", "out_time_key": "time_key", "out_time_format": "time_format"},
}
_BOTH_WAYS = ("tag_key", "time_key", "time_format")


def unfold(section: Section) -> None:
    """Adds to a section, and to all inside it, the sections that its flat parameters stand for."""
    for inner in section.sections:
        unfold(inner)
    if section.name not in ("match", "store", "secondary"):
        return
    flat = dict(section.parameters)
    if section.type == "exec_filter":
        for key in _BOTH_WAYS:
            if key in flat:
                flat[f"in_{key}"] = flat[f"out_{key}"] = flat[key]
        for name, meant in _EXEC_FILTER.items():
            _add(section, name, flat, meant)
    _add(section, "buffer", flat, _BUFFER)


def _add(section: Section, name: str, flat: Mapping[str, Parameter], meant: Mapping[str, str]) -> None:
    found = {key: flat[old] for old, key in meant.items() if old in flat}
    if not found or section.of(name):
        return
    action = found.get("overflow_action")
    if action is not None and action.value == "exception":
        found["overflow_action"] = action._replace(value="throw_exception")
    if "time_format" in found and name in ("inject", "extract"):
        found["time_type"] = found["time_format"]._replace(value="string")
    first = min(found.values(), key=lambda parameter: parameter.line)
    section.sections.append(Section(name, "", first.file, first.line, found))
