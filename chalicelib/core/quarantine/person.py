"""Who is another person, as far as an ARN can prove it: four eyes count on that."""

from __future__ import annotations

import re

_ASSUMED = re.compile(r"(arn:[^:]*:sts::\d*:assumed-role/([^/]+))/(.+)")
_FEDERATED = re.compile(r"arn:[^:]*:sts::\d*:federated-user/")

# Only IAM Identity Center makes these roles, and it names the session after who signed in.
# https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
_IDENTITY_CENTER = re.compile(r"AWSReservedSSO_.+_[0-9a-f]{16}")


def are_two_persons(one: str, other: str) -> bool:
    """Return whether two ARNs prove two persons.

    Who assumes a role chooses the name of the session, so all sessions of one role are one person;
    in IAM Identity Center one person has many roles, and one name. A federated user is named by
    whoever asks for the token, and proves nothing.
    """
    if any(map(_FEDERATED.match, (one, other))):
        return False
    return _person(one) != _person(other)


def _person(arn: str) -> str:
    assumed = _ASSUMED.fullmatch(arn)
    if not assumed:
        return arn
    role_arn, role, session = assumed.groups()
    return session.casefold() if _IDENTITY_CENTER.fullmatch(role) else role_arn
