"""What a target says of one of its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal[
    "text", "integer", "float", "boolean", "ip", "timestamp", "date", "geo_point", "object", "flattened", "any"
]
"""What one value has to be.

text        a str
integer     an int of 64 bits or less
float       a finite float (ECS takes an int too, OCSF doesn't)
boolean     True or False
ip          a str that is an IPv4 or IPv6 address
timestamp   an int, milliseconds since the epoch
date        a str, an RFC 3339 date and time with its offset
geo_point   a dict with `lat` and `lon`
object      a dict with the attributes that the target names for it
flattened   a dict with anything inside
any         whatever JSON has
"""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a target: a field of ECS, or an attribute of OCSF as a path from the class."""

    path: str
    kind: Kind
    array: bool
    """The value is a list, and the rest of this speaks of each of its elements."""
    type_name: str
    """The target's own name of the type: `keyword`, `hostname_t`; of an OCSF object, the object's name."""
    max_length: int | None = None
    pattern: str | None = None
    """A regular expression that the schema states; the guard holds the whole value to it."""
    bounds: tuple[int, int] | None = None
    """The least and the greatest integer."""
    values: Mapping[str, int | str] | None = None
    """The values of an enumeration but for deprecated ones: in OCSF by caption, in ECS each by itself."""
    sibling: str | None = None
    """Of an OCSF id, the path of the caption that goes with it."""
    caption_of: str | None = None
    """Of an OCSF caption, the path of the id that it goes with: the inverse of `sibling`."""
    required: bool = False
    """The object that holds this can't do without it."""
    deprecated: str | None = None
    """The version since which it is deprecated."""
    observable: int | None = None
    """The type id that an OCSF observable with this name has."""
    profile: str | None = None
    """The profile that brings the attribute in, if it's not always there."""


def child(path: str, name: str) -> str:
    """The path of `name` in the object at `path`; the path of the whole event is empty."""
    return f"{path}.{name}" if path else name
