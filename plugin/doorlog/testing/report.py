"""How tests went, for people and as JUnit XML for machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from xml.etree import ElementTree

import click

from doorlog.explain.lines import place
from doorlog.log import visible
from doorlog.testing.subject import Difference
from doorlog.testing.trying import Result
from doorlog.testing.values import wanted, written

Paint = Callable[..., str]


def as_text(name: str, results: Sequence[Result], colour: bool = False) -> str:
    """The tests that failed, each with what differs, and how many there were."""
    paint: Paint = click.style if colour else (lambda text, **_style: str(text))
    failed = [result for result in results if result.differences]
    lines = [line for result in failed for line in _failed(result, paint)]
    if not results:
        return f"{visible(name)}: no tests"
    counts = f"{len(results)} {'test' if len(results) == 1 else 'tests'}"
    ending = paint(f"{len(failed)} failed", fg="red") if failed else paint("all passed", fg="green")
    return "\n".join([*lines, f"{visible(name)}: {counts}, {ending}"])


def _failed(result: Result, paint: Paint) -> Iterator[str]:
    mark = result.case.mark
    where = f"{visible(mark.file)}:{mark.line}:{mark.column}"
    yield f"{paint(where, bold=True)}: {visible(result.case.name)}"
    for difference in result.differences:
        yield from (f"  {line}" for line in _difference(difference, paint))


def _difference(one: Difference, paint: Paint) -> Iterator[str]:
    if one.expected is None:
        yield f"{visible(one.what)} {visible(one.said)}"
        return
    rule = f", written at {place(one.rule)}" if one.rule is not None else ""
    yield f"{visible(one.what)} (line {one.mark.line}{visible(rule)})"
    yield paint(f"  - {visible(shown(wanted(one.expected.want)))}", fg="red")
    yield paint(f"  + {visible(shown(one.got))}", fg="green")


def shown(value: object) -> str:
    """A value as a test would say it."""
    return "nothing" if value in (None, "", [], {}) else written(value)


def as_junit(of: Mapping[str, Sequence[Result]], broken: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """The results by mapping as JUnit XML, with an error for each mapping that can't be tested, and why."""
    root = ElementTree.Element("testsuites", name="doorlog test")
    for name, results in of.items():
        suite = ElementTree.SubElement(root, "testsuite", name=visible(name))
        suite.attrib |= {
            "tests": str(len(results)),
            "failures": str(sum(bool(result.differences) for result in results)),
            "errors": "0",
            "time": f"{sum(result.seconds for result in results):.3f}",
        }
        for result in results:
            mark = result.case.mark
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=visible(name),
                name=visible(result.case.name),
                file=visible(mark.file),
                line=str(mark.line),
                time=f"{result.seconds:.3f}",
            )
            if result.differences:
                told = "\n".join(click.unstyle(line) for line in _failed(result, lambda text, **_style: str(text)))
                first = result.differences[0]
                failure = ElementTree.SubElement(case, "failure", message=f"{visible(first.what)} differs")
                failure.text = told
    for name, why in broken.items():
        counts = {"tests": "1", "failures": "0", "errors": "1", "time": "0.000"}
        suite = ElementTree.SubElement(root, "testsuite", {"name": visible(name), **counts})
        case = ElementTree.SubElement(suite, "testcase", classname=visible(name), name="the mapping and its tests load")
        error = ElementTree.SubElement(case, "error", message=visible(why.partition("\n")[0]))
        error.text = "\n".join(map(visible, why.splitlines()))
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
