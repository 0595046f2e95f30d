"""Who may be at one instance at once, from which start, under which policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from chalicelib.core.api.request import QuarantineRequest, ReleaseRequest, StepRequest
from chalicelib.core.quarantine.record import State, StepName
from chalicelib.core.quarantine.release import Verdict
from chalicelib.core.steps.step import Membership
from chalicelib.flows.attend import attend
from chalicelib.flows.contain import contain
from chalicelib.flows.hand_back import hand_back
from chalicelib.flows.order_step import order_step
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.release import release
from tests.builders import (
    MINUTE,
    NOON,
    WEB,
    a_policy,
    a_quarantine,
    a_ref,
    a_release,
    an_event,
    an_instance,
    an_interface,
    groups_of,
)
from tests.explore.replay import Flow
from tests.explore.search import Act
from tests.fakes import World

REF = a_ref()
BEGUN = NOON + MINUTE
ORIGINALS = {"eni-1": ("sg-web", "sg-ssh")}
CUT = {"eni-1": ("sg-deny-vpc-1",)}

# One was seen before any release of this hour, one after it.
OLD = an_event(finding_id="old", last_seen=NOON.isoformat())
NEW = an_event(finding_id="new", last_seen=(NOON + timedelta(hours=1)).isoformat())

ADA, BOB = (f"arn:aws:iam::111122223333:user/{name}" for name in ("ada", "bob"))
ORDERS = StepRequest(ADA, "it must not run", WEB, StepName.STOP)
ASKS = ReleaseRequest(ADA, "cleaned", Verdict.REMEDIATED)
BY_HAND = QuarantineRequest(BOB, "it behaves strangely")

_OFF = dict.fromkeys(("protection", "fleet", "targets", "metadata", "snapshots"), False)
PLAIN = a_policy(max_containments=100, **_OFF)  # nothing but the cut, its words and its evidence
FOUR_EYES = a_policy(max_containments=100, four_eyes=True, **_OFF)
# Each that changes what is done.
POLICIES = {
    "as shipped": a_policy(max_containments=100),
    "every step": a_policy(max_containments=100, stop_after_cut=True),
    "stop": a_policy(max_containments=100, stop_after_cut=True, **_OFF),
    "no drain": a_policy(max_containments=100, drain=False, **_OFF),
    "no drain, stop": a_policy(max_containments=100, drain=False, stop_after_cut=True, **_OFF),
}


def _release_by_two(to: Responder) -> object:
    """Ask, and let another person confirm it, where four eyes want it."""
    first = release(REF, ASKS, to)
    if first.quarantine.state is not State.CONTAINED:
        return first
    return release(REF, replace(ASKS, by=BOB), to)


def watch(to: Responder) -> object:
    """Look at the quarantine as the watcher does: what fails is tried again at its next round."""
    attend(REF, to)
    return None


# What AWS, or a person, lets run.
FLOWS: Mapping[str, Flow] = {
    "old": lambda to: contain(OLD, to),
    "repeat": lambda to: contain(OLD, to),
    "new": lambda to: contain(NEW, to),
    "release": _release_by_two,
    "watcher": watch,
    "order": lambda to: order_step(REF, ORDERS, to),
    "by hand": lambda to: quarantine_by_hand(REF, BY_HAND, to),
    "letters": lambda to: hand_back(to.now() + MINUTE, to),
}


def _undo(world: World) -> None:
    """Put the instance back on its groups, with whatever rights one has who owns the account."""
    if world.ec2.groups_on(WEB):
        world.ec2.attach(WEB, an_interface(groups=ORIGINALS["eni-1"]))


def _check_health(world: World) -> None:
    """Replace an instance that does not answer, as Auto Scaling does with what is in service."""
    fleet = world.ec2.traits_of(WEB).fleet
    fails = world.ec2.groups_on(WEB) != ORIGINALS or world.ec2.state_of(WEB) != "running"
    if fails and fleet is not None and fleet.state == "InService":
        world.ec2.change(WEB, state="terminated")
        world.ec2.detach("eni-1")


def reappear(world: World) -> None:
    """Let dead letters that somebody took, and was not done with, come again, as SQS does."""
    world.dead_letters.reappear()


# What others do at once.
ACTS: Mapping[str, Act] = {"undo": _undo, "health": _check_health}


def _fresh(world: World) -> None:
    for group in groups_of("vpc-1").values():
        world.ec2.add_group(group)
    world.launch(an_instance())
    world.dead_letters.put(json.dumps(OLD))


def _in_a_fleet(world: World) -> None:
    _fresh(world)
    world.ec2.has(WEB, fleet=Membership("web", "InService"))


def _contained(world: World) -> None:
    _fresh(world)
    world.quarantines.put(a_quarantine(State.CONTAINED))
    world.ec2.attach(WEB, an_interface(groups=CUT["eni-1"]))


def _half_cut(world: World) -> None:
    _fresh(world)
    world.quarantines.put(a_quarantine(workers={"dead": NOON}))


def _half_released(world: World) -> None:
    _fresh(world)
    releasing = a_quarantine(State.RELEASING, release=a_release(at=NOON), workers={"dead": NOON})
    world.quarantines.put(releasing)


# Of the quarantine that there is; what was begun is finished, also by who only observes.
FIRST_NUMBER = {"fresh": 0, "contained": 1, "half cut": 1, "half released": 1, "in a fleet": 0}
STARTS: Mapping[str, Callable[[World], None]] = {
    "fresh": _fresh,
    "contained": _contained,
    "half cut": _half_cut,
    "half released": _half_released,
}
IN_A_FLEET = {"in a fleet": _in_a_fleet}
