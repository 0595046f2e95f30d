"""The instances of an attack sequence, which has no `instanceDetails`.

Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Sequence.html
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.core.findings.json_node import dig, items
from chalicelib.core.instance import INSTANCE_ID, InstanceRef

_ODD = 120  # characters of a resource that cannot be read


@dataclass(frozen=True, slots=True)
class Sequence:
    """The instances that a sequence accuses, and how surely."""

    instances: tuple[InstanceRef, ...] = ()
    is_indirect: bool = False  # there are signals, and none of them leads to an instance
    unreadable: tuple[str, ...] = ()  # resources that are instances, and nobody can say which


def read_sequence(
    sequence: Any, account_id: str, region: str, account: re.Pattern[str], place: re.Pattern[str]
) -> Sequence:
    """Read the instances out of `sequence`, as far as it can be read.

    A signal that names an interface, or an instance profile, means the instance behind it. Other
    resources only group instances (VPC, image, Auto Scaling group): to be in the same group is no
    sign of compromise. Where no signal leads to an instance, every one that is named is returned,
    as indirect. One odd resource keeps none of the others from being read.

    Args:
        sequence: `service.detection.sequence`, or whatever lies there.
        account_id: of the finding; that of a resource that names none.
        region: likewise.
        account: what an account id looks like.
        place: what a region looks like.
    """
    named = [each for each in items(sequence, "resources") if _kind(each) == "EC2_INSTANCE"]
    accused = _accused(sequence)
    meant = [each for each in named if _is_in(dig(each, "uid"), accused)] if accused else named
    readable: list[InstanceRef] = []
    unreadable: list[str] = []
    for resource in meant or named:
        where = dig(resource, "accountId") or account_id, dig(resource, "region") or region
        instance_id = _instance_id(resource)
        if instance_id and _is(account, where[0]) and _is(place, where[1]):
            readable.append(InstanceRef(where[0], where[1], instance_id))
        else:
            unreadable.append(repr(dig(resource, "uid"))[:_ODD])
    return Sequence(tuple(readable), bool(named) and not meant, tuple(unreadable))


def _accused(sequence: Any) -> frozenset[str]:
    """Return the uids that a signal names, and those of the instances behind them."""
    signalled = {
        uid
        for signal in items(sequence, "signals")
        for uid in items(signal, "resourceUids")
        if isinstance(uid, str)
    }
    behind: set[str] = set()
    for resource in items(sequence, "resources"):
        uid, data = dig(resource, "uid"), dig(resource, "data")
        if _kind(resource) == "EC2_INSTANCE" and isinstance(uid, str):
            interfaces = _texts(dig(data, "ec2Instance"), "ec2NetworkInterfaceUids")
            profile = dig(data, "ec2Instance", "iamInstanceProfile", "arn")
            if not signalled.isdisjoint(interfaces) or _is_in(profile, signalled):
                behind.add(uid)
        if _kind(resource) == "IAM_INSTANCE_PROFILE" and _is_in(uid, signalled):
            behind.update(_texts(dig(data, "iamInstanceProfile"), "ec2InstanceUids"))
    return frozenset(signalled | behind)


def _kind(resource: Any) -> Any:
    return dig(resource, "resourceType")


def _texts(node: Any, key: str) -> Iterator[str]:
    return (text for text in items(node, key) if isinstance(text, str))


def _is_in(value: Any, some: Container[str]) -> bool:
    return isinstance(value, str) and value in some


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _instance_id(resource: Any) -> str | None:
    """Return the instance's id; `uid` may be an ARN or a bare id."""
    for text in (dig(resource, "uid"), dig(resource, "name")):
        if isinstance(text, str) and (found := INSTANCE_ID.findall(text)):
            return str(found[-1])
    return None
