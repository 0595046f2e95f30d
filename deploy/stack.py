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
_NEVER_MADE = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
# CloudFormation leaves these to a person. An import changes nothing of what it takes up, and what
# keeps records is retained: the stack can go, and the next deploy begins anew.
_BY_HAND = {
    "IMPORT_ROLLBACK_FAILED": "delete-stack --stack-name",
    "UPDATE_FAILED": "rollback-stack --stack-name",
}
_NOT_IMPORTED = "IMPORT_ROLLBACK_COMPLETE"


@dataclass(frozen=True)
class Wanted:
    """A stack as it should be."""

    name: str
    template: str
    parameters: list[dict[str, Any]]  # as CloudFormation takes them
    capability: str
    left: tuple[dict[str, Any], ...] = ()  # to be imported, and nothing else done


@dataclass(frozen=True)
class Change:
    """What a stack would become."""

    stack: str
    is_new: bool
    id: str  # empty: nothing changes
    lines: tuple[str, ...]  # one for each resource; a parameter alone can change too
    is_import: bool = False


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


def ready_stack(name: str, cloud: Cloud, tell: Callable[[str], None], *, dry_run: bool) -> None:
    """Bring a stack that a failure left where nothing can be changed to where it can.

    One that was never made is cleared away: it holds nothing, for what protects itself is made
    last. One that could not go back is asked to go on with that.

    Raises:
        DeployError: somebody is at work on it, it is half deleted, or CloudFormation could not.
    """
    stack = find_stack(cloud, name)
    status = stack["StackStatus"] if stack else "none"
    if status.endswith("_IN_PROGRESS"):
        raise DeployError(f"{name} is {status}: wait until that has ended, and run again")
    if status == "DELETE_FAILED":
        why = _first_failure(cloud.client("cloudformation"), name)
        raise DeployError(f"{name} is half deleted ({why}): mend that, and run make destroy first")
    if status in _BY_HAND:
        raise DeployError(f"{name} is {status}: aws cloudformation {_BY_HAND[status]} {name}")
    if status in _NEVER_MADE or (status == _NOT_IMPORTED and _is_empty(name, cloud)):
        tell(f"{name} is {status}: it was never made, and is cleared first")
        if not dry_run:
            delete_stack(name, cloud)
    if status == "UPDATE_ROLLBACK_FAILED":
        tell(f"{name} is {status}: it goes back first to what it was")
        if not dry_run:
            _go_back(name, cloud)


def _is_empty(name: str, cloud: Cloud) -> bool:
    said = cloud.client("cloudformation").describe_stack_resources(StackName=name)
    return all(each["ResourceStatus"] == "DELETE_COMPLETE" for each in said["StackResources"])


def _go_back(name: str, cloud: Cloud) -> None:
    cloudformation = cloud.client("cloudformation")
    cloudformation.continue_update_rollback(StackName=name, **cloud.with_role)
    try:
        waiter = cloudformation.get_waiter("stack_rollback_complete")
        waiter.wait(StackName=name, WaiterConfig=_PATIENCE)
    except WaiterError as error:
        why = _first_failure(cloudformation, name)
        raise DeployError(
            f"{name} cannot go back: {why}; mend that, or run aws cloudformation "
            f"continue-update-rollback --stack-name {name} --resources-to-skip <its name>"
        ) from error


def plan_stack(wanted: Wanted, cloud: Cloud) -> Change:
    """Ask CloudFormation what it would do, and let it do nothing.

    Raises:
        DeployError: CloudFormation refuses.
    """
    stack = find_stack(cloud, wanted.name)
    cloudformation = cloud.client("cloudformation")
    more = {"ResourcesToImport": list(wanted.left)} if wanted.left else {}
    kind = "IMPORT" if wanted.left else "CREATE" if stack is None else "UPDATE"
    try:
        made = cloudformation.create_change_set(
            StackName=wanted.name,
            ChangeSetName=f"cordon-{time.time_ns()}",
            ChangeSetType=kind,
            TemplateBody=wanted.template,
            Parameters=wanted.parameters,
            Capabilities=[wanted.capability],
            **cloud.with_role,
            **more,
        )
        which = {"StackName": wanted.name, "ChangeSetName": made["Id"]}
        waiter = cloudformation.get_waiter("change_set_create_complete")
        waiter.wait(**which, WaiterConfig=_PATIENCE)
    except (ClientError, WaiterError) as error:
        why = _reason(error)
        if not any(words in why for words in _NOTHING):
            raise DeployError(f"CloudFormation refuses {wanted.name}: {why}") from error
        return Change(wanted.name, stack is None, "", ())
    lines = _lines(cloudformation, which)
    return Change(wanted.name, stack is None, made["Id"], lines, is_import=bool(wanted.left))


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
    does = "import" if change.is_import else "create" if change.is_new else "update"
    try:
        cloudformation.get_waiter(f"stack_{does}_complete").wait(
            StackName=change.stack, WaiterConfig=_PATIENCE
        )
    except WaiterError as error:
        raise DeployError(
            f"{change.stack}: {_first_failure(cloudformation, change.stack)}"
        ) from error
    _guard(change.stack, cloud, is_on=True)
    tell(f"{change.stack}: done")


def _guard(name: str, cloud: Cloud, *, is_on: bool) -> None:
    """Let nobody delete the stack but by `make destroy`, which looks first; or let it be deleted.

    A stack that was never made has no such guard.
    """
    stack = find_stack(cloud, name) or {}
    if bool(stack.get("EnableTerminationProtection")) is not is_on:
        cloud.client("cloudformation").update_termination_protection(
            StackName=name, EnableTerminationProtection=is_on
        )


def drop(change: Change, cloud: Cloud) -> None:
    """Leave nothing behind of a change that is not carried out; a new stack would stay, empty."""
    cloudformation = cloud.client("cloudformation")
    if change.id:
        cloudformation.delete_change_set(StackName=change.stack, ChangeSetName=change.id)
    if change.is_new:
        cloudformation.delete_stack(StackName=change.stack, **cloud.with_role)


def delete_stack(name: str, cloud: Cloud) -> None:
    """Delete a stack and wait until it is gone; one that there is not is gone.

    Raises:
        DeployError: CloudFormation could not delete something.
    """
    cloudformation = cloud.client("cloudformation")
    _guard(name, cloud, is_on=False)
    cloudformation.delete_stack(StackName=name, **cloud.with_role)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=name, WaiterConfig=_PATIENCE
        )
    except WaiterError as error:
        why = _first_failure(cloudformation, name)
        raise DeployError(f"{name} could not be deleted: {why}; mend it, and run again") from error


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


def _first_failure(cloudformation: Any, stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [each for each in reversed(events) if each["ResourceStatus"].endswith("_FAILED")]
    if not failed:
        return "it failed; CloudFormation does not say why"
    return f"{failed[0]['LogicalResourceId']}: {failed[0].get('ResourceStatusReason', 'no reason')}"
