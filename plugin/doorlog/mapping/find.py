"""Finds mapping files: by path, or by name in folders of one's own, among the shipped ones, and in installed packs.

A pack is an installed distribution with an entry point of the group `doorlog.mappings`, whose value names the package
that holds the YAML files. The package is located and never imported, so no code of a pack is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

from doorlog import resources
from doorlog.diagnostics import Finding
from doorlog.errors import MappingError, UsageError
from doorlog.mapping import lists
from doorlog.mapping.parse import NAME, File, parse
from doorlog.mapping.parse_expr import hint
from doorlog.mapping.strict_yaml import Refused
from doorlog.targets import WrongTableError, look_into

PACKS = "doorlog.mappings"
SUFFIXES = (".yaml", ".yml")


def names(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """Every mapping that can be asked for by name: those in the folders given, the shipped ones, those of packs."""
    found: dict[str, Path] = {}
    for folder in _folders(folders):
        for file in sorted(file for suffix in SUFFIXES for file in folder.glob(f"*{suffix}")):
            if _is_in(file, folder):
                found.setdefault(file.stem, file)
    return found


def is_ours(file: str) -> bool:
    """Whether this is a mapping file that came with Doorlog or a pack, and not one of who asks."""
    return any(Path(file).parent == folder for folder in (resources.folder("mappings"), *packs().values()))


@cache
def packs() -> Mapping[str, Path]:
    """The folders of the installed packs, by the names of their entry points."""
    # Costs more than all else at start, and most never need it.
    from importlib.metadata import entry_points

    found = {point.name: _folder_of(point.value) for point in entry_points(group=PACKS)}
    return {name: found[name] for name in sorted(found) if found[name] is not None}  # type: ignore[misc]


def _folder_of(package: str) -> Path | None:
    """The folder of a package, found as an import would find it, but without importing even those around it."""
    places: Iterable[str] | None = None
    name = ""
    for part in package.split("."):
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, None if places is None else list(places))
        places = spec.submodule_search_locations if spec else None
        if places is None:
            return None
    return next((folder for folder in map(Path, places or ()) if folder.is_dir()), None)


def _folders(given: Sequence[Path]) -> Iterator[Path]:
    yield from given
    yield resources.folder("mappings")
    # Last, so that installing a pack never changes what the name of a shipped mapping means.
    yield from packs().values()


def _sources(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    """The files of that name, in the order in which folders are looked through."""
    if re.fullmatch(NAME, name):
        for folder in _folders(folders):
            files = (folder / f"{name}{suffix}" for suffix in SUFFIXES)
            yield from (file for file in files if _is_in(file, folder))


def _is_in(file: Path, folder: Path) -> bool:
    return file.is_file() and file.resolve().is_relative_to(folder.resolve())


class Stack(NamedTuple):
    """The files of a mapping and of all that it extends, in the order in which they count, the last over all others."""

    name: str
    files: Sequence[File]
    asked: frozenset[str]
    """The names of the files that were asked for, and not found as what others extend."""


def stack(wanted: str, folders: Sequence[Path] = ()) -> Stack:
    """The stack of a mapping that is asked for.

    `wanted` is a name, the path of a YAML file (beside which further mappings are found by name, too), or several of
    these with `+` between them, each counting over those before it; the first gives the name. Raises UsageError if
    there is no such mapping, and MappingError if there is something wrong in a file.
    """
    files: list[File] = []
    asked: list[File] = []
    for one in [wanted] if Path(wanted).is_file() else wanted.split("+"):
        near = (Path(one).parent, *folders) if one.endswith(SUFFIXES) else folders
        asked.append(_read(_named(one, folders)))
        _gather(asked[-1], near, (), files)
    return Stack(asked[0].name, files, frozenset(file.mark.file for file in asked))


def _named(name: str, folders: Sequence[Path]) -> Path:
    if name.endswith(SUFFIXES):
        if not Path(name).is_file():
            raise UsageError(f"there is no mapping file {name}")
        return Path(name)
    found = next(_sources(name, folders), None)
    if found is None:
        known = names(folders)
        file = next((f"{name}{suffix}" for suffix in SUFFIXES if Path(f"{name}{suffix}").is_file()), None)
        here = f"; the file that is here is {file!r}" if file is not None else hint(name, known)
        raise UsageError(f"there is no mapping {name!r}{here}; there are {', '.join(sorted(known))}")
    return found


def _read(file: Path) -> File:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        lines = file.read_bytes()[: error.start].decode("utf-8", "replace").split("\n")
        place = Finding(str(file), len(lines), len(lines[-1]) + 1, "bad-yaml", "a mapping file is UTF-8 text")
        raise MappingError([place]) from None
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from None
    found = parse(text, str(file))
    try:
        lists.add(found)
        look_into(file.parent / "targets")
    except Refused as refused:
        raise MappingError([refused.finding]) from None
    except WrongTableError as error:
        raise UsageError(str(error)) from None
    return found


def _gather(file: File, folders: Sequence[Path], above: tuple[str, ...], into: list[File]) -> None:
    """Adds a file behind what it extends; each file counts once, at the first place where it is named.

    A file may extend another of its own name that comes later in the order of the folders, such as a shipped one.
    """
    above = (*above, file.mark.file)
    for extended in file.extends:
        name = str(extended.value)
        source = next((path for path in _sources(name, folders) if str(path) not in above), None)
        if source is None and next(_sources(name, folders), None) is not None:
            raise MappingError([extended.mark.finding("extends-itself", f"{name!r} would extend itself")])
        if source is None:
            near = f"; the version goes to `target: {name}`" if "@" in name else hint(name, names(folders))
            said = f"there is no mapping {name!r} to extend{near}"
            raise MappingError([extended.mark.finding("unknown-mapping", said)])
        if all(str(source) != other.mark.file for other in into):
            _gather(_read(source), folders, above, into)
    if all(file.mark.file != other.mark.file for other in into):
        into.append(file)
