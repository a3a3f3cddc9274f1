"""The ECS document of a console sign-in, as one writes it who has to have just this one, for just these records, fast:
no schema, no check, nothing configurable. A test holds that its documents are those that Doorlog makes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton

from leftovers import CIRCUMSTANCES, Json, clean, left_of, unmapped

_HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_YES_NO = {"Yes": True, "No": False}
_URL = re.compile(r"(https?)://([^/?#:@\s]+)(?::[0-9]+)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9.-]+)\Z")


@lru_cache(16_384)
def _is_ip(text: str) -> bool:
    try:
        inet_pton(AF_INET6 if ":" in text else AF_INET, text)
    except OSError:
        return False
    return True


@lru_cache(4_096)
def _is_host(text: str) -> bool:
    return _HOST.match(text) is not None


@lru_cache(4_096)
def _is_email(text: str) -> bool:
    found = _EMAIL.match(text)
    return found is not None and _is_host(found[1])


def ecs(record: Json) -> Json:
    """The ECS document of one console sign-in."""
    identity, circumstances, tls = record["userIdentity"], record["additionalEventData"], record["tlsDetails"]
    kind, arn, principal = identity["type"], identity.get("arn"), identity.get("principalId")
    account, session = identity["accountId"], identity.get("sessionContext")
    response, error = record["responseElements"], record.get("errorMessage")
    succeeded = response["ConsoleLogin"] == "Success"
    mfa_used = _YES_NO.get(circumstances["MFAUsed"])
    mfa_identifier, saml = circumstances.get("MFAIdentifier"), circumstances.get("SamlProviderArn")

    # Who it is
    console = kind == "IAMUser" or kind == "Root"
    role = None
    if kind == "IAMUser":
        name = identity["userName"]
        if name == _HIDDEN:
            name, who = None, "unknown user"
        else:
            who = f"IAM user {name}"
    elif kind == "Root":
        name, who = "root", "root user"
    else:
        name = arn.rpartition("/")[2]
        if kind == "AssumedRole":
            role = session["sessionIssuer"]["userName"]
            who = f"role {role} (session {name})"
        else:
            who = f"federated user {name}"
    user: Json = {}
    users = []
    if name:
        user["name"] = name
        users.append(name)
    if principal:
        user["id"] = principal
        if principal != name:
            users.append(principal)
    if name and "@" in name and _is_email(name):
        user["email"] = name
    if role:
        user["roles"] = [role]

    # What it was, and what came of it
    event: Json = {
        "kind": "event",
        "category": ["authentication", "session"] if succeeded else ["authentication"],
        "type": ["start"],
        "outcome": "success" if succeeded else "failure",
        "action": record["eventName"],
        "provider": record["eventSource"],
        "module": "aws",
        "dataset": "aws.cloudtrail",
        "id": record["eventID"],
    }
    if succeeded:
        came = "succeeded"
    else:
        came = "failed at the MFA step" if mfa_used else "failed"
        if error:
            event["reason"] = error
    owner = record["recipientAccountId"]
    cloud: Json = {
        "provider": "aws",
        "region": record["awsRegion"],
        "account": {"id": owner},
        "service": {"name": record["eventSource"].partition(".amazonaws.com")[0]},
    }
    if account != owner:
        cloud["origin"] = {"account": {"id": account}}

    # Where it came from, and where it went
    related: Json = {"user": users} if users else {}
    address = record["sourceIPAddress"]
    source: Json = {"address": address}
    hosts = []
    if _is_ip(address):
        source["ip"] = address
        related["ip"] = [address]
    elif _is_host(address):
        source["domain"] = address
        hosts.append(address)
    host = tls["clientProvidedHostHeader"]
    destination: Json = {"address": host}
    transport: Json = {"cipher": tls["cipherSuite"]}
    version = tls["tlsVersion"]
    if version.startswith("TLSv"):
        transport["version"] = version[4:]
        transport["version_protocol"] = "tls"
    if _is_host(host):
        destination["domain"] = host
        transport["client"] = {"server_name": host}
        hosts.append(host)
    login_to = circumstances.get("LoginTo")
    url = _url(login_to, hosts) if login_to else None
    if hosts:
        related["hosts"] = hosts

    # The record itself
    own: Json = {"type": kind, "account_id": account}
    if arn:
        own["arn"] = arn
    if principal:
        own["principal_id"] = principal
    if user_name := identity.get("userName"):
        own["user_name"] = user_name
    if key := identity.get("accessKeyId"):
        own["access_key_id"] = key
    if session:
        issuer, attributes = session["sessionIssuer"], session["attributes"]
        own["session_context"] = {
            "creation_date": attributes["creationDate"],
            "mfa_authenticated": attributes["mfaAuthenticated"],
            "session_issuer": {
                "type": issuer["type"],
                "principal_id": issuer["principalId"],
                "arn": issuer["arn"],
                "account_id": issuer["accountId"],
                "user_name": issuer["userName"],
            },
        }
    console_login: Json = {"mobile_version": _YES_NO[circumstances["MobileVersion"]], "mfa_used": mfa_used}
    if login_to:
        console_login["login_to"] = login_to
    signin: Json = {}
    if mfa_used:
        signin["mfa"] = True
    elif console:
        signin["mfa"] = False
    if kind == "FederatedUser" or saml or (role and role.startswith("AWSReservedSSO_")):
        signin["federated"] = True
    if role:
        signin["session_name"] = name
    if console:
        signin["factors"] = ["PASSWORD"]
    if mfa_identifier:
        signin["mfa_identifier"] = mfa_identifier
        factor = "WEBAUTHN" if ":u2f/" in mfa_identifier else "TOTP" if ":mfa/" in mfa_identifier else "HARDWARE"
        signin.setdefault("factors", []).append(factor)
    if saml:
        signin["saml_provider_arn"] = saml
    flattened: Json = {"response_elements": response if len(response) == 1 else clean(response)}
    if request := clean(record["requestParameters"]):
        flattened["request_parameters"] = request
    if not circumstances.keys() <= CIRCUMSTANCES and (left := left_of(circumstances, CIRCUMSTANCES)):
        flattened["additional_eventdata"] = left
    if left := unmapped(record, identity, session, tls):
        flattened["unmapped"] = left
    cloudtrail: Json = {
        "event_version": record["eventVersion"],
        "event_type": record["eventType"],
        "event_category": record["eventCategory"],
        "read_only": record["readOnly"],
        "management_event": record["managementEvent"],
        "recipient_account_id": owner,
        "user_identity": own,
        "console_login": {"additional_eventdata": console_login},
        "flattened": flattened,
    }
    if signin:
        cloudtrail["signin"] = signin

    document: Json = {
        "@timestamp": record["eventTime"],
        "message": f"AWS console sign-in by {who} {came}",
        "ecs": {"version": "9.4.0"},
        "event": event,
        "cloud": cloud,
        "source": source,
        "destination": destination,
        "user_agent": {"original": record["userAgent"]},
        "tls": transport,
        "aws": {"cloudtrail": cloudtrail},
    }
    if error:
        document["error"] = {"message": error}
        cloudtrail["error_message"] = error
    if user:
        document["user"] = user
    if url:
        document["url"] = url
    if related:
        document["related"] = related
    return document


def _url(text: str, hosts: list[str]) -> Json:
    url = {"original": text}
    if found := _URL.match(text):
        scheme, host, path, query, fragment = found.groups()
        url["scheme"] = scheme
        url["domain"] = host
        if path:
            url["path"] = path
        if query:
            url["query"] = query
        if fragment:
            url["fragment"] = fragment
        if host not in hosts:
            hosts.append(host)
    return url
