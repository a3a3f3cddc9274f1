"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files are rewritten on request, to be read in the diff afterwards."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files instead of comparing")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with published records and official schemas, which stands beside the checkout where it exists."""
    folder = Path(os.environ.get("DOORLOG_SHARED", ROOT.parent / "shared"))
    if not (folder / "samples").is_dir():
        pytest.skip(f"no published records: no {folder.name}/samples beside the checkout; DOORLOG_SHARED can name it")
    return folder


@pytest.fixture(scope="session")
def geoip_databases(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two databases in MaxMind's format with two invented networks, as the environment names them."""
    from mmdb_writer import MMDBWriter
    from netaddr import IPSet

    place = {
        "continent": {"code": "OC", "names": {"en": "Oceania"}},
        "country": {"iso_code": "NZ", "names": {"en": "New Zealand", "de": "Neuseeland"}},
        "subdivisions": [{"iso_code": "WGN", "names": {"en": "Wellington"}}],
        "city": {"names": {"en": "Wellington"}},
        "location": {"latitude": -41.3, "longitude": 174.8, "time_zone": "Pacific/Auckland"},
    }
    system = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Net"}
    folder = tmp_path_factory.mktemp("geoip")
    for name, value in (("city", place), ("asn", system)):
        writer = MMDBWriter(6, f"Example-{name}", ipv4_compatible=True, int_type="u32")
        writer.insert_network(IPSet(["203.0.113.0/24", "2001:db8::/32"]), value)
        writer.to_db_file(str(folder / f"{name}.mmdb"))
    return f"{folder / 'city.mmdb'}{os.pathsep}{folder / 'asn.mmdb'}"


@pytest.fixture
def geoip(geoip_databases: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the databases of addresses."""
    monkeypatch.setenv("DOORLOG_GEOIP", geoip_databases)
