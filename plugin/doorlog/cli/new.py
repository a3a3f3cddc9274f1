"""`doorlog new`: a mapping to start from, with its tests."""

from __future__ import annotations

import re
from pathlib import Path

import click

from doorlog.cli.exits import Exit
from doorlog.cli.options import SETTINGS, mapping_dirs
from doorlog.cli.show import show
from doorlog.errors import OutputFailed, UsageError
from doorlog.log import visible
from doorlog.mapping.find import SUFFIXES
from doorlog.mapping.parse import NAME
from doorlog.resources import folder

EPILOG = """\b
Examples:
  doorlog new our-signin
  doorlog new --extends ocsf mappings/our-ocsf.yaml
  doorlog new --target cim our-cim
"""


def _templates() -> Path:
    return folder("mappings") / "templates"


def targets() -> list[str]:
    """The targets that a whole mapping can be written for."""
    return sorted(file.stem.removeprefix("whole-") for file in _templates().glob("whole-*.yaml"))


@click.command("new", epilog=EPILOG, context_settings=SETTINGS)
@click.argument("name", metavar="NAME")
@click.option("--extends", "base", metavar="MAPPING", help="Mapping that the new one adds to; ecs if none is named.")
@click.option("--target", type=click.Choice(targets()), help="Write a mapping of its own for this target instead.")
@mapping_dirs
def command(name: str, base: str | None, target: str | None, mapping_dir: tuple[Path, ...]) -> Exit:
    """Write a mapping to start from, with tests, that passes check and test.

    NAME is the mapping's name, for a file NAME.yaml here, or the path of a file that ends in .yaml. A file that is
    there already is left alone.
    """
    if base is not None and target is not None:
        raise UsageError("--extends adds to a mapping, and --target writes one of its own; name one of the two")
    base = base or "ecs"
    file = Path(name if name.endswith(SUFFIXES) else f"{name}.yaml")
    if not re.fullmatch(NAME, file.stem):
        raise UsageError(f"a mapping's name is made of letters, digits, `.`, `_` and `-`, and {file.stem!r} is not")
    text = _filled(_template(base, target, mapping_dir), file, base, target)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise UsageError(f"{file} is there already; name another file") from None
    except FileNotFoundError:
        raise UsageError(f"there is no folder {file.parent}; make it first") from None
    except OSError as error:
        raise OutputFailed(f"can't write {file}: {error.strerror}") from None
    show(f"{visible(str(file))}: written; doorlog test {visible(str(file))} runs its tests")
    return Exit.FINE


def _template(base: str, target: str | None, folders: tuple[Path, ...]) -> str:
    """The template: of its own for a target, or of what is added to a mapping, by that one's target."""
    if target is not None:
        return (_templates() / f"whole-{target}.yaml").read_text("utf-8")
    from doorlog.mapping.load import load

    if not re.fullmatch(NAME, base) or base.endswith(SUFFIXES):
        raise UsageError("--extends takes the name of a mapping; the folder of one of yours goes to --mapping-dir")
    mapping = load(base, folders)
    wanted = str(mapping.target.value).partition("@")[0] if mapping.target is not None else ""
    files = (_templates() / f"overlay-{wanted}.yaml", _templates() / "overlay.yaml")
    return next(file for file in files if file.is_file()).read_text("utf-8")


def _filled(template: str, file: Path, base: str, target: str | None) -> str:
    words = {"NAME": file.stem, "BASE": base, "FILE": str(file), "TARGET": (target or "").upper()}
    return re.sub(r"\b(NAME|BASE|FILE|TARGET)\b", lambda found: words[found[1]], template)
