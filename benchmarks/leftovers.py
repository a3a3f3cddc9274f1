"""What the hand-written document has no field for: kept as it was, without what says nothing."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_RECORD = frozenset(
    {
        "eventVersion",
        "userIdentity",
        "eventTime",
        "eventSource",
        "eventName",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorMessage",
        "requestParameters",
        "responseElements",
        "additionalEventData",
        "eventID",
        "readOnly",
        "eventType",
        "managementEvent",
        "recipientAccountId",
        "eventCategory",
        "tlsDetails",
    }
)
_IDENTITY = frozenset({"type", "principalId", "arn", "accountId", "accessKeyId", "userName", "sessionContext"})
_SESSION = frozenset({"sessionIssuer", "attributes"})
_ISSUER = frozenset({"type", "principalId", "arn", "accountId", "userName"})
_ATTRIBUTES = frozenset({"creationDate", "mfaAuthenticated"})
_TLS = frozenset({"tlsVersion", "cipherSuite", "clientProvidedHostHeader"})
CIRCUMSTANCES = frozenset({"LoginTo", "MobileVersion", "MFAUsed", "MFAIdentifier", "SamlProviderArn"})


def unmapped(record: Json, identity: Json, session: Json | None, tls: Json) -> Json:
    """What nothing above has taken up, at its place."""
    left = {} if record.keys() <= _RECORD else left_of(record, _RECORD)
    if not tls.keys() <= _TLS and (odd := left_of(tls, _TLS)):
        left["tlsDetails"] = odd
    of_identity = {} if identity.keys() <= _IDENTITY else left_of(identity, _IDENTITY)
    if session:
        of_session = {} if session.keys() <= _SESSION else left_of(session, _SESSION)
        issuer, attributes = session["sessionIssuer"], session["attributes"]
        if not issuer.keys() <= _ISSUER and (odd := left_of(issuer, _ISSUER)):
            of_session["sessionIssuer"] = odd
        if not attributes.keys() <= _ATTRIBUTES and (odd := left_of(attributes, _ATTRIBUTES)):
            of_session["attributes"] = odd
        if of_session:
            of_identity["sessionContext"] = of_session
    if of_identity:
        left["userIdentity"] = of_identity
    return left


def left_of(holder: Json, known: frozenset[str]) -> Json:
    """The members that nothing has taken up."""
    found = {key: clean(value) for key, value in holder.items() if key not in known}
    return {key: value for key, value in found.items() if value is not None}


def clean(value: Any) -> Any:
    """A value without nulls, empty texts and empty containers; None if nothing else is in it."""
    if isinstance(value, dict):
        return {key: left for key, inner in value.items() if (left := clean(inner)) is not None} or None
    if isinstance(value, list):
        return [left for inner in value if (left := clean(inner)) is not None] or None
    return None if value == "" else value
