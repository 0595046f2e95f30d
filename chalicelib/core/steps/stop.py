"""Stop the instance: what runs in it ends, and what the cut cannot end with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.instance import Instance
from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import Step, StepName, StepStatus
from chalicelib.core.steps.step import Change, Membership, ReversibleStep, SetRunning, Traits

_RUNS = ("pending", "running")
_STANDBY = ("EnteringStandby", "Standby")


class Stop(ReversibleStep):
    """The instance does not run; a release starts it, and is over once it runs.

    A member of an Auto Scaling group is stopped in standby only: the health check would terminate
    and replace it, and the evidence with it. What no release could start again is not stopped.

    Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-checks-overview.html
    """

    name = StepName.STOP
    sentence = "Stopping the instance"
    undone = "starts it"
    # Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html
    lasting = (
        "what was in its memory and on instance store volumes is lost, and so is a public address "
        "that is no Elastic IP"
    )

    def is_wanted(self, policy: Policy) -> bool:
        return policy.stop_after_cut

    def unfit(self, seen: Traits) -> str:
        if seen.fleet is not None and seen.fleet.state not in _STANDBY:
            return (
                f"it is a member of the Auto Scaling group {seen.fleet.group}, "
                "whose health check would terminate it"
            )
        if seen.root_device_type == "instance-store":
            return "its root volume is an instance store, which cannot stop"
        if seen.is_spot:
            return "it is a Spot instance, which may not start again"
        return "" if seen.state in _RUNS else f"it is {seen.state} already"

    def before(self, seen: Traits) -> Mapping[str, Any]:
        return {"state": "running"} if seen.state in _RUNS else {}

    def remembered(self, step: Step) -> Mapping[str, Any]:
        """Of one that an earlier version stopped nothing is written down: it stopped what ran."""
        begun = step.status in (StepStatus.STARTED, StepStatus.DONE)
        return step.before or ({"state": "running"} if begun else {})

    def left(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        due = before.get("state", "running") == "running" and seen.state in _RUNS
        return (SetRunning(is_on=False),) if due else ()

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        ran = before["state"] == "running"
        return (SetRunning(is_on=True),) if ran and seen.state not in _RUNS else ()

    def waits(self, seen: Traits) -> str:
        return "EC2 is starting it" if seen.state == "pending" else ""


STOP = Stop()


def foreseen(instance: Instance, policy: Policy, finding_type: str | None) -> Step:
    """Return how the stop stands right after the cut, as far as the instance itself tells.

    A member that the step before takes into standby is seen there.

    Args:
        instance: as EC2 describes it.
        policy: of its account.
        finding_type: of the finding that had it cut off; None: a person had.
    """
    group = instance.auto_scaling_group
    seen = Traits(
        state=instance.state,
        is_spot=instance.is_spot,
        root_device_type=instance.root_device_type,
        fleet=Membership(group, "Standby" if policy.fleet else "InService") if group else None,
    )
    if not policy.stops(finding_type):
        return Step(StepStatus.SKIPPED, "the policy does not stop instances")
    why_not = STOP.unfit(seen)
    return Step(StepStatus.SKIPPED, why_not) if why_not else Step(StepStatus.PENDING)
