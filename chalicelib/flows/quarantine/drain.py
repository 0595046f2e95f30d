"""The drain hop: end connections that EC2 tracks, which a deny group alone lets live."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.core.errors import AwsSilentError, OpenToEverythingError
from chalicelib.core.quarantine.record import Step, StepStatus
from chalicelib.core.steps.network import Applied, GroupRole, ours_to_change, plan_drain
from chalicelib.flows.quarantine.cut import Cut
from chalicelib.flows.quarantine.rounds import PAUSE, ROUNDS


def drain(cut: Cut) -> bool:
    """Let what was just cut hop over the drain group; return whether anything did.

    There is no hop where AWS is slow to answer. That the hop cannot be had fails nothing: the
    step says why.

    Raises:
        OpenToEverythingError: an interface does not come off the drain group.
    """
    which = frozenset(each.step.interface_id for each in cut.applied)
    if not which:
        return False
    if any(each.was_slowed for each in cut.applied):
        cut.drain_skipped = "AWS is slow to answer, and an interface might have stayed open"
        return False
    failed = cut.make(GroupRole.DRAIN)
    applied = cut.apply(plan_drain(cut.instance, cut.groups, which))
    cut.drain_problem = str(failed) if failed else _first_error(applied)
    _close_again(cut, applied)
    return bool(applied)


def _close_again(cut: Cut, hops: list[Applied]) -> None:
    """Repeat the second half of a hop where it failed, at once: until then all is open.

    What EC2 does not answer is repeated once: then people must hear that it is open, while the run
    still has time to tell them.
    """
    silent = 0
    for turn in range(1, ROUNDS + 1):
        failed = [each for each in hops if each.error and each.step.role is GroupRole.DENY]
        silent += any(isinstance(each.error, AwsSilentError) for each in failed)
        if not failed or silent > 1:
            break
        cut.to.pause(PAUSE * turn)
        hops = cut.apply(tuple((each.step,) for each in failed))
    failed = [each for each in hops if each.error and each.step.role is GroupRole.DENY]
    if failed:
        problems = tuple(f"{each.step.interface_id}, {each.error}" for each in failed)
        raise OpenToEverythingError(cut.quarantine.ref.instance_id, problems)


def _first_error(applied: Iterable[Applied]) -> str:
    return next((str(a.error) for a in applied if a.error and a.step.is_optional), "")


def drain_step(cut: Cut) -> Step:
    """Return how the drain went; it is done only where this very try saw every interface hop."""
    if not cut.policy.drain:
        return Step(StepStatus.SKIPPED, "the policy does not drain")
    if cut.drain_problem:
        return Step(StepStatus.FAILED, cut.drain_problem)
    if cut.drain_skipped:
        return Step(StepStatus.SKIPPED, cut.drain_skipped)
    hopped = {each.step.interface_id for each in cut.applied if each.step.is_optional}
    others = [each.id for each in ours_to_change(cut.instance) if each.id not in hopped]
    if others:
        why = "attached meanwhile, or cut by an earlier try: not known to be drained"
        return Step(StepStatus.SKIPPED, f"{', '.join(others)}: {why}")
    return Step(StepStatus.DONE, "all interfaces hopped over the drain group")
