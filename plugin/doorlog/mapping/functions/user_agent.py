"""What a client's user agent tells of the program and the device, by the patterns of the ua-parser project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from doorlog.mapping.functions.function import Example, Function, NotReadyError

_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"
_PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Mobile/15E148 Safari/604.1"
)
MOST = 2048
"""A longer text tells nothing: none that a browser sends is so long."""


class UserAgent(NamedTuple):
    """What is known of a client; None for what isn't."""

    name: str | None
    version: str | None
    device: str | None
    os_name: str | None
    os_version: str | None


def user_agent(text: str) -> UserAgent:
    """What a user agent tells."""
    if len(text) > MOST:
        return _NOTHING
    try:
        parsed = _parser().parse(text)
    except UnicodeEncodeError:  # half of a surrogate pair, which is no text
        return _NOTHING
    program, system, device = parsed.user_agent, parsed.os, parsed.device
    return UserAgent(
        program.family if program else None,
        _version(program.major, program.minor, program.patch, program.patch_minor) if program else None,
        device.family if device else None,
        system.family if system else None,
        _version(system.major, system.minor, system.patch, system.patch_minor) if system else None,
    )


_NOTHING = UserAgent(None, None, None, None, None)


def of_texts(known: Mapping[str, UserAgent]) -> dict[str, Function]:
    """The functions by their names, that know these user agents alone."""

    def whole(text: str) -> UserAgent:
        return known.get(text, _NOTHING)

    return {
        one.name: replace(one, call=lambda text, at=one.part: whole(text)[at], whole=whole, ready=None)
        for one in FUNCTIONS
    }


def _version(*parts: str | None) -> str | None:
    given: list[str] = []
    for part in parts:
        if not part:
            break
        given.append(part)
    return ".".join(given) or None


@cache
def _parser() -> Any:
    try:
        from ua_parser import Parser
        from ua_parser.loaders import load_lazy_builtins
        from ua_parser.regex import Resolver
    except ImportError:
        raise NotReadyError("user agents need ua-parser: pip install 'doorlog[user-agent]'") from None
    return Parser(Resolver(load_lazy_builtins()))


def _get(at: int) -> Callable[[str], str | None]:
    def call(value: str) -> str | None:
        return user_agent(value)[at]

    return call


def _function(part: str, what: str, of_firefox: str | None, of_phone: str) -> Function:
    at = UserAgent._fields.index(part)
    return Function(
        f"user_agent_{part}",
        f"{what} of a user agent; it comes with `doorlog[user-agent]`.",
        _get(at),
        "text",
        (Example(_FIREFOX, of_firefox), Example(_PHONE, of_phone), Example("signin.amazonaws.com", None)),
        "it is none that is known, or doesn't tell",
        memo=True,
        whole=user_agent,
        part=at,
        ready=_parser,
        outside=True,
    )


FUNCTIONS = (
    _function("name", "The program", "Firefox", "Mobile Safari"),
    _function("version", "The program's version", "127.0", "17.5"),
    _function("device", "The device", None, "iPhone"),
    _function("os_name", "The operating system", "Linux", "iOS"),
    _function("os_version", "The operating system's version", None, "17.5"),
)
