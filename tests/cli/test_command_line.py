"""What the command answers to a command line, right or wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_process import BAD, GOOD, Doorlog, Start, environment

from doorlog.cli.exits import Exit
from doorlog.cli.verbs import VERBS
from doorlog.rejects import REASONS


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["chek"], "no such verb or file: 'chek'; did you mean 'check'?"),
        (["no/such/thing"], "no such verb or file: 'no/such/thing'; doorlog --help lists the verbs"),
        (["run", "--outpt", "x"], "No such option '--outpt'. (Did you mean one of: '--output', '--output-format'?)"),
        (["run", "no-such-file"], "no such file: 'no-such-file'"),
        (["run", "--rejects", "-"], "--rejects: events alone go to stdout; name a file or fluentd://HOST:PORT/TAG"),
        (["schema", "rejects"], "no schema 'rejects'; did you mean 'reject'?"),
    ],
)
def test_a_wrong_command_line_says_what_may_be_meant(doorlog: Doorlog, arguments: list[str], told: str) -> None:
    done = doorlog(*arguments)
    assert (done.returncode, done.stdout) == (Exit.USAGE, b"")
    assert done.stderr.decode() == f"doorlog: {told}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--to", "escs"], r"there is no mapping 'escs'; did you mean 'ecs'"),
        (["--output", "fluentd+ssl://h/t"], r"'fluentd\+ssl' is no output: write fluentd\+tls://HOST:PORT/TAG"),
        (["--output", "kafka://h/t"], r"'kafka' is no output: write stdout, file:PATH or fluentd://HOST:PORT/TAG"),
        (["--output", "file:/no/such/folder/x"], r"/no/such/folder/x: No such file or directory"),
        (["--rejects", "/no/such/folder/x"], r"/no/such/folder/x: No such file or directory"),
        (["--max-depth", "1001"], r"--max-depth"),
        (["--grace", "-1"], r"--grace"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_read(doorlog: Doorlog, arguments: list[str], told: str) -> None:
    done = doorlog("run", *arguments, input=GOOD)
    assert (done.returncode, done.stdout) == (Exit.USAGE, b"")
    assert re.search(told, done.stderr.decode())
    assert done.stderr.count(b"\n") == 1


def test_a_verb_without_the_command_that_it_wants_names_them(doorlog: Doorlog) -> None:
    done = doorlog("fluentd")
    assert (done.returncode, done.stdout) == (Exit.USAGE, b"")
    assert done.stderr == b"doorlog: doorlog fluentd wants one of its commands: config, filter, plugin-dir\n"


def test_a_mistyped_file_says_which_is_there(doorlog: Doorlog, tmp_path: Path) -> None:
    (tmp_path / "trail.json").write_bytes(GOOD)
    for verb in ([], ["run"]):
        done = doorlog(*verb, tmp_path / "trial.json")
        assert done.returncode == Exit.USAGE
        assert f"did you mean '{tmp_path / 'trail.json'}'?" in done.stderr.decode()


def test_all_files_are_looked_at_before_the_first_is_read(doorlog: Doorlog, tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(GOOD)
    assert doorlog(tmp_path / "there", tmp_path / "absent").stdout == b""
    assert "is a folder" in doorlog(tmp_path / "there", tmp_path).stderr.decode()


def test_a_file_that_would_be_read_and_written_at_once_is_refused(doorlog: Doorlog, tmp_path: Path) -> None:
    file = tmp_path / "rejects.ndjson"
    file.write_bytes(BAD)
    for option in (["--rejects", file], ["--output", f"file:{file}"]):
        done = doorlog("replay", *option, file)
        assert done.returncode == Exit.USAGE
        assert b"can't be read and written at once" in done.stderr
    assert file.read_bytes() == BAD


@pytest.mark.parametrize("verb", [[], *([name] for name in VERBS)])
def test_help_has_an_example_and_fits_80_columns(doorlog: Doorlog, verb: list[str]) -> None:
    for option in ("-h", "--help"):
        done = doorlog(*verb, option, COLUMNS="200")
        assert done.returncode == 0
        text = done.stdout.decode()
        assert "Example" in text
        assert max(map(len, text.splitlines())) <= 80


def test_options_can_come_from_the_environment(doorlog: Doorlog) -> None:
    by_option = doorlog("--to", "ocsf", "--to", "ecs", input=GOOD).stdout
    assert doorlog(input=GOOD, DOORLOG_TO="ocsf ecs").stdout == by_option
    assert doorlog("--to", "ecs", input=GOOD, DOORLOG_TO="ocsf").stdout == doorlog("--to", "ecs", input=GOOD).stdout


def test_the_version_names_what_a_bug_report_needs(doorlog: Doorlog) -> None:
    done = doorlog("--version")
    python = ".".join(map(str, sys.version_info[:3]))
    told = rf"doorlog \d+\.\d+\.\d+ \(Python {re.escape(python)}((, [A-Z]+ \d+(\.\d+\.\d+)?)+)\)\n"
    found = re.fullmatch(told, done.stdout.decode())
    assert found is not None
    assert {"ECS", "OCSF"} <= set(found[1].split())


def test_a_shipped_schema_is_printed_as_it_is(doorlog: Doorlog, root: Path) -> None:
    names = doorlog("schema").stdout.decode().split()
    assert {"signin-record", "reject"} <= set(names)
    for name in names:
        shipped = (root / "schemas" / f"{name}.schema.json").read_bytes()
        assert json.loads(doorlog("schema", name).stdout) == json.loads(shipped)


def test_list_shows_every_reason_mapping_and_kind(doorlog: Doorlog) -> None:
    listed = doorlog("list").stdout.decode()
    parts = ["mappings:", "kinds:", "reasons:", "skips:", "facts:", "records:", "functions:", "findings:"]
    assert [part for part in listed.splitlines() if part.endswith(":")] == parts
    for reason in REASONS:
        assert f"\n{reason} " in listed
    assert re.search(r"^ecs +writes ECS \d", doorlog("list", "mappings").stdout.decode(), re.MULTILINE)
    assert re.search(r"^as: ip +An IPv4", doorlog("list", "functions").stdout.decode(), re.MULTILINE)
    assert re.search(r"^console-login +normalized", doorlog("list", "kinds").stdout.decode(), re.MULTILINE)
    assert {"empty", "near-sign-in", "not-sign-in", "not-a-reject"} <= set(
        re.findall(r"^\S+", doorlog("list", "skips").stdout.decode(), re.MULTILINE)
    )


def test_check_tells_good_mappings_from_bad_ones(doorlog: Doorlog, tmp_path: Path) -> None:
    good = doorlog("check", "ecs", "ocsf")
    assert (good.returncode, good.stdout) == (0, b"ecs: fine\nocsf: fine\n")
    mapping = tmp_path / "ours.yaml"
    mapping.write_text("mapping: ours\nextends: [ecs]\nnonsense: 1\n")
    bad = doorlog("check", "ecs", mapping)
    assert bad.returncode == Exit.FOUND
    finding, line, mark, *sums = bad.stdout.decode().splitlines()
    assert finding.startswith(f"{mapping}:3:1: error: ")
    assert (line, mark) == ("  3 | nonsense: 1", "    | ^^^^^^^^")
    assert sums == ["ecs: fine", f"{mapping}: 1 error"]


def test_a_mapping_that_there_is_not_can_t_be_checked(doorlog: Doorlog) -> None:
    done = doorlog("check", "no-such-mapping")
    assert (done.returncode, done.stdout) == (Exit.USAGE, b"")
    assert b"there is no mapping 'no-such-mapping'" in done.stderr


def test_a_mapping_that_cannot_be_loaded_is_told_with_its_findings(doorlog: Doorlog, tmp_path: Path) -> None:
    mapping = tmp_path / "ours.yaml"
    mapping.write_text("mapping: ours\nextends: [ecs]\nnonsense: 1\n")
    done = doorlog("--to", mapping, input=GOOD)
    assert (done.returncode, done.stdout) == (Exit.USAGE, b"")
    assert done.stderr.decode().startswith(f"doorlog: {mapping}:3:1: ")


def test_the_log_file_gets_what_stderr_gets(doorlog: Doorlog, tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = doorlog("--log-file", log, "--quiet", input=GOOD + BAD)
    assert done.stderr == b""
    assert b"rejected, invalid_record: $.eventTime: " in log.read_bytes()
    assert log.read_bytes().endswith(b"read 2, delivered 1, rejected 1 (invalid_record 1), skipped 0\n")
    assert doorlog("--log-file", log, "--to", "no-such-mapping").returncode == Exit.USAGE
    assert b"no mapping 'no-such-mapping'" in log.read_bytes()


def test_a_reader_of_a_listing_may_leave_early(start: Start) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = start("schema", "signin-record", stdout=writing)
    os.close(writing)
    assert process.communicate(timeout=20)[1] == b""
    assert process.returncode == Exit.CLOSED


@pytest.mark.parametrize(("closed", "told"), [("<&-", "can't read stdin"), (">&-", "can't write to stdout")])
def test_a_closed_standard_descriptor_is_a_failure(root: Path, tmp_path: Path, closed: str, told: str) -> None:
    (tmp_path / "in").write_bytes(GOOD)
    redirected = closed if closed.startswith("<") else f"<{tmp_path / 'in'} {closed}"
    shell = f"{sys.executable} -m doorlog --rejects {tmp_path / 'rejects'} {redirected}"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, timeout=60, env=environment(root), check=False)
    assert done.returncode == Exit.FAILED
    assert told in done.stderr.decode()


def test_without_stderr_no_message_gets_into_a_file(root: Path, tmp_path: Path) -> None:
    shell = f"{sys.executable} -m doorlog --rejects {tmp_path / 'rejects'} --output file:{tmp_path / 'out'} 2>&-"
    done = subprocess.run(["sh", "-c", shell], input=GOOD, timeout=60, env=environment(root), check=False)
    assert done.returncode == 0
    assert (tmp_path / "rejects").read_bytes() == b""
    assert b"doorlog: read" not in (tmp_path / "out").read_bytes()


def test_every_exit_code_is_explained() -> None:
    source = Path(sys.modules[Exit.__module__].__file__ or "").read_text()
    for code in Exit:
        assert re.search(rf'{code.name} = {code.value}\n    """[A-Z]', source)


def test_check_fails_on_warnings_unless_told_otherwise(doorlog: Doorlog, tmp_path: Path) -> None:
    mapping = tmp_path / "ours.yaml"
    mapping.write_text("mapping: ours\nextends: ecs\nfacts: {spare: {from: who}}\n")
    assert doorlog("check", mapping).returncode == Exit.FOUND
    assert doorlog("check", "--fail-on", "error", mapping).returncode == Exit.FINE
    assert doorlog("--to", mapping, input=GOOD).returncode == Exit.FINE
    mapping.write_text("mapping: ours\nextends: ecs\nset: {no.field: x}\n")
    assert doorlog("check", "--fail-on", "error", mapping).returncode == Exit.FOUND


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_check_tells_tools_in_their_form(doorlog: Doorlog, tmp_path: Path, form: str) -> None:
    mapping = tmp_path / "ours.yaml"
    mapping.write_text("mapping: ours\nextends: ecs\nset: {no.field: x}\n")
    done = doorlog("check", "--format", form, mapping)
    assert (done.returncode, done.stderr, b"unknown-field" in done.stdout) == (Exit.FOUND, b"", True)
