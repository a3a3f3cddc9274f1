"""What ECS gathers in `related` is flat and complete, also where a field that feeds it is a list."""

from __future__ import annotations

from pathlib import Path

import orjson

from doorlog.normalize import normalizer

RECORD = Path(__file__).resolve().parent.parent / "golden" / "aws-sign-in-page" / "2-success.record.json"


def test_a_list_of_addresses_is_gathered_address_by_address(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "mapping: own\nextends: ecs\nset: {host.ip: {collect: [$.additionalEventData.proxy, $.sourceIPAddress]}}\n"
    )
    record = orjson.loads(RECORD.read_bytes())
    record["additionalEventData"]["proxy"] = "10.1.2.3"
    outcome = normalizer([str(own)])(record)
    assert isinstance(outcome, tuple)
    assert outcome[0] is not None
    assert sorted(outcome[0]["related"]["ip"]) == ["10.1.2.3", "192.0.2.0"]
