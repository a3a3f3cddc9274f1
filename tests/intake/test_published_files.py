"""How many records, skips and rejects each published file gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_cases import counted, take

LOG_FILE = "s3-logfile_218007301253_CloudTrail_us-east-1_20230710T1230Z_AvIajGd5rkz6vTy4.json"
ENVELOPES: dict[str, dict[str, int]] = {
    "CONSTRUCTED_athena-row.json": {"record": 1},
    "CONSTRUCTED_cwl-control-message_decoded.json": {"skip control-message": 1},
    "CONSTRUCTED_cwl-firehose-concatenated.json.gz": {"record": 2},
    "CONSTRUCTED_cwl-subscription_decoded.json": {"record": 2},
    "CONSTRUCTED_cwl-subscription_kinesis-lambda.json": {"record": 2},
    "CONSTRUCTED_cwl-subscription_lambda.json": {"record": 2},
    "CONSTRUCTED_filebeat-message.json": {"record": 1},
    "CONSTRUCTED_fluentd-in_s3.json": {"record": 4},
    "CONSTRUCTED_wazuh.json": {"record": 1},
    "cwl-subscription_lambda_aws-lambda-go.json": {"skip not-cloudtrail": 2},
    "eventbridge-13390932927.json": {"record": 1},
    "eventbridge-27248519353.json": {"record": 1},
    "eventbridge-32257040209.json": {"record": 1},
    "eventbridge-34072600276.json": {"record": 1},
    "eventbridge_awsdocs-root.json": {"record": 1},
    "firehose-transform_aws-lambda-go.json": {"skip not-cloudtrail": 2},
    "kinesis_lambda_aws-lambda-go.json": {"skip not-cloudtrail": 2},
    "lookup-events_awscli.json": {"record": 1},
    "ndjson_invictus.ndjson": {"record": 63},
    "s3-logfile-empty-records.json": {"skip empty": 1},
    LOG_FILE: {"record": 63},
    f"{LOG_FILE}.gz": {"record": 63},
    "s3notif_eventbridge-object-created.json": {"skip s3-notification": 1},
    "s3notif_eventbridge-object-deleted.json": {"skip s3-notification": 1},
    "s3notif_s3-event-object-created.json": {"skip s3-notification": 1},
    "s3notif_s3-event-urlencoded-key.json": {"skip s3-notification": 1},
    "s3notif_s3-test-event.json": {"skip s3-test-event": 1},
    "s3notif_sns-s3-event.json": {"skip s3-notification": 1},
    "s3notif_sns-s3-test-event.json": {"skip s3-test-event": 1},
    "s3notif_sqs-batch-partial-garbage.json": {"skip s3-notification": 2, "skip not-cloudtrail": 1},
    "s3notif_sqs-s3-event.json": {"skip s3-notification": 1},
    "s3notif_sqs-sns-event.json": {"skip s3-notification": 1},
    "security-lake_ocsf-1.0.0-rc.2.json": {"skip ocsf": 1},
    # CSV is no JSON, whatever its rows are about: one unreadable text.
    "sentinel-row.csv": {"reject not_json": 1},
    "sqs_lambda_aws-lambda-go.json": {"skip not-cloudtrail": 1},
}
MALFORMED: dict[str, dict[str, int]] = {
    # These are JSON and name CloudTrail's source: damaged records, which the schema refuses.
    **{f"cloudtrail-rs-oracle-{number}.json": {"record": 1} for number in ("023", "334", "393", "475", "665", "902")},
    **{f"iam-doc-{number}.txt": {"reject not_json": 1} for number in ("05", "06", "07")},
    "idc-doc-failed-password.txt": {"reject not_json": 1},
    **{f"workspaces-doc-{number}.txt": {"reject not_json": 1} for number in ("01", "02", "03", "04", "05")},
}
NEGATIVES: dict[str, dict[str, int]] = {
    "awscloudtrailinsight_completelifecycleaction-01.json": {"skip insight": 1},
    "awscloudtrailinsight_updateinstanceinformation-01.json": {"skip insight": 1},
    "awscloudtrailinsight_updateinstanceinformation-02.json": {"skip insight": 1},
    "awsvpceevent_listkeys-01.json": {"skip network-activity": 1},
    "awsvpceevent_listkeys-02.json": {"skip network-activity": 1},
    "digest-file.json": {"skip digest": 1},
}
"""Everything else there is a record of another service: a skip that the mapping gives, not intake."""


@pytest.mark.parametrize(("folder", "table"), [("envelopes", ENVELOPES), ("malformed", MALFORMED)])
def test_each_file_gives_what_the_table_says(shared: Path, folder: str, table: dict[str, dict[str, int]]) -> None:
    files = {file.name: counted(take(file.read_bytes())) for file in (shared / "samples" / folder).iterdir()}
    assert files == table


def test_each_other_sample_is_one_record_but_for_the_lookalikes(shared: Path) -> None:
    others = [path for path in (shared / "samples").glob("*/*") if path.parent.name not in ("envelopes", "malformed")]
    assert len(others) > 100
    for path in others:
        assert counted(take(path.read_bytes())) == NEGATIVES.get(path.name, {"record": 1}), path.name


def test_any_chunking_of_a_published_file_gives_the_same(shared: Path) -> None:
    for path in sorted((shared / "samples" / "envelopes").iterdir()):
        data = path.read_bytes()
        assert take(data, chunk=701) == take(data), path.name
