"""`doorlog test`: the tests that stand in mappings, or beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doorlog.cli.exits import Exit
from doorlog.cli.options import SETTINGS, colour, mapping_dirs
from doorlog.cli.show import in_colour, show
from doorlog.errors import MappingError, OutputFailed, UsageError
from doorlog.log import visible

if TYPE_CHECKING:
    from doorlog.diagnostics import Finding
    from doorlog.testing.trying import Result

EPILOG = """\b
Examples:
  doorlog test our-signin.yaml
  doorlog test --update our-signin.yaml && git diff our-signin.yaml
  doorlog test --mapping-dir mappings --junit results.xml
"""


@click.command("test", epilog=EPILOG, context_settings=SETTINGS)
@click.argument("mappings", nargs=-1, metavar="[MAPPING]...")
@mapping_dirs
@click.option("--inherited", is_flag=True, help="Run the tests of the mappings that each extends by it, too.")
@click.option("--update", is_flag=True, help="Write what came into the tests; only what differs is changed.")
@click.option("--watch", is_flag=True, help="Run again whenever a file changes, until Ctrl-C.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), metavar="PATH", help="Write JUnit XML to a file, too."
)
@colour
def command(
    mappings: tuple[str, ...],
    mapping_dir: tuple[Path, ...],
    inherited: bool,
    update: bool,
    watch: bool,
    junit: Path | None,
    color: str,
) -> Exit:
    """Run the tests of mappings, by name or path; without a name those of each mapping in --mapping-dir.

    Tests stand under `tests:` in a mapping, or in tests/NAME.yaml beside it. Shows each that failed, with what was
    expected (-) and what came (+). Exits with 1 if one failed.
    """
    from doorlog.mapping.recognize import is_list, tested_by

    names = mappings or tuple(sorted(str(file) for folder in mapping_dir for file in folder.glob("*.y*ml")))
    # Of a file of tests, the mapping that it stands beside is meant.
    names = tuple(dict.fromkeys(tested_by(name) for name in names if mappings or not is_list(name)))
    if not names:
        raise UsageError("name a mapping to test, or a folder of them with --mapping-dir")

    def once() -> Exit:
        return _once(names, mapping_dir, inherited, update, junit, in_colour(color))

    if not watch:
        return once()
    from doorlog.testing.watching import changes

    folders = {Path(name).parent for name in names if Path(name).is_file()} | set(mapping_dir)
    changed = changes(sorted(folders))
    _told(once)
    for _ in changed:
        show("")
        _told(once)
    return Exit.FINE


def _told(once: object) -> None:
    """Runs all once; a mapping that is broken for the moment is told, and waited for."""
    try:
        once()  # type: ignore[operator]
    except MappingError as error:
        show("\n".join(visible(str(finding)) for finding in error.findings))
    except UsageError as error:
        show(visible(str(error)))


def _once(
    names: Sequence[str], folders: tuple[Path, ...], inherited: bool, update: bool, junit: Path | None, coloured: bool
) -> Exit:
    from doorlog.testing.report import as_junit, as_text

    found: dict[str, list[Result]] = {}
    for name in names:
        try:
            found[name] = _results(name, folders, inherited)
            if update and _updated(found[name]):
                found[name] = _results(name, folders, inherited)
        except (MappingError, UsageError) as error:
            if junit is not None:
                _write(junit, as_junit(found, {name: str(error)}))
            raise
        show(as_text(name, found[name], coloured))
    if junit is not None:
        _write(junit, as_junit(found))
    failed = any(result.differences for results in found.values() for result in results)
    return Exit.FOUND if failed else Exit.FINE


def _results(name: str, folders: tuple[Path, ...], inherited: bool) -> list[Result]:
    from doorlog.testing.trying import Trial

    try:
        trial = Trial(name, folders)
        suites = trial.suites(inherited)
        results = [trial.run(suite, case) for suite in suites for case in suite.cases]
    except MappingError as error:
        raise _with_errors(error, name, folders) from None
    if not results and (errors := _errors(name, folders)):
        raise MappingError(errors)
    for doubt in trial.doubts(suites):
        show(visible(str(doubt)))
    return results


def _with_errors(error: MappingError, name: str, folders: tuple[Path, ...]) -> MappingError:
    """The same with all errors of the mapping itself, which come before what is wrong in its tests."""
    whole = MappingError([*error.findings, *_errors(name, folders)])
    whole.findings.sort(key=lambda finding: finding.severity != "error")
    return whole


def _errors(name: str, folders: tuple[Path, ...]) -> list[Finding]:
    """What keeps a mapping from being used, whether it has tests or not."""
    from doorlog.mapping.examine import examine

    return [finding for finding in examine(name, folders) if finding.severity == "error"]


def _updated(results: list[Result]) -> bool:
    """Writes the files of tests anew; False if there was nothing to write."""
    from doorlog.testing.rewriting import rewritten

    changed = False
    for file in dict.fromkeys(result.suite.file for result in results):
        text = file.read_text("utf-8")
        anew = rewritten(text, [result for result in results if result.suite.file == file])
        if anew != text:
            _write(file, anew.encode())
            show(f"{visible(str(file))}: written anew")
            changed = True
    return changed


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise OutputFailed(f"can't write {file}: {error.strerror}") from None
