"""What a mapping asks of the machine that it runs on: databases of addresses, a parser of user agents, secret keys.

Whoever judges or tests a mapping states all of it, so that the same comes of it on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from doorlog.mapping import model as m
from doorlog.mapping.functions import geoip, user_agent


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """All that is known beside the record and the mapping; a key that isn't stated is made of its name."""

    networks: dict[IPv4Network | IPv6Network, Any] = field(default_factory=dict)
    """What a database would have of each network."""
    user_agents: dict[str, user_agent.UserAgent] = field(default_factory=dict)
    keys: dict[str, m.Key] = field(default_factory=dict)


def told(mapping: m.Mapping, outside: Outside | None = None) -> m.Mapping:
    """The same mapping, told what is outside (nothing, if not stated); it asks nothing of the machine."""
    outside = outside or Outside()
    place = replace(geoip.FUNCTION, call=geoip.of_networks(outside.networks))
    keys = {
        name: outside.keys.get(name) or m.Key("text", f"the key {name} of tests", key.mark)
        for name, key in mapping.keys.items()
    }
    functions = {**mapping.functions, place.name: place, **user_agent.of_texts(outside.user_agents)}
    return replace(mapping, functions=functions, keys=keys)
