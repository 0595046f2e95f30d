"""What `make deploy` leaves behind, and what it does there: the zips run, each cold."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from tests.roads.incident import (
    an_incident,
    call,
    check_it_was_contained_and_told,
    check_what_fails_three_times_is_a_dead_letter,
    groups_of,
)
from tests.roads.left_behind import (
    FUNCTIONS,
    QUEUE,
    check_the_api,
    check_what_fails_goes_to_the_dead_letters,
    check_what_is_undelivered_goes_to_the_dead_letters,
)
from tests.roads.local_aws import LocalAws, apis, names, stacks


@pytest.mark.usefixtures("deployed")
def test_what_chalice_forgets_is_there() -> None:
    assert names() == FUNCTIONS
    check_what_fails_goes_to_the_dead_letters()
    check_what_is_undelivered_goes_to_the_dead_letters()


@pytest.mark.usefixtures("deployed")
def test_every_method_asks_iam_and_the_stage_is_traced() -> None:
    check_the_api()


def test_a_second_run_changes_nothing_and_makes_nothing_twice(deployed: LocalAws) -> None:
    before = (names(), apis(), stacks())

    told = deployed.deploy()

    assert "no resource(s) would change" in told
    assert (names(), apis(), stacks()) == before
    assert len(boto3.client("sns").list_subscriptions()["Subscriptions"]) == 1


def test_a_rule_that_lost_its_dead_letters_gets_them_back(deployed: LocalAws) -> None:
    events: Any = boto3.client("events")
    rule = "cordon-dev-contain_finding-event"
    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    del target["DeadLetterConfig"]
    events.put_targets(Rule=rule, Targets=[target])

    deployed.deploy()

    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": QUEUE}


def test_the_other_road_is_closed_to_the_stage_with_its_state_and_without(
    deployed: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for environment in ({}, {"CORDON_STATE": str(deployed.folder / "nowhere")}):
        monkeypatch.setattr(deployed, "environment", environment)

        done = deployed.road("deploy", "--artifacts", "artifacts")

        assert done.returncode == 2
        [line] = done.stderr.splitlines()
        assert "leave out ARTIFACTS, or first make destroy STAGE=dev" in line


@pytest.fixture(scope="module")
def incident(deployed: LocalAws) -> str:
    return an_incident(deployed)


def test_a_finding_on_the_bus_contains_the_instance_and_the_notifier_hears(
    deployed: LocalAws, incident: str
) -> None:
    check_it_was_contained_and_told(deployed, incident)
    # The notifier hears while the containment goes on: either may end first.
    functions = ("contain_finding", "notify", "repair_drift")
    ended = {(each.function, each.error) for each in deployed.delivery.attempts}
    assert ended == {(f"cordon-dev-{each}", "") for each in functions}


def test_an_event_that_fails_three_times_ends_in_the_dead_letters(
    deployed: LocalAws, incident: str
) -> None:
    check_what_fails_three_times_is_a_dead_letter(deployed, incident)


@pytest.mark.usefixtures("incident")
def test_a_sample_is_announced_and_touches_nothing(deployed: LocalAws) -> None:
    for _ in range(2):  # GuardDuty updates the sample the second time, and nobody is told again
        done = deployed.road("smoke")

        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[1:] == ["answered: alerted", "nothing was touched"]


def test_destroy_refuses_while_an_instance_is_quarantined_and_not_after(
    deployed: LocalAws, incident: str
) -> None:
    refused = deployed.road("destroy")

    assert refused.returncode == 2
    assert refused.stderr == f"destroy: still quarantined: {incident}: release them first\n"
    assert "cordon-dev" in names()
    release = {"reason": "rebuilt", "verdict": "remediated"}
    status, _ = call("POST", "/quarantines/{instance_id}/release", incident, release)
    assert status == 200
    assert groups_of(incident) == ["default"]
    assert deployed.delivery.drain(120)
    assert deployed.road("destroy").returncode == 0
    assert (names(), apis(), stacks()) == (set(), [], set())
