"""The parts of an ARN."""

from __future__ import annotations

from collections.abc import Callable

from doorlog.mapping.functions.function import Example, Function
from doorlog.mapping.network import arn_part

_USER = "arn:aws:iam::111122223333:user/teams/alice"
_SESSION = "arn:aws-us-gov:sts:us-gov-west-1:111122223333:assumed-role/Audit/bob"


def _part(name: str) -> Callable[[str], str | None]:
    return lambda value: arn_part(value, name)


def _function(name: str, summary: str, of_user: str | None, of_session: str, memo: bool = False) -> Function:
    examples = (Example(_USER, of_user), Example(_SESSION, of_session), Example("user/alice", None))
    fails = "it is no ARN, or has no such part"
    return Function(f"arn_{name}", summary, _part(name), "text", examples, fails, memo=memo, shortens=True)


FUNCTIONS = (
    _function("partition", "The partition of an ARN (aws, aws-cn, ...).", "aws", "aws-us-gov"),
    _function("service", "The service of an ARN.", "iam", "sts"),
    _function("region", "The region of an ARN.", None, "us-gov-west-1"),
    _function("account", "The account of an ARN.", "111122223333", "111122223333"),
    _function("resource", "The resource of an ARN.", "user/teams/alice", "assumed-role/Audit/bob"),
    _function("name", "The last part of an ARN's resource.", "alice", "bob", memo=True),
)
