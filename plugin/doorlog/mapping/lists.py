"""Lists beside a mapping, such as a company's accounts and people, as tables: one for each of their columns.

A CSV file has names in its first row; the first column, or the one that `key` names, is what is looked up. A YAML file
holds values by what is looked up, or maps of values. The column `team` of a list `accounts` is the table
`accounts.team`.
Lists are read when the mapping is loaded, and only from the mapping's own folder or below it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from doorlog.diagnostics import Finding
from doorlog.errors import MappingError
from doorlog.mapping import model as m
from doorlog.mapping.parse import File, ListFile
from doorlog.mapping.parse_expr import constant, hint
from doorlog.mapping.strict_yaml import Map, Mark, Refused, Scalar
from doorlog.mapping.strict_yaml import load as load_yaml

MAX_BYTES = 16 * 1024 * 1024
MAX_ROWS = 50_000

Table = dict[str, m.Const]


def add(file: File) -> None:
    """Puts the lists that a mapping file names among its tables; raises MappingError with all that can't be read."""
    findings: list[Finding] = []
    for name, listed in file.lists.items():
        try:
            _add(file, name, listed)
        except Refused as refused:
            findings.append(refused.finding)
        except MappingError as error:
            findings += error.findings
    if findings:
        # Two lists may be of the same file, and what is wrong in it is told once.
        raise MappingError(list(dict.fromkeys(findings)))


def _add(file: File, name: str, listed: ListFile) -> None:
    text = _text(listed, Path(file.mark.file).parent)
    suffix = Path(listed.file).suffix.lower()
    shown = str(Path(file.mark.file).parent / listed.file)
    found = _of_csv(text, shown, listed) if suffix == ".csv" else _of_yaml(text, shown)
    for column, rows in found.items():
        table = f"{name}.{column}" if column else name
        if table in file.tables:
            raise Refused(listed.mark, "bad-list", f"there is a table {table!r} in this mapping, too")
        file.tables[table] = dict(rows)
        file.table_marks[table] = listed.mark


def _text(listed: ListFile, folder: Path) -> str:
    """The text of a list, which stands in the mapping's folder or below it."""
    path = folder / listed.file
    if Path(listed.file).suffix.lower() not in (".csv", ".yaml", ".yml"):
        raise Refused(listed.mark, "bad-list", f"{listed.file} is neither CSV (.csv) nor YAML (.yaml, .yml)")
    inside = not Path(listed.file).is_absolute() and path.resolve().is_relative_to(folder.resolve())
    if not inside:
        raise Refused(listed.mark, "bad-list", f"{listed.file} is not in the folder of the mapping, nor below it")
    if not path.is_file():
        raise Refused(listed.mark, "bad-list", f"there is no file {listed.file} beside the mapping")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused(listed.mark, "bad-list", f"{listed.file} is longer than {MAX_BYTES} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Mark(str(path), 1, 1), "bad-list", "a list is UTF-8 text") from None
    except OSError as error:
        raise Refused(listed.mark, "bad-list", f"can't read {listed.file}: {error.strerror}") from None


def _of_csv(text: str, shown: str, listed: ListFile) -> dict[str, Table]:
    rows = _rows(text, shown)
    head, marks = next(rows, ([], []))
    if len(head) < 2 or "" in head or len(set(head)) < len(head):
        raise Refused(Mark(shown, 1, 1), "bad-list", "the first row has the names of two columns or more, each once")
    if listed.key is not None and listed.key not in head:
        said = f"there is no column {listed.key!r} in {listed.file}{hint(listed.key, head)} ({', '.join(head)})"
        raise Refused(listed.mark, "bad-list", said)
    at = 0 if listed.key is None else head.index(listed.key)
    tables: dict[str, Table] = {column: {} for column in head if column != head[at]}
    seen: set[str] = set()
    for cells, marks in rows:
        if len(cells) != len(head):
            raise Refused(marks[0], "bad-list", f"this row has {len(cells)} columns, and the first one {len(head)}")
        key = cells[at]
        if not key or key in seen:
            said = f"{key!r} stands in {head[at]!r} twice" if key else f"{head[at]!r} is empty here"
            raise Refused(marks[at], "bad-list", said)
        if len(seen) == MAX_ROWS:
            raise Refused(marks[0], "bad-list", f"a list has {MAX_ROWS} rows at the most")
        seen.add(key)
        for column, cell, mark in zip(head, cells, marks, strict=True):
            if column in tables and cell:
                tables[column][key] = m.Const(cell, mark)
    return tables


def _rows(text: str, shown: str) -> Iterator[tuple[list[str], list[Mark]]]:
    """The rows of a CSV file that aren't empty, trimmed, with the place of each cell."""
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, strict=True)
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Refused(Mark(shown, start, 1), "bad-list", f"this is no CSV: {error}") from None
        if cells is None:
            return
        quoted = any('"' in line for line in lines[start - 1 : reader.line_num])
        marks, column = [], 1
        for cell in cells:
            blanks = len(cell) - len(cell.lstrip())
            marks.append(Mark(shown, start, 1 if quoted else column + blanks))
            column += len(cell) + 1
        start = reader.line_num + 1
        if any(cell.strip() for cell in cells):
            yield [cell.strip() for cell in cells], marks


def _of_yaml(text: str, shown: str) -> dict[str, Table]:
    top = load_yaml(text, shown)
    tables: dict[str, Table] = {}
    deep = any(isinstance(value, Map) for value in top.entries.values())
    for key, value in top:
        columns = value.entries if isinstance(value, Map) else {"": value}
        if deep != isinstance(value, Map):
            raise Refused(value.mark, "bad-list", "a list holds maps, or it holds values, but not both")
        for column, cell in columns.items():
            if not isinstance(cell, Scalar):
                raise Refused(cell.mark, "bad-list", "a value in a list is a text, true or false")
            if cell.value not in (None, ""):
                tables.setdefault(column, {})[key] = m.Const(constant(cell), cell.mark)
    return tables
