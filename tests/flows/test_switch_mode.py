from __future__ import annotations

import pytest

from chalicelib.core.api.request import ModeRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsBusyError
from chalicelib.core.policy.policy import Mode
from chalicelib.flows.switch_mode import present_mode, switch_mode
from tests.builders import NOON, an_event, an_instance
from tests.fakes import World

ADA = "arn:aws:iam::111122223333:user/ada"


def asks(mode: Mode) -> ModeRequest:
    return ModeRequest(ADA, "a rollout goes wrong", mode)


def test_unless_somebody_set_it_the_mode_is_the_deployments() -> None:
    assert present_mode(World(mode=Mode.OBSERVE).responder) == (Mode.OBSERVE, None)


def test_the_switch_stops_cordon_at_once_and_starts_it_again() -> None:
    world = World()
    world.launch(an_instance())

    switch_mode(asks(Mode.OBSERVE), world.responder)
    held = world.deliver(an_event())
    switch_mode(asks(Mode.ENFORCE), world.responder)
    contained = world.deliver(an_event())

    assert (held.outcome, held.instances[0].reasons) == (Outcome.HELD, ("observe_mode",))
    assert contained.outcome is Outcome.CONTAINED


def test_who_turned_it_and_why_is_kept_and_told() -> None:
    world = World()

    setting = switch_mode(asks(Mode.OBSERVE), world.responder)

    assert (setting.by, setting.reason, setting.at) == (ADA, "a rollout goes wrong", NOON)
    assert present_mode(world.responder) == (Mode.OBSERVE, setting)
    told = world.notices.sent[0]
    assert told.subject == "Cordon was switched from enforce to observe"
    assert ADA in told.text
    assert "a rollout goes wrong" in told.text


def test_the_switch_is_turned_even_if_nobody_can_be_told() -> None:
    world = World()
    world.fails("notices.publish", AwsBusyError("publish", "Throttling"))

    with pytest.raises(AwsBusyError):
        switch_mode(asks(Mode.OBSERVE), world.responder)

    assert present_mode(world.responder)[0] is Mode.OBSERVE
