"""The parts of an http(s) URL, exactly as they stand in it."""

from __future__ import annotations

from doorlog.mapping.functions.function import Example, Function
from doorlog.mapping.network import URL_PARTS, url

_WHOLE = "https://console.aws.amazon.com/console/home?state=x#top"
_BARE = "https://console.aws.amazon.com"


def _function(part: str, summary: str, of_whole: str, of_bare: str | None) -> Function:
    at = URL_PARTS.index(part)

    def call(value: str) -> str | None:
        return url(value)[at]

    return Function(
        f"url_{part}",
        summary,
        call,
        "text",
        (Example(_WHOLE, of_whole), Example(_BARE, of_bare), Example("ftp://a.example/", None)),
        "it is no http(s) URL, or has no such part",
        whole=url,
        part=at,
        suits=f"url.{part}",
        shortens=True,
    )


FUNCTIONS = (
    _function("scheme", "The scheme of an http(s) URL.", "https", "https"),
    _function("domain", "The host of an http(s) URL.", "console.aws.amazon.com", "console.aws.amazon.com"),
    _function("path", "The path of an http(s) URL.", "/console/home", None),
    _function("query", "The query of an http(s) URL, without `?`.", "state=x", None),
    _function("fragment", "The fragment of an http(s) URL.", "top", None),
)
