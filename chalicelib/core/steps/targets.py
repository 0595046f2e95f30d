"""Take the instance out of whatever balances load over it, and put it back as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.core.policy.policy import Policy
from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.step import (
    Change,
    Deregister,
    JoinBalancer,
    LeaveBalancer,
    Register,
    ReversibleStep,
    Target,
    Traits,
)


class Targets(ReversibleStep):
    """No load balancer sends it a request: neither to the instance nor to an address of it.

    A target that is draining is deregistered: it gets no new request, and those from before ended
    with the cut. Standby takes a member out of the target groups of its Auto Scaling group, and
    back, by itself; what was remembered is from before that, and registering twice is once.

    Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-enter-exit-standby.html
    """

    name = StepName.TARGETS
    sentence = "Taking it out of its load balancers"

    def is_wanted(self, policy: Policy) -> bool:
        return policy.targets

    def unfit(self, seen: Traits) -> str:
        return "" if self.before(seen) else "it is behind no load balancer"

    def before(self, seen: Traits) -> Mapping[str, Any]:
        if not seen.targets and not seen.balancers:
            return {}
        groups = {arn: [each.as_json() for each in found] for arn, found in seen.targets.items()}
        return {"groups": groups, "balancers": list(seen.balancers)}

    def left(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return tuple(_out(before or self.before(seen), seen))

    def left_to_undo(self, before: Mapping[str, Any], seen: Traits) -> tuple[Change, ...]:
        return tuple(_back(before, seen))


def _out(before: Mapping[str, Any], seen: Traits) -> Iterator[Change]:
    for arn, known in _groups(before):
        if still := tuple(each for each in known if each in seen.targets.get(arn, ())):
            yield Deregister(arn, still)
    for name in before.get("balancers", ()):
        if name in seen.balancers:
            yield LeaveBalancer(name)


def _back(before: Mapping[str, Any], seen: Traits) -> Iterator[Change]:
    for arn, known in _groups(before):
        if missing := tuple(each for each in known if each not in seen.targets.get(arn, ())):
            yield Register(arn, missing)
    for name in before["balancers"]:
        if name not in seen.balancers:
            yield JoinBalancer(name)


def _groups(before: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Target, ...]]]:
    for arn, said in before.get("groups", {}).items():
        yield arn, tuple(map(Target.read, said))
