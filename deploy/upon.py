"""What both roads tell and do around the stack of the resources."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from chalicelib import VERSION
from chalicelib.adapters.dynamodb.control import DynamoControl
from chalicelib.adapters.sns import SnsAudience
from chalicelib.core.deployed import Deployed
from chalicelib.core.errors import CordonError
from chalicelib.core.notices import audience
from chalicelib.core.policy.policy import Mode
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.left import find_left
from deploy.resources import plan_import, plan_resources, protect, refuse_second_region
from deploy.stack import Change, carry_out, drop, find_stack, ready_stack, show
from deploy.stages import Stage
from deploy.tell import Tell


def is_wanted() -> bool:
    """Ask on a terminal; where nobody can answer, whoever ran it wants it."""
    return not sys.stdin.isatty() or input("go on? [y/N] ").strip().lower() in ("y", "yes")


def tell_mode(stage: Stage, cloud: Cloud, tell: Tell) -> None:
    """Say, before anything is done, whether that stage cuts instances off."""
    deployed = stage.environment.get("CORDON_MODE") or Mode.OBSERVE.value
    does = {"enforce": "cuts instances off by itself", "observe": "only tells"}[deployed]
    tell(f"{cloud}, stage {stage.name}: it is deployed to {deployed}, so it {does}")
    if find_stack(cloud, stage.resources_stack) is None:
        tell(f"Cordon {VERSION} is new here")
        return
    control = DynamoControl(cloud.client("dynamodb"), stage.table)
    try:
        tell(say_version(control.deployed()))
        setting = control.mode()
    except CordonError as error:
        tell(f"what its kill switch says cannot be read: {error}")
        return
    if setting is not None:
        tell(f"its kill switch says {setting.mode.value} since {setting.at:%Y-%m-%d}: it counts")


def say_version(there: Deployed | None) -> str:
    """Say which version is there, and which takes its place."""
    if there is None:
        return f"Cordon {VERSION} takes the place of one that does not say its version"
    if there.version == VERSION:
        return f"Cordon {there} stays"
    return f"Cordon {VERSION} takes the place of {there}: CHANGELOG.md says what that means"


def ready_resources(
    stage: Stage, wishes: Mapping[str, str], cloud: Cloud, tell: Tell, *, dry_run: bool
) -> Change:
    """Plan the stack of the resources, once what stands in its way is out of it; show the plan.

    What an earlier stack left behind is taken up first: nothing of it is changed by that.

    Raises:
        DeployError: CloudFormation refuses, or somebody is at work on the stack.
    """
    ready_stack(stage.resources_stack, cloud, tell, dry_run=dry_run)
    stack = find_stack(cloud, stage.resources_stack)
    if stack is None:
        refuse_second_region(stage, cloud)
    left = () if stack else find_left(stage, cloud)
    if left:
        tell("an earlier stack left these, and the new one takes them up as they are:")
        change = plan_import(stage, wishes, cloud, left)
        show(change, tell)
        if dry_run:
            tell("and then makes all the others")
            return change
        if not is_wanted():
            drop(change, cloud)
            raise DeployError("nothing was changed")
        carry_out(change, cloud, tell)
    change = plan_resources(stage, wishes, cloud)
    show(change, tell)
    return change


def make_resources(stage: Stage, change: Change, cloud: Cloud, tell: Tell) -> None:
    """Carry out the plan, protect what holds state, and say who hears nothing yet."""
    carry_out(change, cloud, tell)
    protect(stage, cloud)


def tell_unheard(stage: Stage, cloud: Cloud, tell: Tell) -> None:
    """Say which topics nobody hears, and who has not confirmed the mail of SNS."""
    topics = cloud.arn("sns", f"cordon-{stage.name}-")
    sns = SnsAudience(cloud.client("sns"), topics)
    heard_by = (
        ("notices", audience.NOTICES, sns.of_notices()),
        ("alarms", audience.ALARMS, sns.of_alarms()),
    )
    for name, what, subscribers in heard_by:
        for line in audience.find_unconfirmed(what, subscribers):
            tell(line)
        if not audience.is_heard(subscribers):
            tell(f"NOBODY subscribed to {topics}{name}: no mail says {what}")
