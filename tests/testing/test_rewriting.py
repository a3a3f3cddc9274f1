"""What `--update` writes: what differs, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tried import HEAD, results, said, tried

from doorlog.testing.rewriting import rewritten

UNWRITTEN = """\
  # which place
  - name: from the office   # as it is
    record: console-login
    expect:
      labels.place:  home   # wrong
      event.type: [end,   info]
      user.name:
        # a block
        - x

      error.code:
      related.ip: ["203.0.113.64"]

  - {name: flow, record: check-mfa}
  - name: new
    record: check-mfa
    patch: {$.sourceIPAddress: 198.51.100.7}

# the end
"""
WRITTEN = """\
  # which place
  - name: from the office   # as it is
    record: console-login
    expect:
      labels.place:  office   # wrong
      event.type: [start]
      user.name:
        # a block
        anaya

      error.code:
      related.ip: ["203.0.113.64"]

  - {name: flow, record: check-mfa, expect: {labels.place: office}}
  - name: new
    record: check-mfa
    patch: {$.sourceIPAddress: 198.51.100.7}
    expect:
      labels.place: elsewhere

# the end
"""


def test_only_what_differs_is_written_anew(own: Path) -> None:
    found = tried(own, UNWRITTEN)
    assert rewritten(own.read_text("utf-8"), found) == HEAD + WRITTEN
    found = tried(own, WRITTEN)
    assert said(found) == []
    assert rewritten(HEAD + WRITTEN, found) == HEAD + WRITTEN


@pytest.mark.parametrize(
    "value", ["yes", "5", "null", "a: b", "# x", "- y", '"', "{z}", "$.a", "2024-06-10", " s ", "\t"]
)
def test_what_is_written_is_read_as_it_was(own: Path, value: str) -> None:
    tests = f"  - name: x\n    record: console-login\n    patch: {{$.awsRegion: {json.dumps(value)}}}\n"
    found = tried(own, tests + "    expect: {cloud.region: '?'}\n")
    own.write_text(rewritten(own.read_text("utf-8"), found), "utf-8")
    (again,) = results(own)
    assert again.differences == ()


def test_another_end_is_not_written_over(own: Path) -> None:
    tests = "  - {name: x, record: console-login, patch: {$.eventTime: soon}, expect: {user.name: x}}\n"
    found = tried(own, tests)
    assert rewritten(HEAD + tests, found) == HEAD + tests
