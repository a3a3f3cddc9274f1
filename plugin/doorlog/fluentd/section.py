"""One section of Fluentd's configuration, in which everything knows its file and line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Parameter(NamedTuple):
    """One value, with the place of its key."""

    value: str
    file: str
    line: int


@dataclass(slots=True)
class Section:
    """One `<name argument>`, or the whole configuration (with the name `ROOT`)."""

    name: str
    argument: str
    file: str
    line: int
    parameters: dict[str, Parameter] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)

    def of(self, *names: str) -> list[Section]:
        """The sections of these names that stand directly in this one."""
        return [section for section in self.sections if section.name in names]

    def value(self, key: str, default: str = "") -> str:
        """The value of a parameter."""
        return self.parameters[key].value if key in self.parameters else default

    @property
    def type(self) -> str:
        """Which plugin it configures."""
        return self.value("@type") or self.value("type")
