"""The same instance, cut off by handlers as they are usually written: their trips, what they leave.

Both are what an author writes who does not ask what happens next, in the order in which published
samples do it; both find the group that they need, as ours does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3

from bench.aws_world import DENY, AwsWorld, aws_world
from bench.figures import Drawing, Measured
from bench.on_aws import make_warm, trips_to_cut
from sandbox.faithful.faults import Faults, sequential_round_trips

_INTERFACES = 4


def compared() -> Measured:
    """Count the trips until the last cut, and the interfaces that are still open after it."""
    ours = trips_to_cut(_INTERFACES)
    plain, typical = _of(_plain), _of(_typical)
    assert ours <= plain[0] < typical[0], f"{ours} trips, {plain[0]}, {typical[0]}"
    assert plain[1] == _INTERFACES - 1, "the control fails: a plain handler leaves none open"
    assert not typical[1], "the control fails: one after the other leaves one open"
    trips = {"Cordon": ours, "plain handler": plain[0], "one after the other": typical[0]}
    left = {"Cordon": 0, "plain handler": plain[1], "one after the other": typical[1]}
    return Measured(
        f"{_INTERFACES} interfaces: Cordon {ours} trips, 0 left open, groups on record; a plain "
        f"handler {plain[0]}, {plain[1]} left open; one interface after the other {typical[0]}, "
        f"{typical[1]} left open; neither keeps what the groups were",
        (
            Drawing("trips", f"Round trips to the last cut, {_INTERFACES} interfaces", trips),
            Drawing("left-open", f"Interfaces left open, of {_INTERFACES}", left),
        ),
    )


def _of(handler: Callable[[str], None]) -> tuple[int, int]:
    """Return how many calls of `handler` waited for one another, and what is still open."""
    with aws_world(_INTERFACES) as world:
        make_warm(world)
        with Faults().on() as faults:
            handler(world.instance_id)
        return sequential_round_trips(faults.calls), _open(world)


def _open(world: AwsWorld) -> int:
    return sum(groups == world.originals[name] for name, groups in world.groups().items())


def _plain(instance_id: str) -> None:
    """Describe, find the group, put it on the first interface."""
    ec2: Any = boto3.client("ec2")
    first, *_ = _interfaces(ec2, instance_id)
    _change(ec2, first, _deny(ec2))


def _typical(instance_id: str) -> None:
    """Describe, find the group, put it on one interface after the other."""
    ec2: Any = boto3.client("ec2")
    interfaces = _interfaces(ec2, instance_id)
    deny = _deny(ec2)
    for each in interfaces:
        _change(ec2, each, deny)


def _interfaces(ec2: Any, instance_id: str) -> list[str]:
    described = ec2.describe_instances(InstanceIds=[instance_id])
    instance = described["Reservations"][0]["Instances"][0]
    return [each["NetworkInterfaceId"] for each in instance["NetworkInterfaces"]]


def _deny(ec2: Any) -> str:
    named = [{"Name": "group-name", "Values": [DENY]}]
    return str(ec2.describe_security_groups(Filters=named)["SecurityGroups"][0]["GroupId"])


def _change(ec2: Any, interface: str, group: str) -> None:
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[group])
