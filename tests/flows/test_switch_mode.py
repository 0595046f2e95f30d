from __future__ import annotations

import pytest

from chalicelib.core.api.request import ModeRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsBusyError
from chalicelib.core.policy.mode import ListsSetting
from chalicelib.core.policy.policy import Lists, Mode
from chalicelib.flows.switch_mode import present_lists, present_mode, switch_mode
from chalicelib.flows.watch import watch
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

    switch_mode(asks(Mode.OBSERVE), world.responder)

    (setting,) = world.control.settings
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


def asks_of_lists(lists: Lists) -> ModeRequest:
    return ModeRequest(ADA, "a feed goes wrong", None, lists)


def test_threat_lists_are_kept_in_step_unless_somebody_paused_them() -> None:
    assert present_lists(World().responder) == (Lists.ON, None)


def test_the_lists_have_a_switch_of_their_own_and_who_turned_it_is_told() -> None:
    world = World()

    switch_mode(asks_of_lists(Lists.PAUSED), world.responder)

    lists, setting = present_lists(world.responder)
    assert lists is Lists.PAUSED
    assert setting == ListsSetting(Lists.PAUSED, ADA, "a feed goes wrong", NOON)
    assert present_mode(world.responder) == (Mode.ENFORCE, None)
    (told,) = world.notices.sent
    assert told.subject == "Cordon's threat lists were switched from on to paused"
    assert (told.outcome, told.severity) == ("lists_paused", "Medium")
    assert "a feed goes wrong" in told.text


def test_both_switches_may_be_turned_at_once() -> None:
    world = World()

    switch_mode(ModeRequest(ADA, "an exercise", Mode.OBSERVE, Lists.ON), world.responder)

    assert [each.outcome for each in world.notices.sent] == ["observe", "lists_on"]


def test_the_digest_says_each_day_that_the_lists_are_paused() -> None:
    world = World()
    switch_mode(asks_of_lists(Lists.PAUSED), world.responder)

    watch(world.responder)

    assert "the threat lists are paused since 2026-03-01" in world.notices.sent[-1].text


def test_a_digest_that_cannot_read_the_switch_says_so() -> None:
    world = World()
    world.fails("control.lists", AwsBusyError("read it", "Throttling"))

    watch(world.responder)

    assert "whether the threat lists are paused cannot be read" in world.notices.sent[-1].text
