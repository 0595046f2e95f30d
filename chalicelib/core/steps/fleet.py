"""Keep the instance from its Auto Scaling group, whose health check would terminate it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import Change, EnterStandby, ExitStandby, ReversibleStep, Traits

_OUT_OF_SERVICE = ("EnteringStandby", "Standby")
_LEAVING = ("Terminat", "Detach")
_WARM = "Warmed:"  # prepared in the warm pool beside the group, and in nobody's service yet


class Fleet(ReversibleStep):
    """The instance is in standby: no health check, no traffic, and the group replaces it.

    What comes back with a release is the instance, in service. Its replacement stays, and the
    group is one larger: Auto Scaling raises the desired capacity by itself, and refuses where that
    would pass the maximum. In a warm pool no health check asks what the cut ends, but there is no
    standby either: the group may put it into service, or terminate it, and people are told.

    Sources: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pools-health-checks-monitor-view-status.html
    """

    name = StepName.FLEET
    sentence = "Taking it out of its Auto Scaling group's service"
    lasting = "the instance that its group launched in its place stays, and the group is one larger"

    def is_wanted(self, policy: Policy) -> bool:
        return policy.fleet

    def unfit(self, seen: Traits) -> str:
        if seen.fleet is None:
            return "it is in no Auto Scaling group"
        if seen.fleet.state.removeprefix(_WARM).startswith(_LEAVING):
            return f"Auto Scaling is at it already: {seen.fleet.state} of {seen.fleet.group}"
        if seen.fleet.state.startswith(_WARM):
            return (
                f"it is in the warm pool of {seen.fleet.group}, which has no standby: "
                "order the step if the group takes it into service"
            )
        return ""

    def before(self, seen: Traits) -> Mapping[str, Any]:
        return {"group": seen.fleet.group} if seen.fleet else {}

    def left(self, _before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        if seen.fleet is None or seen.fleet.state in _OUT_OF_SERVICE:
            return ()
        return (EnterStandby(seen.fleet.group),)

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        is_ours = seen.fleet is not None and seen.fleet.group == before["group"]
        if not is_ours or seen.fleet is None or seen.fleet.state not in _OUT_OF_SERVICE:
            return ()
        return (ExitStandby(seen.fleet.group),)

    def not_undone(self, before: Mapping[str, Any], seen: Traits) -> str:
        if seen.state == "running" or not self.left_to_undo(before, seen):
            return ""
        return f"it is {seen.state}: in service, a health check would terminate it"
