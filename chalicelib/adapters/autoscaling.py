"""Auto Scaling: whether an instance is in service in a group, and its way out and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.errors import aws_errors
from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.steps.step import EnterStandby, ExitStandby, Membership

if TYPE_CHECKING:
    from typing import Any

PERMISSIONS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:EnterStandby",
)
RELEASE_PERMISSIONS = ("autoscaling:ExitStandby",)

_INVALID = "ValidationError"


class AutoScaling:
    """The groups of one account and region."""

    def __init__(self, client: Any) -> None:
        self._autoscaling = client

    def membership(self, instance_id: str) -> Membership | None:
        """Return the group that the instance is a member of now, and how it stands there."""
        with aws_errors(f"see in which group {instance_id} is"):
            found = self._autoscaling.describe_auto_scaling_instances(InstanceIds=[instance_id])
        for each in found["AutoScalingInstances"]:
            return Membership(each["AutoScalingGroupName"], each["LifecycleState"])
        return None

    def describe(self, group: str) -> list[Any]:
        """Return AWS's own description of a group; empty: there is none of that name."""
        answer = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])
        found: list[Any] = answer["AutoScalingGroups"]
        return found

    def alter(self, instance_id: str, change: EnterStandby | ExitStandby) -> str:
        """Carry out one change; return the request id of AWS's answer.

        The group keeps its capacity: it launches another in the place of one in standby.
        """
        said = {"InstanceIds": [instance_id], "AutoScalingGroupName": change.group}
        try:
            with aws_errors(f"{type(change).__name__} of {instance_id} in {change.group}"):
                if isinstance(change, EnterStandby):
                    answer = self._autoscaling.enter_standby(
                        **said, ShouldDecrementDesiredCapacity=False
                    )
                else:
                    answer = self._autoscaling.exit_standby(**said)
        except AwsRefusedError as error:
            if error.code == _INVALID and self._is_moving(instance_id):
                raise AwsBusyError(error.doing, error.code) from error
            raise
        return str(answer["ResponseMetadata"]["RequestId"])

    def _is_moving(self, instance_id: str) -> bool:
        """Whether it is on its way into service, or out of it: it can be asked again then."""
        found = self.membership(instance_id)
        return found is not None and found.state.startswith(("Entering", "Pending"))
