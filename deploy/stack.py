"""A stack: what would change is shown before it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from deploy.cloud import Cloud
from deploy.errors import DeployError

_PATIENCE = {"Delay": 3, "MaxAttempts": 400}  # twenty minutes
_NOTHING = ("didn't contain changes", "No updates are to be performed")
# A change set that was made and never carried out leaves a stack that is not there yet.
_UNMADE = "REVIEW_IN_PROGRESS"


@dataclass(frozen=True)
class Wanted:
    """A stack as it should be."""

    name: str
    template: str
    parameters: list[dict[str, Any]]  # as CloudFormation takes them
    capability: str


@dataclass(frozen=True)
class Change:
    """What a stack would become."""

    stack: str
    is_new: bool
    id: str  # empty: nothing changes
    lines: tuple[str, ...]  # one for each resource; a parameter alone can change too


def find_stack(cloud: Cloud, name: str) -> dict[str, Any] | None:
    """Return a stack, or None if there is none of that name."""
    try:
        found: dict[str, Any] = cloud.client("cloudformation").describe_stacks(StackName=name)
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    stack: dict[str, Any] = found["Stacks"][0]
    return None if stack["StackStatus"] in (_UNMADE, "DELETE_COMPLETE") else stack


def plan_stack(wanted: Wanted, cloud: Cloud) -> Change:
    """Ask CloudFormation what it would do, and let it do nothing.

    Raises:
        DeployError: CloudFormation refuses, or its first try at this stack failed.
    """
    stack = find_stack(cloud, wanted.name)
    if stack and stack["StackStatus"] == "ROLLBACK_COMPLETE":
        raise DeployError(f"{wanted.name} was never made: delete that stack, try again")
    cloudformation = cloud.client("cloudformation")
    try:
        made = cloudformation.create_change_set(
            StackName=wanted.name,
            ChangeSetName=f"cordon-{int(time.time())}",
            ChangeSetType="CREATE" if stack is None else "UPDATE",
            TemplateBody=wanted.template,
            Parameters=wanted.parameters,
            Capabilities=[wanted.capability],
        )
        which = {"StackName": wanted.name, "ChangeSetName": made["Id"]}
        waiter = cloudformation.get_waiter("change_set_create_complete")
        waiter.wait(**which, WaiterConfig=_PATIENCE)
    except (ClientError, WaiterError) as error:
        why = _reason(error)
        if not any(words in why for words in _NOTHING):
            raise DeployError(f"CloudFormation refuses {wanted.name}: {why}") from error
        return Change(wanted.name, stack is None, "", ())
    return Change(wanted.name, stack is None, made["Id"], _lines(cloudformation, which))


def show(change: Change, tell: Callable[[str], None]) -> None:
    """Tell what would change."""
    tell(f"{change.stack}: {len(change.lines) or 'no'} resource(s) would change")
    for line in change.lines:
        tell(f"  {line}")


def carry_out(change: Change, cloud: Cloud, tell: Callable[[str], None]) -> None:
    """Make the stack what `change` says, and wait for it.

    Raises:
        DeployError: CloudFormation could not, and has taken back what it did.
    """
    if not change.id:
        return
    cloudformation = cloud.client("cloudformation")
    cloudformation.execute_change_set(StackName=change.stack, ChangeSetName=change.id)
    tell(f"{change.stack}: under way")
    kind = "stack_create_complete" if change.is_new else "stack_update_complete"
    try:
        cloudformation.get_waiter(kind).wait(StackName=change.stack, WaiterConfig=_PATIENCE)
    except WaiterError as error:
        raise DeployError(f"{change.stack}: {_first_failure(cloudformation, change)}") from error
    tell(f"{change.stack}: done")


def drop(change: Change, cloud: Cloud) -> None:
    """Leave nothing behind of a change that is not carried out; a new stack would stay, empty."""
    cloudformation = cloud.client("cloudformation")
    if change.id:
        cloudformation.delete_change_set(StackName=change.stack, ChangeSetName=change.id)
    if change.is_new:
        cloudformation.delete_stack(StackName=change.stack)


def delete_stack(name: str, cloud: Cloud) -> None:
    """Delete a stack and wait until it is gone; one that there is not is gone.

    Raises:
        DeployError: CloudFormation could not delete something.
    """
    cloudformation = cloud.client("cloudformation")
    cloudformation.delete_stack(StackName=name)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig=_PATIENCE
        )
    except WaiterError as error:
        raise DeployError(f"{name} could not be deleted: look at its events") from error


def _reason(error: ClientError | WaiterError) -> str:
    if isinstance(error, WaiterError):
        return str(error.last_response.get("StatusReason", error))
    return str(error)


def _lines(cloudformation: Any, change: Mapping[str, str]) -> tuple[str, ...]:
    pages = cloudformation.get_paginator("describe_change_set").paginate(**change)
    found = [each["ResourceChange"] for page in pages for each in page["Changes"]]
    return tuple(
        f"{each['Action'].lower():<7} {each['LogicalResourceId']} ({each['ResourceType']})"
        + (" REPLACED" if each.get("Replacement") == "True" else "")
        for each in found
    )


def _first_failure(cloudformation: Any, change: Change) -> str:
    events = cloudformation.describe_stack_events(StackName=change.stack)["StackEvents"]
    failed = [each for each in reversed(events) if each["ResourceStatus"].endswith("_FAILED")]
    if not failed:
        return "it failed; CloudFormation does not say why"
    return f"{failed[0]['LogicalResourceId']}: {failed[0].get('ResourceStatusReason', 'no reason')}"
