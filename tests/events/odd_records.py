"""Records with odd values in odd places, in the shapes of sign-in records, for hypothesis."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from leaves import Json, changed, objects

from doorlog.schema import RecordSchema

TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            " ",
            "Success",
            "Failure",
            "Yes",
            "No",
            "true",
            "false",
            "IAMUser",
            "Root",
            "AssumedRole",
            "FederatedUser",
            "IdentityCenterUser",
            "Unknown",
            "AWSService",
            "HIDDEN_DUE_TO_SECURITY_REASONS",
            "203.0.113.64",
            "2001:db8::1",
            "::ffff:203.0.113.64",
            "fe80::1%eth0",
            "203.0.113.064",
            "72.xx.xxx.xxx",
            "AWS Internal",
            "signin.amazonaws.com",
            "a.b",
            "A.EXAMPLE.",
            "xn--bcher-kva.example",
            "bücher.example",
            "1.2.3",
            "-a.example",
            "a" * 64 + ".example",
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:sts::111122223333:assumed-role/Admin/alice@example.com",
            "arn:aws:iam::111122223333:mfa/x",
            "arn:aws:iam::111122223333:u2f/x",
            "arn:::::",
            "arn:",
            ":",
            "/",
            "a:b:c",
            "alice@example.com",
            "a@b",
            "@",
            "https://console.aws.amazon.com/console/home?x=1#y",
            "https://",
            "https://a.example",
            "https://a.example?",
            "https://a.example/#",
            "https://u:p@a.example:99999999/",
            "https://[::1]:80/",
            "https://[::1/",
            "http://a b/",
            "HTTP://A.EXAMPLE/",
            "/relative",
            "TLSv1.3",
            "TLSv",
            "PASSWORD",
            "PASSWORD,TOTP",
            "TOTP,TOTP",
            ",",
            ", ,",
            "EXTERNAL_IDP",
            "WEBAUTHN",
            "authorization_code",
            "2024-06-11T09:15:27Z",
            "2024-06-11T09:15:27+25:00",
            "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59",
            "x" * 1025,
            "x" * 66000,
            "\x00",
            "\n",
            "\u2028",
            "\U0001f600",
        ]
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
SOURCES = [
    "signin.amazonaws.com",
    "signin.amazonaws.com",
    "signin.amazonaws.com",
    "sso.amazonaws.com",
    "sts.amazonaws.com",
]
NAMES = [
    "ConsoleLogin",
    "CheckMfa",
    "SwitchRole",
    "ExitRole",
    "RenewRole",
    "GetSigninToken",
    "PasswordUpdated",
    "PasswordRecoveryRequested",
    "EmailUpdated",
    "AccountNameUpdated",
    "ExternalIdPDirectoryLogin",
    "CredentialChallenge",
    "CredentialVerification",
    "UserAuthentication",
    "Authenticate",
    "Federate",
    "Logout",
    "AuthorizeOAuth2Access",
    "CreateOAuth2Token",
    "RevokeOAuth2Token",
    "Unheard",
]
TIMES = st.one_of(
    st.datetimes().map(lambda when: when.isoformat() + "Z"),
    st.sampled_from(
        ["2024-06-11T09:15:27Z", "2024-06-11 09:15:27.123456789", "20240611T091527Z", "2024-06-11T09:15:60Z"]
    ),
)
SCHEMA = RecordSchema()
# What the schema tells of, and what the shipped mappings read beyond it.
READ = {
    match[0]
    for file in (Path(__file__).resolve().parents[2] / "mappings").glob("*.yaml")
    for match in re.finditer(r"\$(?:\.[A-Za-z][A-Za-z0-9_]*)+", file.read_text("utf-8"))
}
PATHS = sorted(READ | {path for path in SCHEMA.types() if path.count(".") >= 1})


def odd_value(path: str) -> st.SearchStrategy[Any]:
    """Mostly what the schema lets stand there."""
    types = SCHEMA.types().get(path)
    if types is None:
        return st.one_of(TEXTS, ANYTHING)
    fitting: list[st.SearchStrategy[Any]] = [TEXTS] if "string" in types else []
    fitting += [st.none()] if "null" in types else []
    fitting += [st.booleans()] if "boolean" in types else []
    fitting += [st.dictionaries(TEXTS, ANYTHING, max_size=2)] if "object" in types else []
    return st.one_of(*fitting, TEXTS) if "string" in types else st.one_of(*fitting)


@st.composite
def records(draw: st.DrawFn) -> Json:
    """Sign-in-shaped records with odd values at any paths."""
    name = draw(st.sampled_from(NAMES))
    record: Json = {
        "eventTime": draw(TIMES),
        "eventSource": draw(st.sampled_from(SOURCES)),
        "eventName": name,
        "eventType": draw(st.sampled_from(["AwsConsoleSignIn", "AwsServiceEvent", "AwsApiCall", None])),
    }
    for path in draw(st.lists(st.sampled_from(PATHS), max_size=25, unique=True)):
        keys = path.split(".")[1:]
        if keys[0] in record and len(keys) == 1:
            continue
        value = draw(odd_value(path))
        try:
            record = changed(record, tuple(keys), value)
        except (TypeError, ValueError, AttributeError):  # something on the way is no object
            continue
    if draw(st.booleans()):
        part = draw(st.sampled_from(["responseElements", "serviceEventDetails"]))
        record[part] = {name: draw(st.sampled_from(["Success", "Failure", "Other", None, 1, ["Success"]]))}
    for place in draw(st.lists(st.sampled_from(sorted(objects(record), key=str)), max_size=2)):
        record = changed(record, (*place, draw(TEXTS)), draw(ANYTHING))
    return record
