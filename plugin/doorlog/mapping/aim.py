"""What a mapping writes to: its target, with the class of a section, the profiles and the fields that it names."""

from __future__ import annotations

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError
from doorlog.mapping import model as m
from doorlog.mapping.parse_expr import hint
from doorlog.targets import FIELD_TYPES, Target, UnknownTargetError, load


def target_of(mapping: m.Mapping, section: m.Section) -> Target:
    """The target of a section; raises MappingError where the mapping names a version, class or profile that isn't."""
    said = mapping.target
    assert said is not None, "a mapping without a target is only extended"
    name, _, version = str(said.value).partition("@")
    try:
        plain = load(name, version or None, section.name or None)
    except UnknownTargetError as error:
        of_class = section.name and (repr(section.name) in str(error) or "neither classes" in str(error))
        mark, code = (section.mark, "unknown-class") if of_class else (said.mark, "unknown-target")
        raise MappingError([mark.finding(code, str(error))]) from None
    findings = _own_fields(mapping, plain)
    if findings:
        raise MappingError(findings)
    own = tuple((path, str(field.type.value), field.array) for path, field in mapping.fields.items())
    profiles = frozenset(str(profile.value) for profile in mapping.profiles)
    try:
        return load(name, version or None, section.name or None, profiles, own)
    except UnknownTargetError as error:
        raise MappingError([mapping.profiles[0].mark.finding("unknown-profile", str(error))]) from None


def _own_fields(mapping: m.Mapping, target: Target) -> list[Finding]:
    """Fields of one's own stand below a name that the target leaves free, and have a type of the target's."""
    findings = []
    what = target.name.upper()
    for path, field in mapping.fields.items():
        top = path.split(".")[0]
        above = next((other for other in mapping.fields if path.startswith(f"{other}.")), None)
        if target.name != "ecs":
            said = (
                f"{what} has no place for own fields; `metadata.labels`, `enrichments` and `unmapped` hold such things"
            )
        elif not all(path.split(".")) or " " in path:
            said = "a field's path is made of names with dots between them, as `acme.team`"
        elif target.attribute(top) is not None:
            said = f"{top!r} is a name of {what}; fields of your own stand below a name of yours, as `acme.team`"
        elif above is not None:
            said = f"{path} is part of {above}, which is declared, too"
        elif field.type.value not in FIELD_TYPES:
            said = (
                f"{field.type.value!r} is no type{hint(str(field.type.value), FIELD_TYPES)} ({', '.join(FIELD_TYPES)})"
            )
            findings.append(field.type.mark.finding("own-field", said))
            continue
        else:
            continue
        findings.append(field.mark.finding("own-field", said))
    return findings
