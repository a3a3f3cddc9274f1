"""What tests state of all that is outside of the record and the mapping: networks, user agents and keys.

So they need no database, no package and no secret, and say the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from doorlog.mapping import model as m
from doorlog.mapping.functions.pseudonym import LEAST_KEY
from doorlog.mapping.functions.user_agent import UserAgent
from doorlog.mapping.network import not_a_network
from doorlog.mapping.outside import Outside
from doorlog.mapping.parse_expr import hint, text_of
from doorlog.mapping.strict_yaml import Map, Mark, Node, Refused
from doorlog.testing.values import plain_value

CODE = "bad-test"
"""Of every finding in tests: they stop no stream."""


def outside(node: Node | None, collect: Callable[[Callable[[], object]], None]) -> Outside:
    """What stands under `given`; `collect` runs what may raise Refused, for what can't be stated so."""
    found = Outside({}, {}, {})
    put: dict[str, Callable[[str, Node, Mark], None]] = {
        "networks": lambda name, value, at: found.networks.__setitem__(_network(name, at), _known(value)),
        "user_agents": lambda name, value, _: found.user_agents.__setitem__(name, _user_agent(value)),
        "keys": lambda name, value, at: found.keys.__setitem__(name, _key(value, at)),
    }
    if node is None:
        return found
    if not isinstance(node, Map):
        raise Refused(node.mark, CODE, f"`given` is a map of {', '.join(put)}")
    for part, said in node:
        if part not in put:
            raise Refused(node.keys[part], CODE, f"`given` has no {part!r}{hint(part, put)} ({', '.join(put)})")
        if not isinstance(said, Map):
            raise Refused(said.mark, CODE, f"`{part}` is a map of names, each with what is known of it")
        for name, value in said:
            collect(partial(put[part], name, value, said.keys[name]))
    return found


def _network(text: str, at: Mark) -> IPv4Network | IPv6Network:
    wrong = not_a_network(text)
    if wrong is not None:
        raise Refused(at, CODE, wrong)
    return ip_network(text)


def _known(node: Node) -> Any:
    if not isinstance(node, Map):
        said = "of a network, a database has a map, such as {country: {iso_code: NZ}}"
        raise Refused(node.mark, CODE, said)
    return plain_value(node, ("given",))


def _user_agent(node: Node) -> UserAgent:
    if not isinstance(node, Map):
        raise Refused(node.mark, CODE, "of a user agent, a map is known, such as {name: Firefox, os_name: Linux}")
    parts: dict[str, str | None] = dict.fromkeys(UserAgent._fields)
    for part, value in node:
        if part not in parts:
            raise Refused(node.keys[part], CODE, f"nobody tells {part!r}{hint(part, parts)} ({', '.join(parts)})")
        parts[part] = text_of(value, f"the {part} of a user agent")
    return UserAgent(**parts)


def _key(node: Node, at: Mark) -> m.Key:
    key = text_of(node, "a key of tests")
    if len(key.encode("utf-8", "replace")) < LEAST_KEY:
        raise Refused(node.mark, CODE, f"a key has at least {LEAST_KEY} bytes")
    return m.Key("text", key, at)
