"""What a mapping writes to: its target, with the class of a section and the profiles that it names."""

from __future__ import annotations

from doorlog.errors import MappingError
from doorlog.mapping import model as m
from doorlog.targets import Target, UnknownTargetError, load


def target_of(mapping: m.Mapping, section: m.Section) -> Target:
    """The target of a section; raises MappingError where the mapping names a version, class or profile that isn't."""
    said = mapping.target
    assert said is not None, "a mapping without a target is only extended"
    name, _, version = str(said.value).partition("@")
    try:
        load(name, version or None, section.name or None)
    except UnknownTargetError as error:
        of_class = section.name and (repr(section.name) in str(error) or "neither classes" in str(error))
        mark, code = (section.mark, "unknown-class") if of_class else (said.mark, "unknown-target")
        raise MappingError([mark.finding(code, str(error))]) from None
    try:
        return load(name, version or None, section.name or None, frozenset(str(p.value) for p in mapping.profiles))
    except UnknownTargetError as error:
        raise MappingError([mapping.profiles[0].mark.finding("unknown-profile", str(error))]) from None
