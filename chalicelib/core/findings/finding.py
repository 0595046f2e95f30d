"""What GuardDuty told us.

A finding is a claim about the past. What the instance looks like now is asked of EC2
(`core.instance`), never read out of the finding.

Source: EventBridge event "GuardDuty Finding", schema 2.0, lowerCamelCase keys.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.errors import MalformedFindingError, NotAFindingError
from chalicelib.core.findings.json_node import dig, items
from chalicelib.core.findings.origin import Origin
from chalicelib.core.findings.sequence import read_sequence
from chalicelib.core.findings.severity import Band, parse_score
from chalicelib.core.instance import INSTANCE_ID, InstanceRef

SOURCE = "aws.guardduty"
DETAIL_TYPE = "GuardDuty Finding"

# CreateSampleFindings makes findings about this instance, which does not exist.
_SAMPLE_INSTANCE = "i-99999999"

_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# GuardDuty makes new kinds of types; whatever can be printed in one line is one.
_TYPE = re.compile(r"[!-~](?:[ -~]{0,298}[!-~])?")
# Twelve digits in life; redacted exports keep other lengths. Only an allowed account is acted on.
_ACCOUNT = re.compile(r"\d{1,20}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]{1,16}){1,3}-\d{1,2}", re.ASCII)
_REMOTE_ACCOUNT = ("action", "awsApiCallAction", "remoteAccountDetails")


@dataclass(frozen=True, slots=True)
class Finding:
    """One version of one GuardDuty finding, as far as Cordon cares."""

    id: str
    type: str  # e.g. "Backdoor:EC2/C&CActivity.B!DNS"
    score: float  # 0.0 to 10.0
    account_id: str  # where the resource is; not always where the event arrived
    region: str
    title: str
    resource_type: str | None  # e.g. "Instance"
    role: str | None  # TARGET or ACTOR
    direction: str | None  # INBOUND or OUTBOUND
    remotes: tuple[str, ...]  # the other ends: addresses and domains
    instances: tuple[InstanceRef, ...]  # that the finding names; not all are ours to act on
    threat_names: tuple[str, ...]  # what a malware scan found
    is_affiliated: bool  # stolen credentials were used by an account of the same organisation
    is_sample: bool  # made by CreateSampleFindings
    is_archived: bool
    is_custom: bool  # made by a detection rule of the customer's
    count: int  # how often GuardDuty has seen it
    last_seen: datetime | None  # UTC; when the activity was last seen
    as_received: str  # the whole event, JSON with sorted keys
    threat_lists: tuple[str, ...] = ()  # names of the customer's lists that the other end is on
    origin: Origin | None = None  # of its entry on ours; None: not looked up, or not on it
    sent_at: datetime | None = None  # UTC; of the event
    arn: str = ""  # as GuardDuty says it: text, like the title

    is_indirect: bool = False  # no signal of the sequence leads to one of the instances
    unreadable: tuple[str, ...] = ()  # instances of the sequence that cannot be told
    is_exercise: bool = False  # labelled so by `cordon drill`; GuardDuty makes none
    is_replayed: bool = False  # sent again out of an archive, or out of the dead letters

    @property
    def remote(self) -> str | None:
        """The first of the other ends."""
        return next(iter(self.remotes), None)

    @property
    def band(self) -> Band:
        return Band.of(self.score)

    @property
    def key(self) -> str:
        """Where a finding about no instance is remembered; no instance has this key."""
        return f"{self.account_id}/{self.region}/finding-{self.id}"

    @property
    def sha256(self) -> str:
        """Name of this version: GuardDuty keeps the id and replaces the details."""
        return hashlib.sha256(self.as_received.encode()).hexdigest()


def parse_finding(event: Mapping[str, Any]) -> Finding:
    """Read a finding out of an EventBridge `event`; after this no dictionary travels.

    Fields that AWS may leave out or null are None, empty or false.

    Raises:
        NotAFindingError: the event is something else, such as another detail-type.
        MalformedFindingError: a field that every finding has is missing, or a field holds
            what it cannot hold, such as an instance id that is none.
    """
    _check_envelope(event)
    detail = _mapping(event, "detail")
    resource = _mapping(detail, "resource", "detail.")
    service = _mapping(detail, "service", "detail.")
    additional = _additional_info(service)
    finding_id, type_ = _matching(detail, "id", _ID), _matching(detail, "type", _TYPE)
    score = _score(detail)
    account_id = _matching(detail, "accountId", _ACCOUNT)
    region = _matching(detail, "region", _REGION)
    sequence = read_sequence(
        dig(service, "detection", "sequence"), account_id, region, _ACCOUNT, _REGION
    )
    instances = tuple(dict.fromkeys((*_instance(detail, resource), *sequence.instances)))
    title = _text(detail.get("title"))
    return Finding(
        id=finding_id,
        type=type_,
        score=score,
        account_id=account_id,
        region=region,
        title=title,
        resource_type=_word(resource.get("resourceType")),
        role=_word(service.get("resourceRole")),
        direction=_word(dig(service, "action", "networkConnectionAction", "connectionDirection")),
        remotes=tuple(dict.fromkeys(_remotes(service))),
        instances=instances,
        threat_names=tuple(_threat_names(service)),
        is_affiliated=dig(service, *_REMOTE_ACCOUNT, "affiliated") is True,
        is_sample=additional.get("sample") is True
        or title.startswith("[SAMPLE]")
        or any(ref.instance_id == _SAMPLE_INSTANCE for ref in instances),
        is_exercise=additional.get("exercise") is True,
        is_archived=service.get("archived") is True,
        is_custom=bool(_word(service.get("customDetectionRuleName"))),
        count=_count(service.get("count")),
        last_seen=_when(service.get("eventLastSeen"), detail.get("updatedAt"), event.get("time")),
        as_received=_canonical(event),
        threat_lists=_list_names(service, additional),
        sent_at=_when(event.get("time")),
        arn=_text(detail.get("arn")),
        is_indirect=sequence.is_indirect,
        unreadable=sequence.unreadable,
        is_replayed=bool(event.get("replay-name")),
    )


def _check_envelope(event: Mapping[str, Any]) -> None:
    if not isinstance(event, Mapping):
        raise NotAFindingError("the event", event)
    for field, expected in (("source", SOURCE), ("detail-type", DETAIL_TYPE)):
        if event.get(field) != expected:
            raise NotAFindingError(field, event.get(field))


def _canonical(event: Mapping[str, Any]) -> str:
    try:
        return json.dumps(
            event, sort_keys=True, separators=(",", ":"), default=str, allow_nan=False
        )
    except (RecursionError, TypeError, ValueError) as error:
        raise MalformedFindingError("detail", str(error)) from error


def _mapping(parent: Mapping[str, Any], key: str, path: str = "") -> Mapping[str, Any]:
    value = parent.get(key)
    if value is None and path:  # AWS nulls whole sections; the envelope's detail it never does
        return {}
    if not isinstance(value, Mapping):
        raise MalformedFindingError(path + key, value)
    return value


def _matching(detail: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = detail.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedFindingError(f"detail.{key}", value)
    return value


def _score(detail: Mapping[str, Any]) -> float:
    value = detail.get("severity")
    try:
        return parse_score(value)
    except ValueError as error:
        raise MalformedFindingError("detail.severity", value) from error


def _instance(detail: Mapping[str, Any], resource: Mapping[str, Any]) -> Iterator[InstanceRef]:
    account, region = detail.get("accountId"), detail.get("region")
    instance_id = dig(resource, "instanceDetails", "instanceId")
    if instance_id not in (None, ""):
        if not isinstance(instance_id, str) or not INSTANCE_ID.fullmatch(instance_id):
            raise MalformedFindingError("detail.resource.instanceDetails.instanceId", instance_id)
        yield InstanceRef(_text(account), _text(region), instance_id)


def _additional_info(service: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `additionalInfo`; its `value` may hold it once more, as JSON in a string."""
    info = service.get("additionalInfo")
    if not isinstance(info, Mapping):
        return {}
    try:
        inner = json.loads(_text(info.get("value")) or "{}")
    except (RecursionError, ValueError):
        inner = {}
    stated = {key: value for key, value in info.items() if value is not None}
    return {**(inner if isinstance(inner, Mapping) else {}), **stated}


def _remotes(service: Mapping[str, Any]) -> Iterator[str]:
    """Yield the other ends of the action, in its order; a port probe has several."""
    action = service.get("action")
    for kind in action.values() if isinstance(action, Mapping) else ():
        for each in (kind, *items(kind, "portProbeDetails")):
            address = dig(each, "remoteIpDetails", "ipAddressV4")
            for end in (
                address or dig(each, "remoteIpDetails", "ipAddressV6"),
                None if address else dig(each, "domain"),
            ):
                if isinstance(end, str) and end:
                    yield end


def _list_names(service: Mapping[str, Any], additional: Mapping[str, Any]) -> tuple[str, ...]:
    details = items(service.get("evidence"), "threatIntelligenceDetails")
    names = (dig(each, "threatListName") for each in (additional, *details))
    return tuple(name for name in dict.fromkeys(map(_text, names)) if name)


def _threat_names(service: Mapping[str, Any]) -> Iterator[str]:
    detections = dig(service, "ebsVolumeScanDetails", "scanDetections", "threatDetectedByName")
    threats = (
        *items(detections, "threatNames"),
        *items(service.get("malwareScanDetails"), "threats"),
    )
    for threat in threats:
        name = dig(threat, "name")
        if isinstance(name, str):
            yield name


def _when(*candidates: Any) -> datetime | None:
    for text in candidates:
        if not isinstance(text, str):
            continue
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (OverflowError, ValueError):
            continue
    return None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
