"""A function for a shape is made for every kind of event, whichever targets are asked for, and gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from doorlog.mapping import shapes
from doorlog.normalize import Normalizer, normalizer

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
RECORDS = sorted(GOLDEN.glob("*/*.record.json"))


@pytest.fixture(scope="module", params=[("ecs",), ("ocsf",), ("ocsf", "ecs")], ids="+".join)
def normalize(request: pytest.FixtureRequest) -> Normalizer:
    return normalizer(request.param)


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: f"{file.parent.name}/{file.name.partition('.')[0]}")
def test_a_shape_that_comes_up_often_gets_its_function_and_the_same_bytes(
    normalize: Normalizer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "SEEN_OFTEN", 1)
    monkeypatch.setattr(shapes, "MOST_SHAPES", 10_000)
    record = orjson.loads(file.read_bytes())
    kind = normalize._kinds(record)
    assert kind is not None
    functions = normalize._functions.get(kind.name) or normalize._compiled(kind)
    special = functions.special(record)
    assert special is not None, "no function could be made for this shape"
    assert orjson.dumps(special(record)) == orjson.dumps(functions.general(record))


def test_a_value_that_a_gathered_field_refuses_is_kept_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "mapping: own\nextends: ecs\nset:\n"
        "  client.ip: $.additionalEventData.proxy\n  client.address: $.additionalEventData.number\n"
    )
    record = orjson.loads((GOLDEN / "aws-sign-in-page" / "2-success.record.json").read_bytes())
    record["additionalEventData"] |= {"proxy": "no address", "number": 5}
    for _ in range(2):
        outcome = normalizer([str(tmp_path / "own.yaml")])(record)
        assert isinstance(outcome, tuple)
        assert outcome[0] is not None
        left = outcome[0]["aws"]["cloudtrail"]["flattened"]["additional_eventdata"]
        assert left == {"proxy": "no address", "number": 5}
