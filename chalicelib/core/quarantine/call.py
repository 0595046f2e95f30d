"""A call that somebody made of AWS, as CloudTrail tells it, and whether Cordon made it itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from chalicelib.core.errors import MalformedFindingError

_T = TypeVar("_T")

_ID = re.compile(r"(?P<kind>i|eni|sg)-[0-9a-f]{8,17}")
# Of the functions, those that change what a quarantine rests on.
_FUNCTIONS = ("api_handler", "contain_finding", "repair_drift", "watch_quarantines")


@dataclass(frozen=True, slots=True)
class Call:
    """One call, and every instance, interface and security group that its request names."""

    name: str
    by: str  # the ARN of who made it; empty: an AWS service did
    at: str
    account_id: str
    region: str
    has_failed: bool
    instance_ids: tuple[str, ...]
    interface_ids: tuple[str, ...]
    group_ids: tuple[str, ...]


def parse_call(event: Mapping[str, Any]) -> Call:
    """Return the call that an event of CloudTrail's tells of.

    Names of fields differ from call to call, in case and in depth, so the ids are found by what
    they look like.

    Raises:
        MalformedFindingError: it is no such event; the field is named.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    detail: Mapping[str, Any] = _field(event, "detail", dict)
    found: dict[str, dict[str, None]] = {"i": {}, "eni": {}, "sg": {}}
    for text in _texts(detail.get("requestParameters")):
        if match := _ID.fullmatch(text):
            found[match["kind"]][text] = None
    identity = detail.get("userIdentity")
    by = identity.get("arn") if isinstance(identity, Mapping) else None
    return Call(
        name=_field(detail, "eventName", str),
        by=by if isinstance(by, str) else "",
        at=_field(detail, "eventTime", str),
        account_id=_field(event, "account", str),
        region=_field(event, "region", str),
        has_failed="errorCode" in detail,
        instance_ids=tuple(found["i"]),
        interface_ids=tuple(found["eni"]),
        group_ids=tuple(found["sg"]),
    )


@dataclass(frozen=True, slots=True)
class OwnRoles:
    """The roles that one stage of Cordon acts with."""

    stage: str
    account_id: str

    def made(self, call: Call) -> bool:
        """Whether Cordon made `call` itself.

        A role of such a name counts in the one account where it is Cordon's: names are of an
        account, and nobody else can have it there.
        """
        account_id, role = _role_of(call.by)
        own = {f"cordon-{self.stage}-{name}" for name in _FUNCTIONS}
        if account_id == self.account_id and role in own:
            return True
        return account_id == call.account_id and role == f"cordon-{self.stage}-member"


def _role_of(arn: str) -> tuple[str, str]:
    """Return account and name of the role in arn:aws:sts::111122223333:assumed-role/name/x."""
    parts = arn.split(":", 5)
    kind, _, rest = parts[-1].partition("/")
    if len(parts) == 6 and parts[2] == "sts" and kind == "assumed-role":  # noqa: PLR2004 - of an ARN
        return parts[4], rest.partition("/")[0]
    return "", ""


def _field(said: Mapping[str, Any], name: str, kind: type[_T]) -> _T:
    value = said.get(name)
    if not isinstance(value, kind):
        raise MalformedFindingError(name, value)
    return value


def _texts(said: object) -> Iterator[str]:
    """Yield every text in `said`, however deep; in any order."""
    left = [said]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)
