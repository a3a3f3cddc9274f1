"""What every operator gives, and in which order operators are applied."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import LOGON, OCSF, RECORD, Tiny

from doorlog.errors import MappingError
from doorlog.record import Reject

VALUES: list[tuple[str, Any]] = [
    # from, value, first, default
    ("$.errorCode", "ABC"),
    ("{from: $.errorCode}", "ABC"),
    ("{from: $.nothing}", None),
    ("{from: $.additionalEventData.empty}", None),
    ("{from: $.additionalEventData.null}", None),
    ("{from: $.additionalEventData.five}", 5),
    ("{from: $.additionalEventData.zero}", 0),
    ("{from: $.additionalEventData.half}", 1.5),
    ("{from: $.additionalEventData.true}", True),
    ("{from: $.additionalEventData.list}", ["p", "q"]),
    ("{from: $.additionalEventData.object}", {"k": "v"}),
    ("{from: $.additionalEventData.object.k.below.a.text}", None),
    ("{from: $.errorCode.below}", None),
    ("{from: $.additionalEventData.list.0}", "p"),
    ("{from: $.additionalEventData.list.9}", None),
    ("{from: $.additionalEventData.object.0}", None),
    ("{from: [$.nothing, $.additionalEventData.empty, $.errorCode, $.errorMessage]}", "ABC"),
    ("{from: [$.additionalEventData.zero, $.errorCode]}", 0),
    ("{from: [$.nothing, {value: x}]}", "x"),
    ("{from: {from: $.errorCode, lower: true}, after: a}", "bc"),
    ("plain", "plain"),
    ("1.10", "1.10"),
    ("true", True),
    ("{value: $.errorCode}", "$.errorCode"),
    ("{first: [$.nothing, {value: x}, $.errorCode]}", "x"),
    ("{from: $.nothing, default: d}", "d"),
    ("{from: $.nothing, default: $.errorCode}", "ABC"),
    ("{from: $.nothing, default: {from: $.errorCode, lower: true}}", "abc"),
    ("{from: $.additionalEventData.zero, default: d}", 0),
    # when
    ("{when: {$.errorCode: ABC}, value: a, else: b}", "a"),
    ("{when: {$.errorCode: X}, value: a, else: b}", "b"),
    ("{when: {$.errorCode: X}, value: a}", None),
    ("{when: {$.errorCode: X}, value: a, else: $.errorMessage}", "a/b/c"),
    ("{when: {$.errorCode: X}, value: a, else: {when: {$.errorCode: ABC}, value: c}}", "c"),
    ("{when: {$.errorCode: ABC}, from: $.nothing, else: b}", None),
    # steps
    ('{from: $.errorMessage, after: "/"}', "b/c"),
    ('{from: $.errorMessage, after: "#"}', None),
    ('{from: $.errorMessage, after: "c"}', None),
    ('{from: $.errorMessage, before: "/"}', "a"),
    ('{from: $.errorMessage, before: "#"}', None),
    ('{from: $.errorMessage, before: "a"}', None),
    ('{from: $.errorMessage, after_last: "/"}', "c"),
    ('{from: $.errorMessage, after_last: "#"}', None),
    ('{from: $.errorMessage, prefix: "a/"}', "b/c"),
    ('{from: $.errorMessage, prefix: "b/"}', None),
    ('{from: $.errorMessage, split: "/"}', ["a", "b", "c"]),
    ('{from: $.errorMessage, split: "#"}', ["a/b/c"]),
    ('{value: " a , ,b,", split: ","}', ["a", "b"]),
    ("{from: $.errorCode, lower: true}", "abc"),
    ("{from: $.errorCode, drop: ABC}", None),
    ("{from: $.errorCode, drop: [X, ABC], default: d}", "d"),
    ("{from: $.errorCode, drop: [abc]}", "ABC"),
    ("{from: $.errorCode, drop: [$.errorCode]}", None),
    ("{from: $.additionalEventData, key: $.errorCode}", None),
    ("{from: $.responseElements, key: $.eventName}", "Success"),
    ("{from: $.responseElements, key: $.eventName, lower: true}", "success"),
    # what takes texts gives nothing for anything else
    ("{from: $.additionalEventData.five, lower: true}", None),
    ('{from: $.additionalEventData.list, after: "p"}', None),
    ('{from: $.additionalEventData.object, split: ","}', None),
    ("{from: $.additionalEventData.five, table: {5: five}}", None),
    ("{from: $.additionalEventData.five, as: text, table: {5: five}}", "five"),
    # the order of the steps is the language's, not the file's
    ('{before: "/", after: "/", from: $.errorMessage}', "b"),
    ("{default: d, table: {abc: found}, lower: true, from: $.errorCode}", "found"),
    ("{from: $.errorCode, drop: abc, lower: true, default: d}", "d"),
    ("{from: $.eventTime, table: {1718097327000: found}, as: epoch_ms}", None),
    # tables
    ("{from: $.errorCode, table: {ABC: hit}}", "hit"),
    ("{from: $.errorCode, table: {abc: hit}}", None),
    ("{from: $.errorCode, table: {abc: hit}, default: d}", "d"),
    ("{from: $.nothing, table: {abc: hit}, default: d}", "d"),
    ("{from: $.errorCode, table: {abc: hit}, default: $.errorMessage}", "a/b/c"),
    ("{from: $.errorCode, table: {ABC: [a, b]}}", ["a", "b"]),
    ("{from: $.errorCode, table: {ABC: true}}", True),
    ("{from: $.errorCode, table: {ABC: false}, default: d}", False),
    # templates
    ('{template: "{$.errorCode}-{$.errorMessage}"}', "ABC-a/b/c"),
    ('{template: "{$.errorCode} {$.nothing|none}"}', "ABC none"),
    ('{template: "{$.errorCode} {$.nothing}"}', None),
    ('{template: "{$.errorCode|none}"}', "ABC"),
    ('{template: "{$.nothing|a|b}"}', "a|b"),
    ('{template: "plain"}', "plain"),
    (
        '{template: "{$.additionalEventData.five} {$.additionalEventData.true} {$.additionalEventData.zero}"}',
        "5 true 0",
    ),
    ('{template: "{$.additionalEventData.list}"}', None),
    ('{template: "{$.additionalEventData.list|a list}"}', "a list"),
    (r'{template: "\"%s\" \\ {$.errorCode}\n%(x)s ${y|}"}'.replace(" ${y|}", ""), '"%s" \\ ABC\n%(x)s'),
    # lists
    ("{collect: [$.errorCode, $.nothing, {value: x}, $.errorCode]}", ["ABC", "x"]),
    ("{collect: [$.additionalEventData.list, {value: [q, r]}]}", ["p", "q", "r"]),
    ("{collect: [$.nothing]}", None),
    ('{collect: [{value: "p,q,p", split: ","}]}', ["p", "q"]),
    ('{collect: [{from: $.additionalEventData.twice, split: ","}, {value: p}]}', ["p", "q"]),
    ("[a, b]", ["a", "b"]),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[expression for expression, _ in VALUES])
def test_an_expression_gives(tiny: Tiny, expression: str, expected: Any) -> None:
    found = tiny.value(expression, responseElements={"ConsoleLogin": "Success"})
    assert (found, type(found)) == (expected, type(expected))


CASTS: list[tuple[str, Any, Any]] = [
    ("text", "x", "x"),
    ("text", 5, "5"),
    ("text", 1.5, "1.5"),
    ("text", True, "true"),
    ("text", ["x"], None),
    ("boolean", True, True),
    ("boolean", "TRUE", True),
    ("boolean", "false", False),
    ("boolean", "yes", None),
    ("boolean", 1, None),
    ("yes_no", "Yes", True),
    ("yes_no", "NO", False),
    ("yes_no", "true", None),
    ("yes_no", True, None),
    ("true_false", "true", True),
    ("true_false", "False", False),
    ("true_false", "yes", None),
    ("integer", 5, 5),
    ("integer", "-12", -12),
    ("integer", "9" * 18, int("9" * 18)),
    ("integer", "9" * 19, None),
    ("integer", "1.0", None),
    ("integer", 1.0, None),
    ("integer", True, None),
    ("integer", "٣", None),
    ("integer", "5\n", None),
    ("time", "2024-06-11T09:15:27Z", "2024-06-11T09:15:27Z"),
    ("time", "2024-06-11T11:15:27+02:00", "2024-06-11T11:15:27+02:00"),
    ("time", "2024-06-11 09:15:27.123456789", "2024-06-11T09:15:27.123456789Z"),
    ("time", "20240611T091527Z", "2024-06-11T09:15:27Z"),
    ("time", "2024-02-30T00:00:00Z", None),
    ("time", "2023-02-29T00:00:00Z", None),
    ("time", "2024-06-11T24:00:00Z", None),
    ("time", "2024-06-11T09:15:27Z\n", None),
    ("time", "yesterday", None),
    ("time", 1718097327, None),
    ("epoch_ms", "2024-06-11T09:15:27Z", 1718097327000),
    ("epoch_ms", "2024-06-11T09:15:27.9999Z", 1718097327999),
    ("epoch_ms", "1969-12-31T23:59:59.999Z", -1),
    ("epoch_ms", "nope", None),
    ("ip", "203.0.113.5", "203.0.113.5"),
    ("ip", "2001:db8::1", "2001:db8::1"),
    ("ip", "::ffff:203.0.113.5", "::ffff:203.0.113.5"),
    ("ip", "203.0.113.05", None),
    ("ip", "203.0.113.256", None),
    ("ip", "fe80::1%eth0", None),
    ("ip", "72.xx.xxx.xxx", None),
    ("ip", "AWS Internal", None),
    ("ip", "203.0.113.5\n", None),
    ("ip", 3405803781, None),
    ("domain", "signin.amazonaws.com", "signin.amazonaws.com"),
    ("domain", "AWS Internal", None),
    ("domain", "203.0.113.5", None),
    ("domain", "72.xx.xxx.xxx", None),
    ("domain", "localhost", None),
    ("domain", "a..b.example", None),
    ("domain", "a.example\n", None),
    ("domain", ("a" * 60 + ".") * 5 + "example", None),
    ("email", "alice@example.com", "alice@example.com"),
    ("email", "alice", None),
    ("email", "@example.com", None),
    ("email", "a b@example.com", None),
    ("email", "alice@example.com\n", None),
    ("email", "alice@203.0.113.5", None),
    ("arn_partition", "arn:aws-us-gov:iam::111122223333:user/alice", "aws-us-gov"),
    ("arn_account", "arn:aws:iam::111122223333:user/alice", "111122223333"),
    ("arn_account", "arn:aws:s3:::bucket", None),
    ("arn_name", "arn:aws:iam::111122223333:user/sales/alice", "alice"),
    ("arn_name", "arn:aws:iam::111122223333:root", "root"),
    ("arn_name", "arn:aws:iam::111122223333:user/", None),
    ("arn_name", "", None),
    ("arn_name", "user/alice", None),
    ("url_scheme", "https://a.example/p?q=1#f", "https"),
    ("url_scheme", "ftp://a.example/", None),
    ("url_domain", "https://u:p@a.example:8443/p", "a.example"),
    ("url_domain", "https://[2001:db8::1]:80/p", "2001:db8::1"),
    ("url_path", "https://a.example/p/q?x", "/p/q"),
    ("url_path", "https://a.example", None),
    ("url_query", "https://a.example/p?q=%23&r#f", "q=%23&r"),
    ("url_fragment", "https://a.example/p?q#f?g", "f?g"),
]


@pytest.mark.parametrize(("cast", "given", "expected"), CASTS)
def test_a_cast_gives(tiny: Tiny, cast: str, given: Any, expected: Any) -> None:
    found = tiny.value(f"{{from: $.additionalEventData.given, as: {cast}}}", additionalEventData={"given": given})
    assert (found, type(found)) == (expected, type(expected))


def test_what_a_cast_gives_for_a_constant_is_the_same(tiny: Tiny) -> None:
    for cast, given, expected in CASTS:
        if isinstance(given, str) and given.isprintable() and given:
            assert tiny.value(f'{{value: "{given}", as: {cast}}}') == expected, (cast, given)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("event.severity: 3", {"severity": 3}),
        ("event.risk_score: 1.5", {"risk_score": 1.5}),
        ("event.severity: {from: $.errorCode, table: {ABC: 7}}", {"severity": 7}),
        ("event.severity: $.additionalEventData.five", {"severity": 5}),
        ("event.severity: $.additionalEventData.half", None),
        ("event.severity: $.additionalEventData.true", None),
        ("event.severity: {from: $.additionalEventData.object, key: $.errorCode}", None),
        ("event.risk_score: $.additionalEventData.half", {"risk_score": 1.5}),
        ("event.reason: $.additionalEventData.five", None),
    ],
)
def test_the_targets_type_makes_numbers_and_lets_nothing_else_pass(tiny: Tiny, rule: str, expected: Any) -> None:
    tiny.ecs(rule)
    assert tiny.event().get("event") == expected


@pytest.mark.parametrize(
    "rule", ['event.action: ""', "tags: []", 'tags: [""]', "tags: [a, null]", "event.action: {value: ''}"]
)
def test_what_says_nothing_is_never_written(tiny: Tiny, rule: str) -> None:
    tiny.ecs(rule)
    try:
        event = tiny.event()
    except MappingError:
        return
    assert event.get("tags", ["a"]) == ["a"]
    assert "event" not in event


def test_a_list_field_gets_a_list_and_only_what_fits(tiny: Tiny) -> None:
    tiny.ecs("tags: $.additionalEventData.mixed\nevent.category: {collect: [$.errorCode, {value: session}]}")
    event = tiny.event(additionalEventData={"mixed": ["a", 5, None, "", {"x": 1}, "b" * 2000]})
    assert event["tags"] == ["a"]
    assert event["event"]["category"] == ["session"]
    assert "tags" not in tiny.event(additionalEventData={"mixed": "a"})


def test_each_makes_an_object_of_every_element(tiny: Tiny) -> None:
    factor = "{from: item, table: {PASSWORD: Password}, other: true}"
    tiny.ocsf(
        f"""\
        auth_factors:
          each: $.additionalEventData.list
          set:
            factor_type_id: {factor}
            is_totp: {{when: {{item: TOTP}}, value: true}}
            provider: $.errorCode
        """
    )
    event = tiny.event(additionalEventData={"list": ["PASSWORD", "TOTP", 5, None, {"x": 1}]})
    assert event["auth_factors"] == [
        {"factor_type_id": 11, "factor_type": "Password", "provider": "ABC"},
        {"factor_type_id": 99, "factor_type": "TOTP", "is_totp": True, "provider": "ABC"},
    ]
    assert "auth_factors" not in tiny.event(additionalEventData={"list": "PASSWORD"})


def test_what_each_reads_besides_its_element_is_kept_all_the_same(tiny: Tiny) -> None:
    rules = "auth_factors: {each: $.additionalEventData.list, set: {factor_type_id: Password, provider: $.errorCode}}\n"
    tiny.ocsf(rules + "unmapped: {rest: $}\n")
    assert tiny.event(additionalEventData={"list": []})["unmapped"]["errorCode"] == "ABC"
    rules = rules.replace("$.errorCode", "{from: $.errorCode, as: email}")
    tiny.ocsf(rules + "unmapped: {rest: $}\n")
    assert tiny.event(additionalEventData={"list": ["x"]})["unmapped"]["errorCode"] == "ABC"


def test_an_id_brings_its_caption_and_other_brings_the_sources_own_text(tiny: Tiny) -> None:
    tiny.ocsf("status_id: {from: $.errorCode, table: {ABC: Success}, other: true, default: Unknown}")
    for code, expected in (("ABC", (1, "Success")), ("zzz", (99, "zzz")), (None, (0, "Unknown"))):
        event = tiny.event(errorCode=code)
        assert (event["status_id"], event["status"]) == expected


def test_what_a_target_demands_and_a_record_lacks_is_a_reject(tiny: Tiny) -> None:
    tiny.write("tiny", OCSF + LOGON.replace("service.name: sign-in", "service.name: $.errorCode"))
    assert tiny.event()["service"] == {"name": "ABC"}
    result = tiny.normalizer("tiny")(RECORD | {"errorCode": None})
    assert isinstance(result, Reject)
    assert result.reason == "not_conformant"


def test_an_empty_default_stands_for_a_fact_that_is_nothing_whatever_the_record(tiny: Tiny) -> None:
    tiny.ecs('aws.cloudtrail.signin.tried: {template: "{gone|}{$.errorCode}"}\n', "facts: {gone: null}\n")
    assert tiny.event()["aws"]["cloudtrail"]["signin"]["tried"] == "ABC"
