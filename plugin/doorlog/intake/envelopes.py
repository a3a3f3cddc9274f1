"""What a value holds: the records inside of every carrier that brings CloudTrail, skips by name, rejects.

Carriers nest (a Lambda event of SQS messages that hold SNS notifications of EventBridge events), so each one only says
what is inside, and that is looked at anew. Text in a carrier that was made for records must be JSON; text in one that
carries anything is some other message when it isn't, unless it opens as a JSON object does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from doorlog.intake.decoding import TooLarge, unfold
from doorlog.intake.limits import UNWRAPPINGS, Limits
from doorlog.intake.lookalikes import is_plain, is_record, lookalike
from doorlog.intake.rejections import refused, unreadable
from doorlog.intake.rows import from_row, from_sentinel, is_row, is_sentinel_row
from doorlog.intake.spans import texts
from doorlog.intake.text import Unreadable, read
from doorlog.record import Carried, Found, Json, Reject, Skip

_ARRAYS = ("Records", "Events", "logEvents", "auditEvents", "records", "events", "Messages")
_TEXTS_OF_RECORDS = ("CloudTrailEvent", "eventJson", "eventjson")
_ANYTHING = ("detail", "Sns", "Message", "body", "Body", "message", "log", "record", "event", "_raw", "data")
_OF_A_STREAM = frozenset({"recordId", "sequenceNumber", "SequenceNumber", "partitionKey", "PartitionKey"})
_TOO_NESTED = f"at most {UNWRAPPINGS} envelopes inside each other"


def unwrap(value: Any, limits: Limits, line: int, index: int, found: list[Found]) -> int:
    """Adds what a value holds to `found`, numbered from `index`; gives the number after the last."""
    carried = None
    if type(value) is dict and ("__tag" in value or "__time" in value):
        carried = _carried(value)
    opening = _Opening(limits, line, index, carried, found)
    opening.value(value, "$", 0)
    return opening.index


def _carried(record: Json) -> Carried:
    """What Fluentd's `<inject>` put into a record, taken off it."""
    tag, time = record.pop("__tag", None), record.pop("__time", None)
    if isinstance(time, bool) or not isinstance(time, str | int | float):
        time = None
    return Carried(tag if isinstance(tag, str) else None, time)


class _Opening:
    """The opening of one text's value; `steps` counts how many envelopes are around."""

    def __init__(self, limits: Limits, line: int, index: int, carried: Carried | None, found: list[Found]) -> None:
        self.index = index
        self._limits = limits
        self._line = line
        self._carried = carried
        self._found = found
        self._unfolds = limits.unfolded_bytes

    def value(self, value: Any, path: str, steps: int) -> None:
        if isinstance(value, dict):
            self._object(value, path, steps)
        elif isinstance(value, list):
            self._array(value, path, steps)
        elif isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            self._text(value.encode(), path, steps, claims=False)
        else:
            self._add(Skip("not-cloudtrail"))

    def _add(self, what: Json | Skip | Reject) -> None:
        self._found.append((what, self._line, self.index, self._carried))
        self.index += 1

    def _array(self, values: list[Any], path: str, steps: int) -> None:
        if not values:
            self._add(Skip("empty"))
        for place, value in enumerate(values):
            if type(value) is dict and is_plain(value):
                self._add(value)
            else:
                self.value(value, f"{path}.{place}", steps + 1)

    def _object(self, value: Json, path: str, steps: int) -> None:
        if steps > UNWRAPPINGS:
            self._add(refused("too_deep", path, "unwrapping", _TOO_NESTED, value))
        elif name := lookalike(value):
            self._add(Skip(name))
        elif self._text_of_a_record(value, path, steps):
            pass
        elif is_record(value):
            self._add(from_row(value, self._limits.depth) if isinstance(value.get("userIdentity"), str) else value)
        elif is_row(value):
            self._object(from_row(value, self._limits.depth), path, steps + 1)
        elif is_sentinel_row(value):
            self._object(from_sentinel(value, self._limits.depth), path, steps + 1)
        elif not any(carrier(self, value, path, steps + 1) for carrier in _CARRIERS):
            self._add(Skip("not-cloudtrail"))

    def _text_of_a_record(self, value: Json, path: str, steps: int) -> bool:
        """LookupEvents, and CloudTrail Lake's whole events."""
        for key in _TEXTS_OF_RECORDS:
            inside = value.get(key)
            if isinstance(inside, str):
                self._text(inside.encode(), f"{path}.{key}", steps + 1, claims=True)
                return True
            if isinstance(inside, dict):
                self._object(inside, f"{path}.{key}", steps + 1)
                return True
        return False

    def _log_events(self, value: Json, path: str, steps: int) -> bool:
        """CloudWatch Logs, from the log stream that CloudTrail writes."""
        events = value.get("logEvents")
        if not isinstance(events, list) or "_CloudTrail_" not in str(value.get("logStream")):
            return False
        if not events:
            self._add(Skip("empty"))
        for place, event in enumerate(events):
            text = event.get("message") if isinstance(event, dict) else None
            if isinstance(text, str):
                self._text(text.encode(), f"{path}.logEvents.{place}.message", steps + 1, claims=True)
            else:
                self.value(event, f"{path}.logEvents.{place}", steps + 1)
        return True

    def _list(self, value: Json, path: str, steps: int) -> bool:
        """S3 files, Lambda events, LookupEvents, PutAuditEvents, Firehose: an array under a known name."""
        for key in _ARRAYS:
            inside = value.get(key)
            if isinstance(inside, list):
                self._array(inside, f"{path}.{key}", steps)
                return True
        return False

    def _query_result(self, value: Json, path: str, steps: int) -> bool:
        """CloudTrail Lake's GetQueryResults: rows of cells, each an object with one column."""
        rows = value.get("QueryResultRows")
        if not isinstance(rows, list):
            return False
        if not rows:
            self._add(Skip("empty"))
        for place, row in enumerate(rows):
            cells = [cell for cell in row if isinstance(cell, dict)] if isinstance(row, list) else []
            joined = {column: text for cell in cells for column, text in cell.items()}
            self._object(from_row(joined, self._limits.depth), f"{path}.QueryResultRows.{place}", steps)
        return True

    def _event_data(self, value: Json, path: str, steps: int) -> bool:
        """CloudTrail Lake's PutAuditEvents: what is no record there comes from outside AWS."""
        inside = value.get("eventData")
        where = f"{path}.eventData"
        if isinstance(inside, str):
            raw = inside.encode()
            inside = read(raw, self._limits.depth)
            if isinstance(inside, Unreadable):
                self._add(unreadable(inside, 1, raw, self._limits, where))
                return True
        if not isinstance(inside, dict):
            return False
        if lookalike(inside) or is_record(inside):
            self._object(inside, where, steps)
        else:
            self._add(Skip("activity-log"))
        return True

    def _wazuh(self, value: Json, path: str, steps: int) -> bool:
        """Wazuh, which adds two fields of its own to the record."""
        inside = value.get("aws")
        if not isinstance(inside, dict) or value.get("integration") != "aws":
            return False
        record = {key: item for key, item in inside.items() if key not in ("source", "log_info")}
        self._object(record, f"{path}.aws", steps)
        return True

    def _base64(self, value: Json, path: str, steps: int) -> bool:
        """CloudWatch Logs to Lambda, Kinesis, Firehose: base64, often of gzip."""
        for key in ("awslogs", "kinesis"):
            inside = value.get(key)
            if isinstance(inside, dict) and isinstance(inside.get("data"), str):
                return self._payload(inside["data"], f"{path}.{key}.data", steps)
        for key in ("data", "Data"):
            # Firehose sends its HTTP endpoints objects with nothing else in them.
            alone = len(value) == 1 and "records" in path.split(".")
            if isinstance(value.get(key), str) and (alone or not _OF_A_STREAM.isdisjoint(value)):
                return self._payload(value[key], f"{path}.{key}", steps)
        return False

    def _payload(self, text: str, path: str, steps: int) -> bool:
        raw = text.encode()
        most = min(self._limits.line_bytes, self._unfolds)
        try:
            data = unfold(raw, most)
        except TooLarge:
            by = "--max-unfolded-bytes" if most == self._unfolds else "--max-line-bytes"
            expected = f"at most {most} bytes more in this text ({by})"
            self._add(refused("too_large", path, "unfolded_bytes", expected, raw))
            return True
        if data is None:
            self._add(refused("bad_encoding", path, "base64", "base64, of gzip or of text", raw))
            return True
        self._unfolds -= len(data)
        self._text(data, path, steps, claims=False)
        return True

    def _anything(self, value: Json, path: str, steps: int) -> bool:
        """EventBridge, SNS, SQS, Filebeat, Fluentd, Splunk: objects, or text of them, under a usual name."""
        event = value.get("event")
        if isinstance(event, dict) and isinstance(event.get("original"), str):
            self._text(event["original"].encode(), f"{path}.event.original", steps, claims=False)
            return True
        for key in _ANYTHING:
            inside = value.get(key)
            if isinstance(inside, dict | list) or (isinstance(inside, str) and inside.lstrip().startswith(("{", "["))):
                self.value(inside, f"{path}.{key}", steps)
                return True
        return False

    def _text(self, raw: bytes, path: str, steps: int, claims: bool) -> None:
        """Text that holds a value, or several."""
        if steps > UNWRAPPINGS:
            self._add(refused("too_deep", path, "unwrapping", _TOO_NESTED, raw))
            return
        limits = replace(self._limits, depth=max(1, self._limits.depth - steps))
        value = read(raw, limits.depth)
        if not isinstance(value, Unreadable):
            self.value(value, path, steps + 1)
            return
        opens = raw.lstrip().startswith(b"{")
        for text in texts(raw, limits, 1, "not_json") if opens else ():
            if isinstance(text.content, Unreadable):
                self._add(unreadable(text.content, text.line, text.raw, limits, path))
            else:
                self.value(text.content, path, steps + 1)
        if not opens:
            self._add(unreadable(value, 1, raw, limits, path) if claims else Skip("not-cloudtrail"))


_CARRIERS: tuple[Callable[[_Opening, Json, str, int], bool], ...] = (
    _Opening._log_events,
    _Opening._list,
    _Opening._query_result,
    _Opening._event_data,
    _Opening._wazuh,
    _Opening._base64,
    _Opening._anything,
)
