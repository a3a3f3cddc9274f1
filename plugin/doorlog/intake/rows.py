"""Table rows made of CloudTrail records, brought back to the record's own names and types.

Athena and Glue write column and struct names in lower case, free-form parts as JSON text and booleans as text;
CloudTrail Lake's query results are all text; Sentinel's AWSCloudTrail table has a column for each nested field.
"""

from __future__ import annotations

from typing import Any

from doorlog.intake.text import Unreadable, read
from doorlog.record import Json

_NAMES = """
    eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage
    requestParameters responseElements additionalEventData requestID eventID readOnly resources eventType apiVersion
    managementEvent recipientAccountId serviceEventDetails sharedEventID vpcEndpointId vpcEndpointAccountId
    eventCategory addendum sessionCredentialFromConsole edgeDeviceDetails tlsDetails eventContext annotation
"""
_NESTED_NAMES = """
    principalId accountId invokedBy accessKeyId userName sessionContext sessionIssuer mfaAuthenticated creationDate
    webIdFederationData federatedProvider ec2RoleDelivery sourceIdentity assumedRoot signInSessionArn onBehalfOf userId
    identityStoreArn credentialId identityProvider inScopeOf sourceArn sourceAccount issuerType credentialsIssuedTo
    invokedByDelegate tlsVersion cipherSuite clientProvidedHostHeader keyExchange updatedFields originalRequestID
    originalEventID
"""
_COLUMNS = {name.lower(): name for name in _NAMES.split()}
_FIELDS = {name.lower(): name for name in _NESTED_NAMES.split()}
_STRUCTS = ("userIdentity", "tlsDetails", "addendum")
_FREE_FORM = frozenset(
    {
        "requestParameters",
        "responseElements",
        "additionalEventData",
        "resources",
        "serviceEventDetails",
        "edgeDeviceDetails",
        "eventContext",
        *_STRUCTS,
    }
)
_BOOLEANS = {"true": True, "false": False}

_SENTINEL = {
    "TimeGenerated": "eventTime",
    "AwsEventId": "eventID",
    "EventTypeName": "eventType",
    "AWSRegion": "awsRegion",
    "SourceIpAddress": "sourceIPAddress",
    "AwsRequestId": "requestID",
    "APIVersion": "apiVersion",
    "SharedEventId": "sharedEventID",
    "Category": "eventCategory",
    "UserIdentityType": "userIdentity.type",
    "UserIdentityPrincipalid": "userIdentity.principalId",
    "UserIdentityArn": "userIdentity.arn",
    "UserIdentityAccountId": "userIdentity.accountId",
    "UserIdentityInvokedBy": "userIdentity.invokedBy",
    "UserIdentityAccessKeyId": "userIdentity.accessKeyId",
    "UserIdentityUserName": "userIdentity.userName",
    "UserIdentityUserId": "userIdentity.onBehalfOf.userId",
    "UserIdentityStoreArn": "userIdentity.onBehalfOf.identityStoreArn",
    "SessionMfaAuthenticated": "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "SessionCreationDate": "userIdentity.sessionContext.attributes.creationDate",
    "SessionIssuerType": "userIdentity.sessionContext.sessionIssuer.type",
    "SessionIssuerPrincipalId": "userIdentity.sessionContext.sessionIssuer.principalId",
    "SessionIssuerArn": "userIdentity.sessionContext.sessionIssuer.arn",
    "SessionIssuerAccountId": "userIdentity.sessionContext.sessionIssuer.accountId",
    "SessionIssuerUserName": "userIdentity.sessionContext.sessionIssuer.userName",
    "EC2RoleDelivery": "userIdentity.sessionContext.ec2RoleDelivery",
    "TlsVersion": "tlsDetails.tlsVersion",
    "CipherSuite": "tlsDetails.cipherSuite",
    "ClientProvidedHostHeader": "tlsDetails.clientProvidedHostHeader",
}


def is_row(value: Json) -> bool:
    """Whether an object is a row with lower-case column names."""
    return "eventsource" in value or ("eventversion" in value and "eventtime" in value)


def is_sentinel_row(value: Json) -> bool:
    """Whether an object is a row of Sentinel's AWSCloudTrail table."""
    return "EventTypeName" in value and "EventSource" in value


def from_row(row: Json, depth: int) -> Json:
    """The record that a row was made of; columns of the table's own (partitions) stay as they are."""
    record: Json = {}
    for column, cell in row.items():
        name = _COLUMNS.get(column, column)
        if isinstance(cell, str):
            if name in _FREE_FORM:
                cell = _parsed(cell, depth)
            elif name in ("readOnly", "managementEvent"):
                cell = _BOOLEANS.get(cell.lower(), cell)
        if name in _STRUCTS:
            cell = _named(cell)
        elif name == "resources" and isinstance(cell, list):
            cell = [_named(item, {"arn": "ARN"}) for item in cell]
        record[name] = cell
    return record


def from_sentinel(row: Json, depth: int) -> Json:
    """The record that a row of Sentinel's table was made of, without the table's empty cells and own columns."""
    record: Json = {}
    for column, cell in row.items():
        if cell is None or cell == "":
            continue
        path = _SENTINEL.get(column)
        if path is None:
            name = _COLUMNS.get(column.lower())
            if name is not None:
                record[name] = cell
            continue
        *outer, last = path.split(".")
        place = record
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = cell
    return from_row(record, depth)


def _parsed(cell: str, depth: int) -> Any:
    """The value of a cell that holds JSON text; any other text stays."""
    if not cell.lstrip().startswith(("{", "[")):
        return cell
    value = read(cell.encode(), depth)
    return cell if isinstance(value, Unreadable) else value


def _named(value: Any, first: dict[str, str] | None = None) -> Any:
    """A struct with CloudTrail's own names at every level."""
    if isinstance(value, list):
        return [_named(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = _FIELDS if first is None else {**_FIELDS, **first}
    return {names.get(key, key): _named(item) for key, item in value.items()}
