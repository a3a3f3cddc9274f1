"""What can be found in a mapping: each finding has a place, a code that stays, and a sentence that says what to do.

`docs/diagnostics.md` has a section for each code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]

ERRORS: Mapping[str, str] = {
    # The file as YAML
    "bad-yaml": "The file can't be read as one document of UTF-8 YAML.",
    "too-large": "The file is longer, or nested deeper, than a mapping may be.",
    "duplicate-key": "A key stands twice in the same map.",
    "yaml-alias": "An anchor, an alias or a merge key.",
    "yaml-tag": "A tag other than `!remove`, or `!remove` with something behind it.",
    "yaml-key": "A key that is no plain text.",
    # Its parts
    "missing-name": "The mapping doesn't say its name.",
    "bad-name": "A name with other characters than such a name may have.",
    "unknown-key": "A key that has no meaning where it stands.",
    "wrong-form": "A text, a list or a map stands where something else is expected.",
    "misplaced-remove": "`!remove` stands where it can't take away a whole thing.",
    # Extending
    "unknown-mapping": "There is no mapping of the name that is extended.",
    "extends-itself": "A mapping extends itself, perhaps by way of others.",
    "mixed-targets": "A mapping extends mappings of different targets.",
    "nothing-to-remove": "`!remove` for something that the extended mappings don't have.",
    # Expressions
    "unknown-operator": "An expression has a key that is no operator.",
    "one-source": "An expression has no source, or several.",
    "misplaced-key": "An operator lacks the one that it belongs to.",
    "misplaced-source": "`each`, `rest` or `other` stands where it has no meaning.",
    "misplaced-name": "`item` or `kind` stands where it has no meaning.",
    "bad-path": "A text that begins as a record path and is none.",
    "bad-reference": "What should name a fact or a record path does neither.",
    "bad-template": "Braces in a template that hold no path or fact.",
    "unknown-cast": "There is no cast of that name.",
    "bad-protect": "What should be hidden can't be, or would be hidden twice.",
    "missing-key": "There is no key of that name under `keys`.",
    "bad-list": "A list beside the mapping can't be found or read, or there is something wrong in it.",
    "not-ready": "A function needs something that isn't here: a package, a database, a secret key.",
    "bad-argument": "A function can't take the argument that stands after its name.",
    "empty-value": "Nothing, or an empty text or list, where it would say nothing.",
    "bad-condition": "What should be a condition is none.",
    "unknown-modifier": "A condition has a modifier that there is not.",
    "bad-modifier": "Modifiers that don't go together, or a value that one of them can't take.",
    # Names
    "unknown-fact": "There is no fact of that name.",
    "fact-cycle": "A fact needs itself, perhaps by way of others.",
    "unknown-table": "There is no table of that name.",
    "unknown-kind": "There is no kind of event of that name.",
    # Kinds and classes
    "no-kinds": "The mapping tells no kinds of event apart.",
    "kind-without-when": "A new kind doesn't say which records are of it.",
    "kind-without-class": "No class takes a kind of event.",
    "class-overlap": "Two classes take the same kinds.",
    # What the target demands
    "unknown-target": "There is no such target, or no such version of it.",
    "unknown-class": "The target has no class of that name.",
    "unknown-profile": "The target has no profile of that name.",
    "unknown-field": "The target has no field at that path.",
    "own-field": "A declared field that can't be: its name is the target's, or its type is none.",
    "profile-off": "The attribute belongs to a profile that is not on.",
    "deprecated-field": "The attribute is deprecated in this version of the target.",
    "derived-field": "The field follows from others, and no rule writes it.",
    "needs-list": "The field is a list, and this is none.",
    "needs-one": "The field is no list, and this is one.",
    "wrong-type": "The rule can never give what the field takes.",
    "wrong-structure": "An object is written as a value, or the other way round.",
    "wrong-value": "The field doesn't take this value.",
    "needs-caption": "An id is written by its caption, and this gives something else.",
    "overlapping-rules": "One rule writes an object, and another a part of it.",
    "missing-required": "No rule writes what the target requires.",
    "unmet-constraint": "No rule writes any of the attributes of which the target requires one.",
    "unexpected-event-type": "ECS expects this `event.type` with none of the categories that the event can have.",
    "unknown-observable": "What is listed as an observable is none, or is not written.",
}
"""What stops a mapping from being used, each with a line that says what it is."""

WARNINGS: Mapping[str, str] = {
    "bad-test": "A test lacks something, names what there is not, or expects what can't be.",
    "unused-fact": "No rule, and no condition of a kind, uses a fact.",
    "unsought-value": "A kind gives a fact a value that no condition and no table looks for.",
    "unused-table": "Nothing uses a table.",
    "unused-field": "No rule writes a field that is declared.",
    "name-as-text": "A text has the name of a fact or a record's field, or is spelled as an expression.",
    "required-left-out": "What the target requires is not written under some condition, so that records are rejected.",
    "unreachable": "No record ever comes to this branch, has this value, or is of this kind.",
    "unknown-path": "The schema of sign-in records knows no such path; it may be new, or misspelt.",
}
"""What `check` tells and `run` goes on with."""

NOTES: Mapping[str, str] = {
    "not-here": "A stream needs something that this machine hasn't; the mapping is judged without it.",
    "no-target": "The mapping says nowhere to write; its rules are checked with the mapping that it is put behind.",
    "version-lacks": "The version of the target that is asked for has no place for this; its values go to the rest.",
    "version-narrower": "The version of the target that is asked for takes fewer values; others go to the rest.",
}
"""What `check` tells of a mapping that there is nothing wrong with."""

CODES: Mapping[str, str] = {**ERRORS, **WARNINGS, **NOTES}
"""Every code that a finding may have."""


def severity_of(code: str) -> Severity:
    """What a finding of that code means for the mapping."""
    return "warning" if code in WARNINGS else "note" if code in NOTES else "error"


class Finding(NamedTuple):
    """One thing that was found in a mapping: where (lines and columns from 1), its code, what, and what to do."""

    file: str
    line: int
    column: int
    code: str
    message: str

    @property
    def severity(self) -> Severity:
        """Whether a mapping with this can't be used."""
        return severity_of(self.code)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message} [{self.code}]"
