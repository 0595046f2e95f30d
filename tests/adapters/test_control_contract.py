"""What is remembered for a whole deployment; run on the fake and on DynamoDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.dynamodb.control import DynamoControl
from chalicelib.core.deployed import Deployed
from chalicelib.core.policy.mode import ListsSetting, ModeSetting
from chalicelib.core.policy.policy import Lists, Mode
from chalicelib.flows.ports.control import Control
from tests.adapters.aws import TABLE
from tests.adapters.stores import DynamoStore, FakeStore, Store, dossier
from tests.builders import NOON
from tests.fakes import Calls
from tests.fakes.control import FakeControl

OBSERVE = ModeSetting(Mode.OBSERVE, "arn:aws:iam::111122223333:user/ada", "a rollout", NOON)


@pytest.fixture
def control(store: Store) -> Control:
    if isinstance(store, FakeStore):
        return FakeControl(Calls(), store.quarantines)
    assert isinstance(store, DynamoStore)
    return DynamoControl(store.client, TABLE)


def test_in_a_new_deployment_nobody_has_said_anything(control: Control) -> None:
    assert control.mode() is None
    assert control.told_on() is None
    assert control.exercised_at() is None


def test_the_kill_switch_says_who_set_it_and_why(control: Control) -> None:
    control.set_mode(OBSERVE)

    assert control.mode() == OBSERVE


def test_the_kill_switch_is_read_with_the_records(control: Control, store: Store) -> None:
    control.set_mode(OBSERVE)

    assert dossier(store).mode is Mode.OBSERVE


def test_the_kill_switch_is_at_what_was_said_last(control: Control) -> None:
    later = ModeSetting(Mode.ENFORCE, "bob", "over", NOON + timedelta(hours=1))
    control.set_mode(OBSERVE)
    control.set_mode(later)

    assert control.mode() == later


def test_the_switch_of_the_lists_says_who_set_it_and_why(control: Control) -> None:
    assert control.lists() is None
    paused = ListsSetting(Lists.PAUSED, "arn:aws:iam::111122223333:user/ada", "a feed", NOON)
    on = ListsSetting(Lists.ON, "bob", "over", NOON + timedelta(hours=1))

    control.set_lists(paused)
    assert control.lists() == paused
    control.set_lists(on)
    assert control.lists() == on
    assert control.mode() is None


def test_how_cordon_stands_is_kept_for_whoever_asks(control: Control) -> None:
    assert control.standing() is None
    said = {"dead_letters": 2, "threat_lists": [{"name": "x", "status": "ACTIVE"}], "unknown": []}

    control.remember_standing(said)

    assert control.standing() == said


def test_days_and_moments_are_remembered(control: Control) -> None:
    control.tell_on(NOON.date())
    control.exercise(NOON)

    assert control.told_on() == NOON.date()
    assert control.exercised_at() == NOON


def test_the_version_at_work_is_remembered_with_the_one_before(control: Control) -> None:
    assert control.deployed() is None
    at_work = Deployed("1.2.3", NOON, before="1.2.2")

    control.remember_deployed(at_work)

    assert control.deployed() == at_work


def test_one_watcher_at_a_time_has_the_turn(control: Control) -> None:
    until = NOON + timedelta(seconds=90)

    assert control.take_turn("one", NOON, until)
    assert not control.take_turn("other", NOON + timedelta(seconds=89), until)
    control.end_turn("other")  # it is not its turn
    assert not control.take_turn("other", NOON, until)
    control.end_turn("one")
    assert control.take_turn("other", NOON, until)


def test_a_turn_lapses_and_one_of_a_wrong_clock_does_not_count(control: Control) -> None:
    later, length = NOON + timedelta(seconds=90), timedelta(seconds=90)
    control.take_turn("died", NOON, later)
    assert control.take_turn("next", later, later + length)

    control.end_turn("next")
    control.take_turn("ahead", NOON + timedelta(days=365), NOON + timedelta(days=366))
    assert control.take_turn("next", NOON, later)


# What only the table can show.


def test_what_the_kill_switch_was_set_to_before_stays_on_record(table: DynamoStore) -> None:
    control = DynamoControl(table.client, TABLE)
    control.set_mode(OBSERVE)
    control.set_mode(ModeSetting(Mode.ENFORCE, "bob", "over", NOON + timedelta(hours=1)))

    trace = [item for item in table.partition("control") if item["sk"].startswith("mode#")]

    assert [(item["mode"], item["by"]) for item in trace] == [
        ("observe", OBSERVE.by),
        ("enforce", "bob"),
    ]


@pytest.mark.parametrize(
    "item", [{}, {"version": "1", "since": "yesterday", "before": ""}, {"version": 1, "since": 2}]
)
def test_a_version_that_cannot_be_read_is_not_known(table: DynamoStore, item: Any) -> None:
    table.put({"pk": "control", "sk": "deployed", **item})

    assert DynamoControl(table.client, TABLE).deployed() is None


def test_a_kill_switch_that_a_person_wrote_by_hand_is_read(table: DynamoStore) -> None:
    table.put({"pk": "control", "sk": "mode", "mode": "stop!", "at": "yesterday"})

    setting = DynamoControl(table.client, TABLE).mode()

    assert setting == ModeSetting(Mode.OBSERVE, "?", "", datetime.min.replace(tzinfo=UTC))
