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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.errors import MalformedFindingError, NotAFindingError
from chalicelib.core.findings.origin import Origin
from chalicelib.core.findings.severity import Band, parse_score
from chalicelib.core.instance import INSTANCE_ID, InstanceRef

SOURCE = "aws.guardduty"
DETAIL_TYPE = "GuardDuty Finding"

# CreateSampleFindings makes findings about this instance, which does not exist.
_SAMPLE_INSTANCE = "i-99999999"

_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TYPE = re.compile(r"[A-Za-z]{1,64}:[A-Za-z0-9]{1,64}/[A-Za-z0-9.&!_-]{1,128}")
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
    remote: str | None  # the other end: an address or a domain
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
    instances = tuple(dict.fromkeys(_instances(detail, resource, service)))
    title = _text(detail.get("title"))
    return Finding(
        id=_matching(detail, "id", _ID),
        type=_matching(detail, "type", _TYPE),
        score=_score(detail),
        account_id=_matching(detail, "accountId", _ACCOUNT),
        region=_matching(detail, "region", _REGION),
        title=title,
        resource_type=_word(resource.get("resourceType")),
        role=_word(service.get("resourceRole")),
        direction=_word(_dig(service, "action", "networkConnectionAction", "connectionDirection")),
        remote=_remote(service),
        instances=instances,
        threat_names=tuple(_threat_names(service)),
        is_affiliated=_dig(service, *_REMOTE_ACCOUNT, "affiliated") is True,
        is_sample=additional.get("sample") is True
        or title.startswith("[SAMPLE]")
        or any(ref.instance_id == _SAMPLE_INSTANCE for ref in instances),
        is_archived=service.get("archived") is True,
        is_custom=bool(_word(service.get("customDetectionRuleName"))),
        count=_count(service.get("count")),
        last_seen=_when(service.get("eventLastSeen"), detail.get("updatedAt"), event.get("time")),
        as_received=_canonical(event),
        threat_lists=_list_names(service, additional),
        sent_at=_when(event.get("time")),
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


def _instances(
    detail: Mapping[str, Any], resource: Mapping[str, Any], service: Mapping[str, Any]
) -> Iterator[InstanceRef]:
    """Yield the instances that the finding names, each once, in its order.

    An attack sequence has no `instanceDetails`; its instances are among its resources.
    """
    account, region = detail.get("accountId"), detail.get("region")
    instance_id = _dig(resource, "instanceDetails", "instanceId")
    if instance_id not in (None, ""):
        if not isinstance(instance_id, str) or not INSTANCE_ID.fullmatch(instance_id):
            raise MalformedFindingError("detail.resource.instanceDetails.instanceId", instance_id)
        yield InstanceRef(_text(account), _text(region), instance_id)
    yield from _sequence_instances(_dig(service, "detection", "sequence"), account, region)


def _sequence_instances(sequence: Any, account: Any, region: Any) -> Iterator[InstanceRef]:
    """Yield the instances that a signal of `sequence` points at.

    Other resources of the sequence only group them (VPC, image, Auto Scaling group): being in
    the same group is no sign of compromise. `uid` may be an ARN or a bare id.
    """
    signalled = {
        uid
        for signal in _items(sequence, "signals")
        for uid in _items(signal, "resourceUids")
        if isinstance(uid, str)
    }
    for resource in _items(sequence, "resources"):
        if _dig(resource, "resourceType") != "EC2_INSTANCE":
            continue
        uid = _dig(resource, "uid")
        if signalled and not (isinstance(uid, str) and uid in signalled):
            continue
        yield InstanceRef(
            _sequence_field(resource, "accountId", account, _ACCOUNT),
            _sequence_field(resource, "region", region, _REGION),
            _sequence_instance_id(resource, uid),
        )


_SEQUENCE = "detail.service.detection.sequence.resources[]"


def _sequence_field(resource: Any, key: str, default: Any, pattern: re.Pattern[str]) -> str:
    value = _dig(resource, key) or default
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedFindingError(f"{_SEQUENCE}.{key}", value)
    return value


def _sequence_instance_id(resource: Any, uid: Any) -> str:
    for text in (uid, _dig(resource, "name")):
        if isinstance(text, str) and (found := INSTANCE_ID.findall(text)):
            return str(found[-1])
    raise MalformedFindingError(f"{_SEQUENCE}.uid", uid)


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


def _remote(service: Mapping[str, Any]) -> str | None:
    action = service.get("action")
    if not isinstance(action, Mapping):
        return None
    for kind in action.values():
        remote = _dig(kind, "remoteIpDetails", "ipAddressV4") or _dig(kind, "domain")
        if isinstance(remote, str) and remote:
            return remote
    return None


def _list_names(service: Mapping[str, Any], additional: Mapping[str, Any]) -> tuple[str, ...]:
    details = _items(service.get("evidence"), "threatIntelligenceDetails")
    names = (_dig(each, "threatListName") for each in (additional, *details))
    return tuple(name for name in dict.fromkeys(map(_text, names)) if name)


def _threat_names(service: Mapping[str, Any]) -> Iterator[str]:
    detections = _dig(service, "ebsVolumeScanDetails", "scanDetections", "threatDetectedByName")
    threats = (
        *_items(detections, "threatNames"),
        *_items(service.get("malwareScanDetails"), "threats"),
    )
    for threat in threats:
        name = _dig(threat, "name")
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


def _items(node: Any, key: str) -> Sequence[Any]:
    value = _dig(node, key)
    return value if isinstance(value, list | tuple) else ()


def _dig(node: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node
