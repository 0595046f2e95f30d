"""Before an incident: Cordon's groups are there, and as they must be, in every VPC in use."""

from __future__ import annotations

from chalicelib.core.errors import AwsRefusedError, CordonError
from chalicelib.core.steps.network import Group, GroupRole, by_vpc_and_role
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.ports.site import SecurityGroups


def ready_groups(account_id: str, to: Responder) -> dict[str, str]:
    """Make or mend Cordon's groups in every VPC of an account that has instances.

    Each VPC by itself, and the deny groups before any drain group, which may have the last room.

    Returns:
        What AWS refuses: the group, in words, and why. A person must look.

    Raises:
        CordonError: the first thing that could not be done now, once all was tried.
    """
    ours = to.sites(account_id, to.own_region).security_groups
    groups = by_vpc_and_role(ours.groups())
    vpcs = sorted(ours.vpcs())
    refused: dict[str, str] = {}
    failures: list[CordonError] = []
    policy = to.policy.at(account_id)
    for role in (GroupRole.DENY, GroupRole.DRAIN) if policy.drain else (GroupRole.DENY,):
        for vpc_id in vpcs:
            try:
                _ready(groups.get((vpc_id, role)), vpc_id, role, ours)
            except AwsRefusedError as error:
                refused[f"{role} group of {vpc_id} in {account_id}"] = str(error)
            except CordonError as error:
                failures.append(error)
    if failures:
        raise failures[0]
    return refused


def _ready(group: Group | None, vpc_id: str, role: GroupRole, ours: SecurityGroups) -> None:
    if group is not None and group.is_ready:
        return
    if group is not None or ours.is_in_use(vpc_id):
        ours.prepare(vpc_id, role)
