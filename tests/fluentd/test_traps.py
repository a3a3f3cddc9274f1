"""Each trap in a Fluentd configuration is named with its place, and what is shipped has none.

What is said of each stands in `traps/NAME.txt`; --update-golden writes those files.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from real_fluentd import Command

from doorlog.fluentd.configuration import Reading
from doorlog.fluentd.routes import takes
from doorlog.fluentd.section import Section
from doorlog.fluentd.traps import TRAPS, traps

HERE = Path(__file__).resolve().parent
SHIPPED = sorted((HERE.parent.parent / "plugin" / "fluentd").glob("*.conf"))
EXTRACT = "<extract>\n    tag_key __tag\n    time_key "
JSON_SOURCE = "<source>\n  @type tail\n  <parse>\n    @type json\n  </parse>\n</source>\n"

# Each trap is dug into a configuration as it is shipped: by replacing these words with those.
DUG: dict[str, tuple[str, str, str]] = {
    "child-respawn": ("exec_filter", "  child_respawn inf\n", ""),
    "missing-label": ("exec_filter", "  @label @DOORLOG\n", ""),
    "unknown-label": ("exec_filter", "@label @DOORLOG\n", "@label @DOORLOGS\n"),
    "unmatched-tag": ("exec_filter", "<match doorlog.ocsf>", "<match doorlog.osfc>"),
    "not-a-child": ("exec_filter", "doorlog run --fluentd", "doorlog run"),
    "format-mismatch": ("exec_filter", "<parse>\n    @type msgpack", "<parse>\n    @type json"),
    "tag-and-time": ("exec_filter", "<inject>\n    tag_key __tag\n", "<inject>\n    tag_key tag\n"),
    "lost-nanoseconds": ("exec_filter", "    time_type string\n", ""),
    "time-key": ("exec_filter", f"{EXTRACT}__time", f"{EXTRACT}time"),
    "hidden-stderr": ("exec_filter", " 2>> /var/log/fluentd/doorlog.err", ""),
    "flush-threads": ("exec_filter", "flush_thread_count 1", "flush_thread_count 4"),
    "memory-buffer": ("filter", "    @type file\n    path /var/lib/fluentd/doorlog/buffer/ecs\n", "    @type memory\n"),
    "overflow-action": ("filter", "overflow_action block", "overflow_action drop_oldest_chunk"),
    "retry-end": ("forward", "      retry_forever true\n", ""),
    "no-ack": ("filter", "<match cloudtrail.**>\n  @type file", "<match cloudtrail.**>\n  @type forward"),
    "no-timeout": ("filter", "  reject_label", "  timeout 0s\n  reject_label"),
    "json-parse": ("filter", "<filter cloud", f"{JSON_SOURCE}<filter cloud"),
    "error-label": ("filter", "  reject_label @DOORLOG_REJECT\n", ""),
    "open-port": ("forward", "  bind 127.0.0.1\n", ""),
}


def read(path: Path) -> Section:
    reading = Reading()
    reading.read(path)
    assert reading.unfollowed == []
    return reading.root


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_named_with_its_place_and_what_to_write(name: str, root: Path, tmp_path: Path, update: bool) -> None:
    shipped, old, new = DUG[name]
    text = (root / "plugin" / "fluentd" / f"{shipped}.conf").read_text()
    assert old in text
    (tmp_path / "fluent.conf").write_text(text.replace(old, new, 1))
    found = traps(read(tmp_path / "fluent.conf"))
    assert name in {trap.name for trap in found}
    said = "".join(f"{trap}\n" for trap in found).replace(f"{tmp_path}/", "")
    golden = HERE / "traps" / f"{name}.txt"
    if update:
        golden.write_text(said)
    assert said == golden.read_text()


FLAT = """\
<match cloudtrail.**>
  @type exec_filter
  @label @DOORLOG
  command exec doorlog run --fluentd --to ecs 2>> /var/log/fluentd/doorlog.err
  child_respawn inf
  in_format msgpack
  out_format msgpack
  tag_key __tag
  time_key __time
  time_format %Y-%m-%dT%H:%M:%S.%NZ
  num_threads 1
  buffer_type file
  buffer_path /var/lib/fluentd/doorlog/buffer
  buffer_queue_full_action block
  disable_retry_limit true
</match>
<label @DOORLOG>
  <match doorlog.**>
    @type null
  </match>
</label>
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "name"),
    [
        ("", "", 0, ""),
        ("out_format msgpack", "out_format json", 7, "format-mismatch"),
        ("time_key __time", "time_key time", 9, "time-key"),
        ("tag_key __tag", "tag_key tag", 8, "tag-and-time"),
        (".%NZ", "Z", 10, "lost-nanoseconds"),
        ("num_threads 1", "num_threads 4", 11, "flush-threads"),
        ("buffer_type file", "buffer_type memory", 12, "memory-buffer"),
        ("full_action block", "full_action exception", 14, "overflow-action"),
        ("  disable_retry_limit true\n", "", 11, "retry-end"),
    ],
)
def test_the_flat_parameters_that_fluentd_still_takes_are_read(
    tmp_path: Path, old: str, new: str, line: int, name: str
) -> None:
    (tmp_path / "fluent.conf").write_text(FLAT.replace(old, new, 1) if old else FLAT)
    found = {(trap.name, trap.line) for trap in traps(read(tmp_path / "fluent.conf"))}
    assert ((name, line) in found) if name else (found == set()), found


def test_real_fluentd_takes_the_flat_parameters(fluentd: Command, tmp_path: Path) -> None:
    (tmp_path / "fluent.conf").write_text(FLAT.replace("/var/lib/fluentd/doorlog", str(tmp_path)))
    words = [*fluentd.words, "--dry-run", "-c", str(tmp_path / "fluent.conf")]
    environment = {**os.environ, **fluentd.environment}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def as_yaml(section: Section) -> dict[str, Any]:
    """What a section holds, as Fluentd has it in YAML."""
    made: dict[str, Any] = {key.replace("@", "$"): value for key, (value, _, _) in section.parameters.items()}
    if section.argument:
        name = {"match": "$tag", "filter": "$tag", "label": "$name"}.get(section.name, "$arg")
        made[name] = section.argument
    if section.name in ("ROOT", "label"):
        made["config"] = [{inner.name: as_yaml(inner)} for inner in section.sections]
        return made
    for inner in section.sections:
        made.setdefault(inner.name, []).append(as_yaml(inner))
    return made


def written(section: Section, path: Path) -> None:
    """Writes it as YAML; all in quotes, since Ruby reads `+00:00` as a number."""
    path.write_text(yaml.safe_dump(as_yaml(section), sort_keys=False, default_style='"'))


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_found_in_yaml_too(name: str, root: Path, tmp_path: Path) -> None:
    shipped, old, new = DUG[name]
    text = (root / "plugin" / "fluentd" / f"{shipped}.conf").read_text()
    (tmp_path / "fluent.conf").write_text(text.replace(old, new, 1))
    tree = read(tmp_path / "fluent.conf")
    written(tree, tmp_path / "fluent.yaml")
    found = traps(read(tmp_path / "fluent.yaml"))
    assert {trap.name for trap in found} == {trap.name for trap in traps(tree)}
    assert {trap.file for trap in found} == {str(tmp_path / "fluent.yaml")}


@pytest.mark.parametrize("shipped", ["exec_filter", "filter", "relay"])
def test_fluentd_takes_the_yaml_that_is_looked_into(shipped: str, fluentd: Command, root: Path, tmp_path: Path) -> None:
    tree = read(root / "plugin" / "fluentd" / f"{shipped}.conf")
    written(tree, tmp_path / "fluent.yaml")
    plugins = root / "plugin" / "fluentd"
    words = [*fluentd.words, "--dry-run", "-p", str(plugins), "-c", str(tmp_path / "fluent.yaml")]
    environment = {**os.environ, **fluentd.environment}
    version = subprocess.run([*fluentd.words, "--version"], capture_output=True, text=True, env=environment, check=True)
    if " 1.14" in version.stdout:
        pytest.skip("NOT TESTED in Fluentd 1.14, which knows no YAML")
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "finished dry run mode" in done.stdout


def test_yaml_is_read_as_fluentd_reads_it(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("- filter:\n    $tag: [a, b]\n    $type: grep\n")
    (tmp_path / "fluent.conf").write_text(
        "# ours\nsystem:\n  workers: 2\nconfig:\n"
        "  - !include more.yaml\n"
        "  - !include gone.yaml\n"
        "  - source: &own\n      $type: forward\n      bind: !fluent/s 127.0.0.1\n      deny_keepalive: yes\n"
        "  - source:\n      <<: *own\n      port: 1\n"
        "  - label:\n      $name: '@OUT'\n      config:\n        - match:\n            $tag: '**'\n"
        "            buffer:\n              $arg: [tag, time]\n              timekey: 1d\n"
    )
    reading = Reading()
    reading.read(tmp_path / "fluent.conf")
    system, grep, one, two, label = reading.root.sections
    assert (system.value("workers"), grep.argument, grep.line) == ("2", "a,b", 1)
    assert [each.value("bind") for each in (one, two)] == ["127.0.0.1"] * 2
    assert (one.type, one.value("deny_keepalive"), one.parameters["bind"].line) == ("forward", "true", 9)
    (match,) = label.sections
    (buffer,) = match.sections
    assert (label.argument, match.argument, buffer.argument, buffer.value("timekey")) == (
        "@OUT",
        "**",
        "tag,time",
        "1d",
    )
    assert [(line, why) for _, line, why in reading.unfollowed] == [(6, "@include gone.yaml names no file")]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_is_shipped_has_no_trap(path: Path) -> None:
    if path.name.startswith("fluent-bit"):
        pytest.skip("Fluent Bit's configuration is another language")
    assert traps(read(path)) == []


def found_in(text: str, folder: Path) -> set[str]:
    (folder / "fluent.conf").write_text(text)
    return {trap.name for trap in traps(read(folder / "fluent.conf"))}


def test_more_children_do_not_make_several_threads_safe(root: Path, tmp_path: Path) -> None:
    text = (root / "plugin" / "fluentd" / "exec_filter.conf").read_text()
    two = text.replace("  child_respawn inf\n", "  child_respawn inf\n  num_children 2\n")
    assert found_in(two, tmp_path) == set()
    assert found_in(two.replace("flush_thread_count 1", "flush_thread_count 2"), tmp_path) == {"flush-threads"}


@pytest.mark.parametrize(
    "command",
    [
        'bash -c "exec doorlog run --to ecs 2>> /tmp/err"',
        "/bin/sh -ec 'doorlog run --to ecs' 2>> /tmp/err",
        "env A=b bash -lc \"/usr/bin/doorlog run --to 'ecs'\" 2>> /tmp/err",
        "cd /srv;doorlog run --to ecs 2>> /tmp/err",
        "sh -c 'cd /srv&&exec doorlog run --to ecs;sync' 2>> /tmp/err",
        "cat /srv/head - |doorlog run --to ecs 2>> /tmp/err",
    ],
)
def test_a_doorlog_in_a_shells_script_is_seen(command: str, root: Path, tmp_path: Path) -> None:
    text = (root / "plugin" / "fluentd" / "exec_filter.conf").read_text()
    shipped = "exec doorlog run --fluentd --to ecs --to ocsf 2>> /var/log/fluentd/doorlog.err"
    assert shipped in text
    assert found_in(text.replace(shipped, command), tmp_path) == {"not-a-child"}


def test_what_takes_the_events_of_an_unlabelled_child_is_looked_at(root: Path, tmp_path: Path) -> None:
    text = (root / "plugin" / "fluentd" / "exec_filter.conf").read_text().replace("  @label @DOORLOG\n", "")
    assert found_in(text + "<match **>\n  @type forward\n</match>\n", tmp_path) == {
        "missing-label",
        "no-ack",
        "memory-buffer",
        "overflow-action",
        "retry-end",
    }
    assert found_in(text + "<match nginx.**>\n  @type forward\n</match>\n", tmp_path) == {"missing-label"}


@pytest.mark.parametrize(
    ("timeout", "trap"), [("0", True), ("0s", True), ("0.0", True), ("20s", False), ("0.5", False)]
)
def test_a_timeout_of_nothing_is_one_without_end(timeout: str, trap: bool, root: Path, tmp_path: Path) -> None:
    text = (root / "plugin" / "fluentd" / "filter.conf").read_text()
    timed = text.replace("  reject_label", f"  timeout {timeout}\n  reject_label", 1)
    assert found_in(timed, tmp_path) == ({"no-timeout"} if trap else set())


def test_included_files_are_looked_into_and_traps_named_in_them(root: Path, tmp_path: Path) -> None:
    text = (root / "plugin" / "fluentd" / "exec_filter.conf").read_text()
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "doorlog.conf").write_text(text.replace("  child_respawn inf\n", ""))
    (tmp_path / "fluent.conf").write_text(
        "@include conf.d/*.conf\n@include gone.conf\n@include https://example.com/a.conf\n"
    )
    reading = Reading()
    reading.read(tmp_path / "fluent.conf")
    assert [(Path(trap.file).name, trap.name) for trap in traps(reading.root)] == [("doorlog.conf", "child-respawn")]
    assert [(line, why) for _, line, why in reading.unfollowed] == [
        (2, "@include gone.conf names no file"),
        (3, "@include https://example.com/a.conf is not on this machine"),
    ]


def test_a_pattern_may_match_nothing_in_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "fluent.conf").write_text("@include conf.d/*.conf\n@include gone.d/*.conf\n@include conf.d/{a,b}*\n")
    reading = Reading()
    reading.read(tmp_path / "fluent.conf")
    assert [line for _, line, _ in reading.unfollowed] == [2, 3]


def test_files_that_include_each_other_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "fluent.conf").write_text("@include fluent.conf\n")
    reading = Reading()
    reading.read(tmp_path / "fluent.conf")
    assert [why for _, _, why in reading.unfollowed] == ["@include fluent.conf goes round"]


def test_values_are_read_as_fluentd_reads_them(tmp_path: Path) -> None:
    (tmp_path / "fluent.conf").write_text(
        "# a comment\n"
        "<match a.** b>  # behind a section\n"
        "\t@type\tfile # behind a value\n"
        '  quoted "a # b"  # c\n'
        '  array ["one",\n    "two"]\n'
        '  long "first\n  second"\n'
        "  <buffer tag, time>\n"
        "  </buffer>\n"
        "</match>\n"
        "</label>\n"
        "<label @X>\n"
    )
    reading = Reading()
    reading.read(tmp_path / "fluent.conf")
    match, label = reading.root.sections
    assert (match.argument, match.type, match.value("quoted")) == ("a.** b", "file", "a # b")
    assert match.value("array") == '["one",\n    "two"]'
    assert match.value("long") == "first\n  second"
    assert [(section.name, section.argument, section.line) for section in match.sections] == [
        ("buffer", "tag, time", 9)
    ]
    assert label.argument == "@X"
    assert [(line, why) for _, line, why in reading.unfollowed] == [
        (12, "</label> closes what is not open"),
        (13, "<label> is never closed"),
    ]


@pytest.mark.parametrize(
    ("pattern", "tag", "taken"),
    [
        ("doorlog.ecs", "doorlog.ecs", True),
        ("doorlog.ecs", "doorlog.ecs.x", False),
        ("doorlog.*", "doorlog.ecs", True),
        ("doorlog.*", "doorlog", False),
        ("doorlog.**", "doorlog", True),
        ("doorlog.**", "doorlogs", False),
        ("**", "anything.at.all", True),
        ("**.ecs", "ecs", True),
        ("doorlog.{ecs,ocsf}", "doorlog.ocsf", True),
        ("doorlog.{ecs,ocsf}", "doorlog.reject", False),
        ("a b doorlog.ecs", "doorlog.ecs", True),
    ],
)
def test_patterns_take_the_tags_that_fluentd_gives_them(pattern: str, tag: str, taken: bool) -> None:
    assert takes(pattern, tag) is taken
