"""Where an address is and whose it is, by databases in MaxMind's format."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Protocol, TypeAlias

from doorlog.mapping.functions.function import Example, NotReadyError, step
from doorlog.mapping.network import ip_text
from doorlog.mapping.values import MEMO_ENTRIES

VARIABLE = "DOORLOG_GEOIP"
"""The environment variable that names the databases, with `:` between them."""

Path: TypeAlias = tuple[str | int, ...]


def geoip(path: str) -> Callable[[str], Any]:
    """The function that gives what the first database that knows it has at a path, for an address.

    Raises NotReadyError where there are no databases, or one can't be read.
    """
    return _databases(os.environ.get(VARIABLE, "")).at(path)


def of_networks(networks: Mapping[IPv4Network | IPv6Network, Any]) -> Callable[[str], Callable[[str], Any]]:
    """The same of these networks alone, each with what is known of it; the smallest that knows something counts."""
    by_size = sorted(networks.items(), key=lambda network: -network[0].prefixlen)
    return _Databases([_Network(network, known) for network, known in by_size]).at


class _Reader(Protocol):
    def get(self, address: str) -> Any:
        """What is known of an address, None for nothing."""


@dataclass(frozen=True, slots=True)
class _Network:
    """A network as a database of its own."""

    network: IPv4Network | IPv6Network
    known: Any

    def get(self, address: str) -> Any:
        return self.known if ip_address(address) in self.network else None


class _Databases(dict[str, "tuple[Any, ...]"]):
    """What is known of addresses at the paths that are asked for; so many are remembered, and no record as a whole."""

    def __init__(self, readers: Sequence[_Reader]) -> None:
        super().__init__()
        self.paths: list[Path] = []
        self._readers = readers
        self._at: dict[str, Callable[[str], Any]] = {}

    def at(self, path: str) -> Callable[[str], Any]:
        """The function that gives what is known of an address at a path; the same each time."""
        if path not in self._at:
            number = len(self.paths)
            self.paths.append(tuple(int(key) if key.isascii() and key.isdigit() else key for key in path.split(".")))
            self.clear()
            self._at[path] = lambda address: self[address][number]
        return self._at[path]

    def __missing__(self, address: str) -> tuple[Any, ...]:
        records = [self._record(reader, address) for reader in self._readers] if ip_text(address) else []
        found = tuple(
            next((value for record in records if (value := _at(record, path)) is not None), None) for path in self.paths
        )
        if ip_text(address):
            if len(self) >= MEMO_ENTRIES:
                self.clear()
            self[address] = found
        return found

    def _record(self, reader: _Reader, address: str) -> Any:
        try:
            return reader.get(address)
        except (ValueError, OSError):  # an IPv6 address in a database of IPv4, or a damaged one
            return None


def _at(value: Any, path: Path) -> Any:
    """The text, number or truth value at a path; of a location, the point as ECS has it."""
    for key in path:
        if isinstance(value, dict):
            value = value.get(key)
        else:
            value = value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
    if isinstance(value, dict):
        point = {"lat": value.get("latitude"), "lon": value.get("longitude")}
        return point if all(isinstance(number, int | float) for number in point.values()) else None
    return value if isinstance(value, str | int | float) and value != "" else None


@cache
def _databases(said: str) -> _Databases:
    files = [file for file in said.split(os.pathsep) if file]
    if not files:
        raise NotReadyError(f"`geoip` needs databases: the environment variable {VARIABLE} names their files")
    try:
        import maxminddb
    except ImportError:
        raise NotReadyError("`geoip` needs maxminddb: pip install 'doorlog[geoip]'") from None
    readers = []
    for file in files:
        try:
            readers.append(maxminddb.open_database(file))
        except (OSError, ValueError, maxminddb.InvalidDatabaseError):
            raise NotReadyError(f"{VARIABLE} names {file}, which can't be read as a MaxMind database") from None
    return _Databases(readers)


FUNCTION = step(
    "geoip",
    "What databases in MaxMind's format have of an address at a path, such as `country.iso_code`; `location` is the"
    f" point as ECS has it. The environment variable `{VARIABLE}` names the files; `doorlog[geoip]` reads them.",
    geoip,
    "any",
    Example("203.0.113.5", "NZ", argument="country.iso_code"),
    Example("203.0.113.5", 64500, argument="autonomous_system_number"),
    Example("203.0.113.5", {"lat": -41.3, "lon": 174.8}, argument="location"),
    Example("203.0.113.5", None, argument="city.names.xx"),
    Example("AWS Internal", None, argument="country.iso_code"),
    fails="no database has a value there, or it is no address",
    argument="text",
    makes=True,
    outside=True,
)
