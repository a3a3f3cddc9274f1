"""What a mapping writes to: a target and its version, with the class of a section, the profiles and the own fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.mapping import model as m
from doorlog.mapping.find import SUFFIXES
from doorlog.mapping.parse import File
from doorlog.mapping.parse_expr import hint
from doorlog.targets import FIELD_TYPES, Target, UnknownTargetError, load, version_of


def asked(wanted: str) -> tuple[str, str | None]:
    """What is asked for without the version of the target that is asked for with it: `ocsf@1.1.0`, `ecs@8.11+own.yaml`.

    Raises UsageError where two versions are asked for at once.
    """
    if Path(wanted).is_file() or "@" not in wanted:
        return wanted, None
    names, versions = [], set()
    for one in wanted.split("+"):
        name, at, version = ("", "", one) if one.endswith(SUFFIXES) else one.rpartition("@")
        names.append(name if at else version)
        versions |= {version} if at else set()
    if len(versions) > 1:
        raise UsageError(f"{wanted} asks for several versions: {', '.join(sorted(versions))}")
    return "+".join(names), versions.pop() if versions else None


def at(mapping: m.Mapping, version: str) -> m.Mapping:
    """The mapping, to write another version of its target; raises UsageError if there is none."""
    if mapping.target is None:
        raise UsageError(f"the mapping {mapping.name!r} has no target, so it has no version {version!r} of one")
    name = str(mapping.target.value).partition("@")[0]
    try:
        exact = version_of(name, version)
    except UnknownTargetError as error:
        raise UsageError(f"{mapping.name}@{version}: {error}") from None
    return replace(mapping, target=replace(mapping.target, value=f"{name}@{exact}"))


def versions_of(files: Iterable[File]) -> tuple[m.Const | None, dict[str, str]]:
    """The target of merged files, which is the last one's; and by file, the version that it was written for.

    A file that names no target was written for that of what it extends.
    """
    files = list(files)
    targets = {file.mark.file: _exact(file.target) for file in files if file.target is not None}
    if not targets:
        return None, {}
    version = str(next(iter(targets.values())).value).partition("@")[2]
    versions = {}
    for file in files:
        if file.mark.file in targets:
            version = str(targets[file.mark.file].value).partition("@")[2]
        versions[file.mark.file] = version
    return list(targets.values())[-1], versions


def _exact(said: m.Const) -> m.Const:
    """A target with its exact version; as it was, if there is no such target or version."""
    name, _, version = str(said.value).partition("@")
    try:
        return replace(said, value=f"{name}@{version_of(name, version or None)}")
    except UnknownTargetError:
        return said


def target_of(mapping: m.Mapping, section: m.Section) -> Target:
    """The target of a section; raises MappingError where the mapping names a version, class or profile that isn't.

    A profile that was named for another version is off where this one hasn't got it.
    """
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
    profiles = frozenset(
        str(profile.value)
        for profile in mapping.profiles
        if str(profile.value) in plain.applicable_profiles or not mapping.foreign(profile.mark.file)
    )
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
            said = f"{what} has no place for own fields"
            if target.name == "ocsf":
                said += "; `metadata.labels`, `enrichments` and `unmapped` hold such things"
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
