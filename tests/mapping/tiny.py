"""Tiny mappings, written to a folder of their own and tried on a record."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from doorlog.normalize import Normalizer, normalizer
from doorlog.record import Reject, Skip

Json = dict[str, Any]

RECORD: Json = {
    "eventTime": "2024-06-11T09:15:27Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "sourceIPAddress": "203.0.113.5",
    "errorCode": "ABC",
    "errorMessage": "a/b/c",
    "additionalEventData": {
        "text": "x",
        "five": 5,
        "half": 1.5,
        "true": True,
        "list": ["p", "q"],
        "twice": "p,q,p",
        "object": {"k": "v"},
        "zero": 0,
        "empty": "",
        "null": None,
    },
}

ECS = """\
mapping: tiny
target: ecs@9.4.0
dispatch: [$.eventSource, $.eventName]
time: $.eventTime
kinds:
  any: {when: {$.eventSource|exists: true}}
"""

OCSF = """\
mapping: tiny
target: ocsf@1.8.0
profiles: [cloud, datetime]
dispatch: [$.eventSource, $.eventName]
time: $.eventTime
kinds:
  any: {when: {$.eventSource|exists: true}}
"""

LOGON = """\
classes:
  authentication:
    set:
      severity_id: Informational
      time: {from: $.eventTime, as: epoch_ms}
      metadata.product.name: CloudTrail
      metadata.product.vendor_name: AWS
      cloud.provider: AWS
      activity_id: Logon
      user.name: alice
      service.name: sign-in
"""


class Tiny:
    """A folder of mapping files, and what they make of a record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> str:
        """A mapping file of this name; gives its path."""
        file = self.folder / f"{name}.yaml"
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return str(file)

    def normalizer(self, *targets: str) -> Normalizer:
        """A normalizer for these; a name without a file here is one of the shipped mappings."""
        files = [self.folder / f"{target}.yaml" for target in targets]
        return normalizer([str(f) if f.is_file() else t for f, t in zip(files, targets, strict=True)], [self.folder])

    def ecs(self, rules: str, more: str = "") -> str:
        """A mapping of its own, on ECS, with these rules; gives its path."""
        time = '"@timestamp": {from: $.eventTime, as: time}\n'
        return self.write("tiny", ECS + more + "set:\n" + textwrap.indent(time + textwrap.dedent(rules), "  "))

    def ocsf(self, rules: str, more: str = "") -> str:
        """A mapping of its own, on OCSF, with these rules beside those that every event needs; gives its path."""
        return self.write("tiny", OCSF + more + LOGON + textwrap.indent(textwrap.dedent(rules), "      "))

    def event(self, **changes: Any) -> Json:
        """What the mapping `tiny` makes of the record with these changes."""
        result = self.normalizer("tiny")(RECORD | changes)
        assert not isinstance(result, Reject | Skip), result
        return result[0]

    def value(self, expression: str, **changes: Any) -> Any:
        """What an expression gives in an open field, None for nothing."""
        self.ecs(f"aws.cloudtrail.signin.tried: {expression}\n")
        found = self.event(**changes).get("aws", {}).get("cloudtrail", {}).get("signin", {})
        return found.get("tried")

    def holds(self, condition: str, **changes: Any) -> bool:
        """Whether a condition holds for the record."""
        return bool(self.value(f"{{when: {condition}, value: 'yes', else: 'no'}}", **changes) == "yes")
