"""Writes `schemas/mapping.schema.json`, the JSON Schema of mapping files for editors.

    PYTHONPATH=plugin python schemas/generate/mapping.py

It holds the form of a mapping; whether its names mean something, `doorlog check` tells. The words come from the parser,
the functions from their own descriptions, record paths from the schema of records, facts and tables from the shipped
mappings, and the fields of each target, down to three names, from the tables in `schemas/targets/`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from doorlog.mapping.functions import FUNCTIONS, HIDING, Function
from doorlog.mapping.functions.pseudonym import LEAST_KEY
from doorlog.mapping.functions.user_agent import UserAgent
from doorlog.mapping.load import load as load_mapping
from doorlog.mapping.load import names as mapping_names
from doorlog.mapping.parse import KEYS, NAME
from doorlog.mapping.parse_expr import MODIFIERS
from doorlog.schema import RecordSchema
from doorlog.targets import FIELD_TYPES, OcsfTarget, Target
from doorlog.targets import load as load_target
from doorlog.targets import names as target_names
from doorlog.targets import versions as target_versions
from doorlog.targets.attribute import child
from doorlog.testing.cases import shipped_records

Json: TypeAlias = dict[str, Any]

FILE = Path(__file__).resolve().parents[1] / "mapping.schema.json"
DEPTH = 3
"""Fields with more names than this in their path are not listed; they can be written all the same."""

SCALAR = ["string", "number", "boolean", "null"]
PATH = r"^\$(\.[^.]+)*$"
FACT = "^[a-z][a-z0-9_]*$"
OWN_FACT = "^(?!(?:kind|item)$)[a-z][a-z0-9_]*$"


def said(description: str, *examples: Any, **schema: Any) -> Json:
    """A schema with its description and examples."""
    return {"description": description, "examples": list(examples), **schema}


def ref(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def of(name: str, description: str, *examples: Any) -> Json:
    """What a definition says, described for one place; editors show what stands beside a reference."""
    return {**said(description, *examples), **ref(name)}


def one_or_many(item: Json) -> Json:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def named(values: Json, **more: Any) -> Json:
    return {"type": "object", "additionalProperties": values, **more}


def document() -> Json:
    """The whole schema."""
    properties = top()
    assert tuple(properties) == KEYS, set(properties) ^ set(KEYS)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "description": "A mapping of Doorlog: says which field of a target gets which value of an AWS sign-in record.",
        "type": "object",
        "required": ["mapping"],
        "additionalProperties": False,
        "properties": properties,
        "allOf": [_fields_of(name) for name in target_names()],
        "definitions": definitions(),
        "examples": [{"mapping": "own-field", "extends": "ecs", "set": {"labels.team": "cloud-security"}}],
    }


def top() -> Json:
    """The keys at the top of a mapping."""
    targets = list(target_names())
    written = [*targets, *(f"{name}@{version}" for name in targets for version in target_versions(name))]
    shipped = sorted(mapping_names())
    paths = ref("record-path")
    return {
        "mapping": said("The mapping's name, under which it is asked for and extended.", "our-signin",
                        type="string", pattern=f"^{NAME}$"),
        "description": said("What the mapping is for, in a sentence.", "Our teams as labels.", type="string"),
        "extends": said("The mapping, or several of which the later counts over the earlier, that this one adds to.",
                        "ecs", ["ecs", "our-base"], **one_or_many({"anyOf": [{"enum": shipped}, {"type": "string"}]})),
        "target": said("The schema that is written, perhaps in a version; extended mappings say it already.",
                       *written[:3], anyOf=[{"enum": written}, {"type": "string", "pattern": f"^{NAME}(@.+)?$"}]),
        "profiles": said("OCSF's profiles that are on.", ["cloud", "datetime"], **one_or_many({"type": "string"})),
        "fields": said("ECS: fields of your own below a name of your own, each with its type; in brackets, a list.",
                       {"acme.team": "keyword", "acme.approvers": ["keyword"]},
                       **named(of("field-type", "The type of the field; in brackets, of each of a list.", "keyword"))),
        "dispatch": said("The record's paths whose values tell kinds of event apart.",
                         ["$.eventSource", "$.eventName"], **one_or_many(paths)),
        "time": of("record-path", "The record's path that says when the event took place.", "$.eventTime"),
        "lists": said("Files of rows beside the mapping, as tables.", {"accounts": "accounts.csv"},
                      **named(ref("list-file"))),
        "tables": said("Lookup tables, by name: texts and the constants that they become.",
                       {"team": {"111122223333": "security"}}, **named(ref("table-or-removed"))),
        "kinds": said("The kinds of event, by name; tried from the top, own ones first.",
                      {"console-login": {"facts": {"title": "Console sign-in"}}}, **named(ref("kind"))),
        "facts": said("Named expressions, each computed once for a record.",
                      {"place": {"when": {"$.sourceIPAddress|cidr": "203.0.113.0/24"}, "value": "office"}},
                      **named(of("rule", "A named expression.", {"from": "$.awsRegion"}),
                              propertyNames={"pattern": OWN_FACT})),
        "about": said("What facts are, in words; `doorlog list facts` shows it.", {"place": "office or elsewhere"},
                      **named({"type": "string"})),
        "set": said("The rules: a path of the target, and the expression whose value it gets.",
                    {"labels.team": "cloud-security", "user.name": {"from": "user_name"}}, **named(ref("rule"))),
        "classes": said("OCSF's classes: the kinds that become each, and rules of its own.",
                        {"authentication": {"set": {"severity_id": "Low"}}}, **named(ref("class"))),
        "observables": said("Paths of the OCSF event that become `observables`.", ["user.name", "src_endpoint.ip"],
                            **one_or_many({"type": "string"})),
        "masks": said("Record paths at and below which the values of these URL parameters are hidden.",
                      {"$.additionalEventData": ["code", "token"]},
                      **named({"anyOf": [*one_or_many({"type": "string"})["anyOf"], ref("removed")]},
                              propertyNames={"pattern": PATH})),
        "keys": said("Where secret keys are: in the environment or in a file.", {"people": {"env": "PEOPLE_KEY"}},
                     **named(ref("key"))),
        "protect": said("Record paths, and the steps that every value at and below them goes through before any rule.",
                        {"$.userIdentity.userName": {"pseudonym": "people"}},
                        **named(ref("protection"), propertyNames={"pattern": PATH})),
        "tests": said("Tests of the mapping, which `doorlog test` runs.",
                      [{"name": "from the office", "record": "console-login", "expect": {"event.outcome": "success"}}],
                      type="array", items=ref("test")),
        "records": said("Records that tests name.", {"ours": {"eventName": "ConsoleLogin"}},
                        **named({"type": "object"})),
        "given": said("What tests state of all that a stream asks the machine for; nothing else is known in them.",
                      {"networks": {"203.0.113.0/24": {"country": {"iso_code": "NZ"}}}},
                      {"keys": {"people": "a key of tests alone"}}, **given()),
    }  # fmt: skip


def given() -> Json:
    """What tests state of networks, user agents and keys."""
    about = {
        "name": ("The program.", "Firefox"),
        "version": ("The program's version.", "127.0"),
        "device": ("The device.", "iPhone"),
        "os_name": ("The operating system.", "Linux"),
        "os_version": ("The operating system's version.", "17.5"),
    }
    told = {name: said(*about[name], type=SCALAR[:2]) for name in UserAgent._fields}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "networks": said("Networks, each with what a database would have of it.",
                             {"203.0.113.0/24": {"country": {"iso_code": "NZ"}, "autonomous_system_number": 64500}},
                             **named({"type": "object"})),
            "user_agents": said("User agents, each with what the parser would tell of it.",
                                {"Mozilla/5.0 (X11)": {"name": "Firefox", "os_name": "Linux"}},
                                **named({"type": "object", "additionalProperties": False, "properties": told})),
            "keys": said("Keys of the mapping, by name, each a text that is no secret.",
                         {"people": "a key of tests alone"}, **named({"type": "string", "minLength": LEAST_KEY})),
        },
    }  # fmt: skip


def definitions() -> Json:
    """The parts that expressions are made of, and the fields of the targets.

    What has a place of its own is described there: an editor shows the innermost description that it finds.
    """
    item = {"anyOf": [ref("reference"), ref("operators")]}
    # Editors tell what is wrong with the first of what fits equally badly.
    plain = [ref("operators"), ref("constant"), {"enum": record_paths()}]
    return {
        "constant": {"anyOf": [{"type": SCALAR}, {"type": "array", "items": {"type": SCALAR}}]},
        "record-path": {"anyOf": [{"enum": record_paths()}, {"type": "string", "pattern": PATH}]},
        "reference": {
            "anyOf": [
                {"enum": facts()},
                {"enum": record_paths()},
                {"type": "string", "pattern": f"{PATH}|{FACT}"},
            ]
        },
        "expression": {"anyOf": plain},
        "rule": {"anyOf": [*plain, ref("append")]},
        "append": {
            "type": "object",
            "required": ["append"],
            "additionalProperties": False,
            "properties": {
                "append": of("expression", "What comes behind what is there already, each value once.", ["network"])
            },
        },
        "operators": operators(item),
        "source": {"anyOf": [*item["anyOf"], {"type": "array", "minItems": 1, "items": ref("source")}]},
        "condition": condition(),
        "table": named(ref("constant")),
        "table-or-removed": {"anyOf": [ref("table"), ref("removed")]},
        # Editors read the tag `!remove` as a text without characters.
        "removed": {"enum": [None, ""]},
        "kind": {"anyOf": [ref("new-kind"), ref("removed")]},
        "new-kind": said("Which records are of the kind, and what is so of them.", {"skip": True},
                     type="object", additionalProperties=False, properties={
            "when": of("condition", "Which records are of this kind.", {"$.eventName": "ConsoleLogin"}),
            "description": said("What the kind is, in a sentence.", "A sign-in to the console.", type="string"),
            "facts": said("The facts of this kind.", {"step": "logon", "title": "Our portal sign-in"},
                          **named(ref("expression"), propertyNames={"pattern": OWN_FACT})),
            "skip": said("Whether such records are no sign-ins; a name counts them under that.", True,
                         anyOf=[{"type": "boolean"},
                                {"type": "string", "pattern": "^(?!(?:yes|no|on|off|true|false)$)[a-z][a-z0-9-]+$"}]),
            "counted": said("Whether such records are counted by the names of their events.", True, type="boolean"),
        }),
        "class": said("The kinds that become this class, and its rules.", {"kinds": ["password-updated"]},
                      type="object", additionalProperties=False, properties={
            "kinds": said("The kinds of event; the class without takes all others.", ["password-updated"],
                          {"append": ["our-kind"]},
                          anyOf=[*one_or_many({"type": "string"})["anyOf"],
                                 {"type": "object", "required": ["append"], "additionalProperties": False,
                                  "properties": {"append": said("More kinds than the extended mapping names.",
                                                                ["our-kind"],
                                                                **one_or_many({"type": "string"}))}}]),
            "set": said("The rules of this class alone.", {"severity_id": "Low"}, **named(ref("rule"))),
        }),
        "field-type": {"anyOf": [{"enum": list(FIELD_TYPES)},
                                 {"type": "array", "minItems": 1, "maxItems": 1,
                                  "items": {"enum": list(FIELD_TYPES)}}]},
        "list-file": {"anyOf": [{"type": "string"},
                                {"type": "object", "required": ["file"], "additionalProperties": False, "properties": {
            "file": said("A CSV or YAML file beside the mapping, or below its folder.", "people.csv", type="string"),
            "key": said("The column that is looked up in; the first otherwise.", "email", type="string"),
        }}]},
        "key": said("Where a secret key is.", {"env": "PEOPLE_KEY"}, {"file": "people.key"}, type="object",
                    minProperties=1, maxProperties=1, additionalProperties=False, properties={
            "env": said("A variable of the environment.", "PEOPLE_KEY", type="string"),
            "file": said("A file, from the mapping's folder or from `/`.", "/etc/doorlog/people.key", type="string"),
        }),
        "protection": {"anyOf": [ref("steps"), ref("removed")]},
        "steps": said("Steps, in the order in which they stand.", {"redact": True}, {"pseudonym": "people"},
                           type="object", minProperties=1, additionalProperties=False,
                           properties=steps({**FUNCTIONS, **HIDING})),
        "test": said("A record, and what has to become of it.", {"name": "a sign-in", "record": "console-login"},
                     type="object", required=["name", "record"], additionalProperties=False, properties={
            "name": said("What the test is about.", "from the office", type=["string", "number"]),
            "record": said("A name among `records` or the shipped ones, a JSON file beside the tests, or a record.",
                           "console-login", anyOf=[{"enum": sorted(shipped_records())},
                                                   {"type": ["string", "object"]}]),
            "patch": said("Record paths, each with another value, or `!remove`.",
                          {"$.sourceIPAddress": "203.0.113.9"}, type="object", propertyNames={"pattern": PATH}),
            "kind": said("The kind of event that it has to be.", "console-login", type="string"),
            "facts": said("Facts, each with what it has to be; `null` is nothing.", {"outcome": "success"},
                          type="object"),
            "expect": said("Paths of the event, each with the whole value there; `null` says that there is none.",
                           {"user.name": "alice"}, type="object"),
            "skip": said("The name under which the record is skipped.", "near-sign-in", type="string"),
            "reject": said("The reason for which the record is rejected.", "invalid_record", type="string"),
        }),
        **{f"{name}-rules": rules_of(name) for name in target_names()},
    }  # fmt: skip


def operators(item: Json) -> Json:
    """A map with one source, and perhaps steps and a condition."""
    casts = {name: function for name, function in FUNCTIONS.items() if function.cast}
    several = {"type": "array", "minItems": 1, "items": item}
    properties = {
        "from": of("source", "A record path, a fact or a map; of a list the first that gives something.", "user_name"),
        "value": of("constant", "A constant, whatever it looks like.", "success", "$.not-a-path"),
        "first": said("The first of several expressions that gives something.",
                      [{"when": {"outcome": "failure"}, "value": "High"}, {"value": "Low"}], **several),
        "template": said("A text with paths and facts in braces, perhaps with a default after a bar.",
                         "{title} by {who|nobody}", type="string"),
        "collect": said("A list of all that there is, each once.", ["role", {"value": "console"}], **several),
        "each": of("source", "An object for every element of a list, which the rules under `set` call `item`.",
                   "$.resources"),
        "set": said("The fields of an element, with `each`.", {"name": {"from": "item"}}, **named(ref("expression"))),
        "rest": of("record-path", "What no rule has kept of an object of the record.", "$.requestParameters"),
        "other": said("For an OCSF id: its `Other`, with this text as the caption; with `table`, true for what is in"
                      " no row.", "AWS Sign-In", True, anyOf=[ref("expression"), {"type": "boolean"}]),
        "key": of("source", "The member of an object whose name is itself a value.", "$.eventName"),
        **steps({name: function for name, function in FUNCTIONS.items() if not function.cast}),
        "drop": said("Gives nothing where the value is one of these.", ["HIDDEN", "unknown"],
                     **one_or_many(ref("expression"))),
        "as": said("Makes another type of the value; what can't be that gives nothing.", "ip",
                   enum=list(casts), markdownEnumDescriptions=[one.summary for one in casts.values()]),
        "table": said("Looks the value up, in a table by its name or in one that stands here.", "user_type",
                      {"IAMUser": "person"}, anyOf=[{"enum": tables()}, {"type": "string"}, ref("table")]),
        "default": of("expression", "What it gives where there is nothing.", "unknown"),
        "when": of("condition", f"On which condition it gives something: a map is *and*, a list of values or of maps is"
                   f" *or*. A key is a path or a fact, perhaps with modifiers behind bars: {', '.join(MODIFIERS)}.",
                   {"$.eventName|startswith": "Console", "outcome": ["failure", "unknown"]}),
        "else": of("expression", "What it gives otherwise; nothing without it.", "unknown"),
    }  # fmt: skip
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": properties,
        "dependencies": {"else": ["when"], "set": ["each"], "each": ["set"]},
    }


def steps(functions: Mapping[str, Function]) -> Json:
    """The steps that are written by their own names."""
    return {name: _step(function) for name, function in functions.items() if not function.cast}


def _step(function: Function) -> Json:
    shapes: dict[str | None, Json] = {
        None: {"type": "boolean"},
        "text": {"type": ["string", "number"]},
        "number": {"type": "integer"},
        "numbers": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
        "pairs": {"type": "object", "minProperties": 1, "additionalProperties": {"type": SCALAR}},
    }
    given = function.examples[0].argument if function.argument else True
    example = dict(given) if isinstance(given, Mapping) else list(given) if isinstance(given, tuple) else given
    return said(function.summary, example, **shapes[function.argument])


def condition() -> Json:
    """A condition as Sigma writes them."""
    words = "|".join(MODIFIERS)
    key = rf"^(?!(?:not|any|all)$)(\$(\.[^.|]+)*|[a-z][a-z0-9_]*)(\|({words}))*$"
    return {
        "anyOf": [
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {
                    "not": of("condition", "What must not be so.", {"$.userIdentity.type": "Root"}),
                    "any": said("Conditions of which one has to hold.", [{"outcome": "failure"}, {"mfa": False}],
                                type="array", minItems=1, items=ref("condition")),
                    "all": said("Conditions that have to hold together.", [{"outcome": "failure"}, {"mfa": False}],
                                type="array", minItems=1, items=ref("condition")),
                },
                "patternProperties": {key: ref("constant")},
            },
            {"type": "array", "minItems": 1, "items": ref("condition")},
        ]
    }  # fmt: skip


def record_paths() -> list[str]:
    """The paths that a sign-in record is known to have."""

    def below(schema: Json, path: str) -> Iterator[str]:
        for name, inner in schema.get("properties", {}).items():
            yield f"{path}.{name}"
            yield from below(inner, f"{path}.{name}")

    return list(below(RecordSchema().document, "$"))


def facts() -> list[str]:
    """The facts of the shipped mappings, and the names that have a meaning everywhere."""
    return sorted({"kind", "item", *(fact for name in mapping_names() for fact in load_mapping(name).facts)})


def tables() -> list[str]:
    return sorted({table for name in mapping_names() for table in load_mapping(name).tables})


def rules_of(name: str) -> Json:
    """The fields of a target's newest version, each with what it takes."""
    fields: Json = {}
    for target in _targets(name):
        for path, about in _described(target, ""):
            fields.setdefault(path, {"description": about, **ref("rule")})
    return {"type": "object", "properties": fields}


def _targets(name: str) -> list[Target]:
    """The target, or one for each of its classes, with all of its profiles on."""
    if name != "ocsf":
        return [load_target(name)]
    classes = ("authentication", "account_change")
    plain = [load_target("ocsf", None, one) for one in classes]
    return [load_target("ocsf", None, one.class_name, one.applicable_profiles) for one in plain]


def _described(target: Target, above: str) -> Iterator[tuple[str, str]]:
    for name in target.members(above):
        path = child(above, name)
        attribute = target.attribute(path)
        if attribute is None or attribute.deprecated or attribute.caption_of:
            continue
        inner = attribute.kind == "object" and not attribute.array
        if not inner:
            takes = f"a list of {attribute.type_name}" if attribute.array else attribute.type_name
            values = f": {', '.join(map(str, attribute.values))}" if attribute.values else ""
            yield path, f"{target.name.upper()} {target.version}, {takes}{values}"
        if attribute.kind == "object" and not attribute.array and path.count(".") + 1 < DEPTH:
            yield from _described(target, path)


def _fields_of(name: str) -> Json:
    """Which fields there are, where the target is known from the file itself."""
    rules = ref(f"{name}-rules")
    then: Json = {"properties": {"set": rules}}
    if isinstance(_targets(name)[0], OcsfTarget):
        then["properties"]["classes"] = {"additionalProperties": {"properties": {"set": rules}}}
    extends = {"anyOf": [{"const": name}, {"type": "array", "contains": {"const": name}}]}
    written = {"type": "string", "pattern": f"^{name}(@|$)"}
    return {
        "if": {
            "anyOf": [
                {"required": ["target"], "properties": {"target": written}},
                {"required": ["extends"], "properties": {"extends": extends}},
            ]
        },
        "then": then,
    }


def text() -> str:
    """The schema as it is written: indented, but each field of a target on one line."""
    spread = json.dumps(document(), indent=1, ensure_ascii=False)
    return re.sub(r'\{\s+("description": ".*",)\s+("\$ref": "#/definitions/rule")\s+\}', r"{\1 \2}", spread) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
