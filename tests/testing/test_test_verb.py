"""`doorlog test`: what it shows, writes and exits with."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

from tried import HEAD, ROOT, command, run, tried

from doorlog.mapping.examine import examine
from doorlog.testing.report import as_junit


def test_the_command_tells_what_failed_and_exits_with_1(own: Path) -> None:
    own.write_text(HEAD + "  - {name: x, record: check-mfa, expect: {labels.place: home}}\n", "utf-8")
    done = run("own.yaml", cwd=own.parent)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "own.yaml:8:5: x",
        "  labels.place (line 8, written at own.yaml:6)",
        "    - home",
        "    + office",
        "own.yaml: 1 test, 1 failed",
    ]
    done = run("--update", "own.yaml", cwd=own.parent)
    assert (done.returncode, done.stdout) == (0, "own.yaml: written anew\nown.yaml: 1 test, all passed\n")
    assert run("--mapping-dir", ".", cwd=own.parent).stdout == "own.yaml: 1 test, all passed\n"


def test_broken_mappings_and_missing_ones_exit_with_2(own: Path) -> None:
    own.write_text(HEAD + "  - {name: x}\n", "utf-8")
    done = run("own.yaml", cwd=own.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "own.yaml:8:5: warning: a test says its `record` [bad-test]" in done.stderr
    assert run("other.yaml", cwd=own.parent).returncode == 2
    assert "name a mapping to test" in run(cwd=own.parent).stderr


def test_a_broken_mapping_without_tests_exits_with_2(own: Path) -> None:
    own.write_text("mapping: own\nextends: ecs\nset: {user.nmae: x}\n", "utf-8")
    done = run("own.yaml", cwd=own.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "own.yaml:3:7: error: user.nmae is no field" in done.stderr


def test_errors_of_the_mapping_are_told_before_what_is_wrong_in_its_tests(own: Path) -> None:
    own.write_text(HEAD.replace("labels.place", "user.nmae") + "  - {name: x}\n", "utf-8")
    done = run("--junit", "j.xml", "own.yaml", cwd=own.parent)
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert "error: user.nmae is no field" in first
    assert "[bad-test]" in second
    (suite,) = ElementTree.parse(own.parent / "j.xml").getroot()
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("1", "1")
    ((error,),) = suite
    assert error.tag == "error"
    assert "user.nmae is no field" in str(error.text)


def test_junit_xml_is_written_where_there_is_no_such_mapping(own: Path) -> None:
    own.write_text(HEAD + "  - {name: fine, record: check-mfa}\n", "utf-8")
    assert run("--junit", "j.xml", "own.yaml", "other.yaml", cwd=own.parent).returncode == 2
    fine, other = ElementTree.parse(own.parent / "j.xml").getroot()
    assert (fine.attrib["errors"], other.attrib["errors"]) == ("0", "1")


def test_a_patch_of_a_misspelt_path_is_told_and_the_test_is_run(own: Path) -> None:
    own.write_text(HEAD + "  - {name: x, record: check-mfa, patch: {$.sourceIpAddress: 192.0.2.1}}\n", "utf-8")
    told = "8:42: warning: no sign-in record is known to have $.sourceIpAddress; did you mean '$.sourceIPAddress'?"
    (finding,) = examine(str(own))
    assert told in str(finding)
    done = run("own.yaml", cwd=own.parent)
    assert done.returncode == 0
    assert told in done.stdout


def test_a_list_beside_the_mappings_of_a_folder_is_none_of_them(own: Path) -> None:
    own.write_text(HEAD + "  - {name: fine, record: check-mfa}\n", "utf-8")
    own.with_name("accounts.yaml").write_text('"111122223333": audit\n', "utf-8")
    done = run("--mapping-dir", ".", cwd=own.parent)
    assert (done.returncode, done.stdout) == (0, "own.yaml: 1 test, all passed\n")


def test_a_mapping_without_tests_says_so(own: Path) -> None:
    own.write_text(HEAD.removesuffix("tests:\n"), "utf-8")
    done = run("own.yaml", cwd=own.parent)
    assert (done.returncode, done.stdout) == (0, "own.yaml: no tests\n")


def test_junit_xml_holds_each_test(own: Path) -> None:
    results = tried(own, '  - {name: "odd \\x1b<&>", record: check-mfa, expect: {labels.place: home}}\n'
                         "  - {name: fine, record: check-mfa}\n")  # fmt: skip
    root = ElementTree.fromstring(as_junit({"own": results}))
    (suite,) = root
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"]) == ("2", "1", "0")
    odd, fine = suite
    assert odd.attrib["name"] == "odd \\x1b<&>"
    assert (odd.attrib["line"], odd.attrib["file"]) == ("8", str(own))
    assert "+ office" in str(odd[0].text)
    assert list(fine) == []
    own.write_text(HEAD + "  - {name: fine, record: check-mfa}\n", "utf-8")
    assert run("--junit", "j.xml", "own.yaml", cwd=own.parent).returncode == 0
    assert ElementTree.parse(own.parent / "j.xml").getroot().tag == "testsuites"


def test_watching_runs_again_when_a_file_changes(own: Path) -> None:
    test = "  - {name: x, record: check-mfa, expect: {labels.place: home}}\n"
    own.write_text(HEAD + test, "utf-8")
    process = subprocess.Popen(
        command("--watch", "own.yaml"),
        cwd=own.parent,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": str(ROOT / "plugin")},
    )
    try:
        until(process, "1 failed")
        own.write_text("mapping: [\n", "utf-8")
        until(process, "not readable as YAML")
        own.write_text(HEAD + test.replace("home", "office"), "utf-8")
        until(process, "all passed")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    finally:
        process.kill()
        process.communicate()


def until(process: subprocess.Popen[bytes], text: str) -> None:
    """Reads what the process shows up to a line with this text; each comes, or the test runs into its end."""
    assert process.stdout is not None
    end = time.monotonic() + 60
    while time.monotonic() < end:
        ready, _, _ = select.select([process.stdout], [], [], 60)
        line = process.stdout.readline().decode() if ready else ""
        assert line, "it ended, or says nothing"
        if text in line:
            return
    raise AssertionError(f"no {text!r} within a minute")
