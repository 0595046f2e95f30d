"""What both roads tell and do around the stack of the resources."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from chalicelib.adapters.dynamodb.control import DynamoControl
from chalicelib.core.errors import CordonError
from chalicelib.core.policy.policy import Mode
from deploy.cloud import Cloud
from deploy.errors import DeployError
from deploy.left import find_left
from deploy.resources import plan_import, plan_resources, protect
from deploy.stack import Change, carry_out, drop, find_stack, ready_stack, show
from deploy.stages import Stage
from deploy.tell import Tell

_TOPICS = {
    "notices": "what is contained and found (ContainmentsEmail, FindingsEmail)",
    "alarms": "that Cordon itself is not well (AlarmsEmail)",
}


def is_wanted() -> bool:
    """Ask on a terminal; where nobody can answer, whoever ran it wants it."""
    return not sys.stdin.isatty() or input("go on? [y/N] ").strip().lower() in ("y", "yes")


def tell_mode(stage: Stage, cloud: Cloud, tell: Tell) -> None:
    """Say, before anything is done, whether that stage cuts instances off."""
    deployed = stage.environment.get("CORDON_MODE") or Mode.OBSERVE.value
    does = {"enforce": "cuts instances off by itself", "observe": "only tells"}[deployed]
    tell(f"{cloud}, stage {stage.name}: it is deployed to {deployed}, so it {does}")
    if find_stack(cloud, stage.resources_stack) is None:
        return
    try:
        setting = DynamoControl(cloud.client("dynamodb"), stage.table).mode()
    except CordonError as error:
        tell(f"what its kill switch says cannot be read: {error}")
        return
    if setting is not None:
        tell(f"its kill switch says {setting.mode.value} since {setting.at:%Y-%m-%d}: it counts")


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
    sns = cloud.client("sns")
    for name, what in _TOPICS.items():
        arn = cloud.arn("sns", f"cordon-{stage.name}-{name}")
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        all_ = [each for page in pages for each in page["Subscriptions"]]
        people = [each for each in all_ if each["Protocol"] != "lambda"]
        waiting = [each for each in people if each["SubscriptionArn"] == "PendingConfirmation"]
        for each in waiting:
            tell(f"{each['Endpoint']} has not confirmed the mail of SNS, and is not told {what}")
        if not people:
            tell(f"NOBODY subscribed to {arn}: no mail says {what}")
