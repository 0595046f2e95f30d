"""What one writes first: each breaks one promise, and the search must say so."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.core.quarantine.record import Line, State, StepName, StepStatus, originals
from chalicelib.core.steps.network import plan_containment
from chalicelib.core.steps.recovery import plan_release
from chalicelib.core.steps.step import SetRunning
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine.look import look_in_order
from chalicelib.flows.quarantine.take_up import join
from tests.builders import WEB, a_release
from tests.explore.cases import FLOWS, REF
from tests.explore.replay import Flow


def _release_without_a_lease(to: Responder) -> object:
    """Give back what is on record, and say so afterwards."""
    look = look_in_order(REF, to)
    quarantine = look.dossier.quarantine
    if quarantine is None or not quarantine.is_open:
        return None
    existing = frozenset(g for o in quarantine.originals for g in o.group_ids)
    to.site(REF).instances.apply(plan_release(quarantine, look.instance, existing))
    done = quarantine.next(
        state=State.RELEASED, release=a_release(at=to.now()), released_at=to.now()
    )
    to.quarantines.save(done, Line(to.now(), "you", "released"))
    return None


def _step_outside_the_lease(to: Responder) -> object:
    """Stop the instance, and write down that it was done."""
    quarantine = look_in_order(REF, to).dossier.quarantine
    if quarantine is None or quarantine.state is not State.CONTAINED:
        return None
    to.site(REF).attributes.alter(WEB, SetRunning(is_on=False))
    done = quarantine.after(StepName.STOP, StepStatus.DONE)
    to.quarantines.save(done, Line(to.now(), "you", "stop"))
    return None


def _repeat_that_overwrites(to: Responder) -> object:
    """Remember the groups as they are now, whatever was remembered before."""
    look = look_in_order(REF, to)
    quarantine = look.dossier.quarantine
    if quarantine is None or look.instance is None:
        return None
    again = quarantine.next(originals=originals(look.instance, frozenset()))
    to.quarantines.save(again, Line(to.now(), "you", "remembered"))
    return None


def _cut_without_reading_back(to: Responder) -> object:
    """Say contained because EC2 took the change."""
    look = look_in_order(REF, to)
    quarantine = look.dossier.quarantine
    if quarantine is None or look.instance is None or quarantine.state is not State.CONTAINING:
        return None
    joined = join(quarantine, "naive", to)
    to.site(REF).instances.apply(plan_containment(look.instance, look.groups))
    done = joined.next(state=State.CONTAINED, workers=joined.without("naive"))
    to.quarantines.save(done, Line(to.now(), "you", "contained"))
    return None


# In whose place it acts, from which start, and what the search says of it.
NAIVE: Mapping[str, tuple[str, Flow, str, str]] = {
    "release without a lease": (
        "release",
        _release_without_a_lease,
        "contained",
        "ec2.set_groups outside a lease",
    ),
    "step outside the lease": (
        "order",
        _step_outside_the_lease,
        "contained",
        "ec2.alter outside a lease",
    ),
    "overwritten originals": ("repeat", _repeat_that_overwrites, "contained", "lost its originals"),
    "no read-back": ("old", _cut_without_reading_back, "half cut", "was not read back"),
}


def flows_with(name: str) -> Mapping[str, Flow]:
    """Return the flows, with a naive one in the place of the real one."""
    actor, flow, _, _ = NAIVE[name]
    return {**FLOWS, actor: flow}
