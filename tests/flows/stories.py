"""Incidents from their first word to their last, as the program itself tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from chalicelib.core.api.request import DismissRequest, QuarantineRequest, ReleaseRequest
from chalicelib.core.errors import AwsRefusedError, CordonError
from chalicelib.core.notices.notice import Notice
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.held import LAPSES_AFTER
from chalicelib.core.quarantine.release import Verdict
from chalicelib.flows.attend import attend
from chalicelib.flows.held import dismiss
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.reconsider import reconsider
from chalicelib.flows.release import release
from tests.builders import MINUTE, WEB, a_ref, an_event, an_instance, an_interface
from tests.fakes import World

Story = list[tuple[Notice, datetime]]  # each with when it was published

_ADA = "arn:aws:sts::111122223333:assumed-role/Responder/ada@example.com"
_APPROVE = QuarantineRequest(_ADA, "it is real")
_RELEASE = ReleaseRequest(_ADA, "cleaned", Verdict.REMEDIATED, accept_drift=True)


class Told:
    """A world whose notices are kept with the moment at which they were published."""

    def __init__(self, mode: Mode = Mode.ENFORCE) -> None:
        self.world = World(mode=mode)
        self.world.launch(an_instance())
        self.story: Story = []

    def then(self, act: Callable[[World], object], after: timedelta = MINUTE) -> Told:
        with suppress(CordonError):  # it was told, which is what counts here
            act(self.world)
        for notice in self.world.notices.sent[len(self.story) :]:
            self.world.now += timedelta(seconds=1)
            self.story.append((notice, self.world.now))
        self.world.now += after
        return self


def _finds(world: World) -> object:
    return world.deliver(an_event())


def _approves(world: World) -> object:
    return quarantine_by_hand(a_ref(), _APPROVE, world.responder)


def _releases(world: World) -> object:
    return release(a_ref(), _RELEASE, world.responder)


def _looks(world: World) -> None:
    attend(a_ref(), world.responder)


def _lets_out(world: World) -> None:
    world.ec2.attach(WEB, an_interface("eni-1", groups=("sg-backdoor",)))
    _looks(world)


def _fails(world: World) -> None:
    world.fails("ec2.set_groups", AwsRefusedError("cut", "UnauthorizedOperation"), times=1)
    _finds(world)


def _terminates(world: World) -> None:
    world.ec2.change(WEB, state="terminated")
    _looks(world)


def _dismisses(world: World) -> object:
    return dismiss(a_ref(), DismissRequest(_ADA, "a test"), world.responder)


def _forgets(world: World) -> None:
    world.now += LAPSES_AFTER
    reconsider(world.now + MINUTE, world.responder)


def _unseen(world: World) -> None:
    world.fails("ec2.find", AwsRefusedError("look", "UnauthorizedOperation"), times=1)
    _finds(world)


def _gone(world: World) -> None:
    world.ec2.change(WEB, state="terminated")
    _finds(world)


STORIES: Mapping[str, tuple[Callable[[World], object], ...]] = {
    "hold, approve, release": (_finds, _approves, _releases),
    "failed, retried, release": (_fails, _finds, _releases),
    "let out, cut again, release": (_finds, _lets_out, _releases),
    "terminated, closed": (_finds, _terminates, _releases),
    "dismissed": (_finds, _dismisses),
    "lapsed": (_finds, _forgets),
    "held, then gone": (_finds, _gone),
    "failed, then gone": (_unseen, _gone),
}
_OBSERVED = {"hold, approve, release", "dismissed", "lapsed", "held, then gone"}


def told(name: str) -> Story:
    """Return the story `name`, played once."""
    mode = Mode.OBSERVE if name in _OBSERVED else Mode.ENFORCE
    telling = Told(mode)
    for act in STORIES[name]:
        telling.then(act)
    return telling.story
