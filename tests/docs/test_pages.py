"""The documents lead somewhere, and hold nothing of the machine that they were written on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, fences, pages

LINK = re.compile(r"\[[^\]]*\]\((?P<to>[^)\s]+)\)")
ABSOLUTE = re.compile(r"(?<![\w./:*~>$\"-])/[a-z]+(?:/[\w.-]+)+")
"""A path from the top of a file system, and no part of a URL, a relative path or an ARN."""
OF_A_SERVER = ("/var/lib/fluentd/", "/var/log/fluentd/", "/etc/fluent/", "/dev/")
HOST = re.compile(r"https?://([^/\s)`\"']+)")
DOCUMENTATION = {
    "console.aws.amazon.com",
    "docs.aws.amazon.com",
    "keepachangelog.com",
    "schema.ocsf.io",
    "semver.org",
    "www.elastic.co",
}

ALL = pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())


def anchor(heading: str) -> str:
    """The name under which a heading can be linked to."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def headings(page: Path) -> set[str]:
    text = page.read_text("utf-8")
    for fence in fences(page):
        text = text.replace(fence.text, "")
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", text, re.M)}


@ALL
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    broken = []
    for match in LINK.finditer(page.read_text("utf-8")):
        to, _, heading = match["to"].partition("#")
        if to.startswith(("https://", "http://")):
            continue
        target = (page.parent / to) if to else page
        if not target.exists() or (heading and heading not in headings(target)):
            broken.append(match["to"])
    assert broken == []


@ALL
def test_pages_name_no_path_of_a_machine_and_only_hosts_with_documentation(page: Path) -> None:
    text = page.read_text("utf-8")
    # Records and their events name the hosts that AWS writes there.
    for fence in fences(page, "json") if page.name == "events.md" else ():
        text = text.replace(fence.text, "")
    assert [path for path in ABSOLUTE.findall(text) if not path.startswith(OF_A_SERVER)] == []
    assert {host for host in HOST.findall(text) if not host.endswith(".example")} <= DOCUMENTATION


def test_the_readme_leads_to_each_page_for_users() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    wanted = [page.relative_to(ROOT).as_posix() for page in [*ROOT.glob("docs/*.md"), *ROOT.glob("*.md")]]
    assert [name for name in wanted if name != "README.md" and f"]({name})" not in text] == []
