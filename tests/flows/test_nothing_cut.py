from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.decision.outcome import Answer, InstanceAnswer, Outcome
from chalicelib.core.errors import MalformedFindingError, NotAFindingError
from chalicelib.core.policy.policy import Response, Rule
from tests.builders import (
    FINDING,
    WEB,
    a_policy,
    an_event,
    an_instance,
)
from tests.fakes import World


def a_world() -> World:
    """Return a world with the ordinary instance, on two groups of its own."""
    world = World()
    world.launch(an_instance())
    return world


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_an_instance_that_is_gone_is_told_and_left(state: str) -> None:
    world = World()
    world.launch(an_instance(state=state))

    answer = world.deliver(an_event())

    assert answer.instances == (InstanceAnswer(WEB, Outcome.ALERTED, ("instance_gone",)),)
    assert world.notices.outcomes == ["alerted"]
    assert "quarantines.open" not in world.calls.names


def test_an_instance_that_ec2_does_not_know_is_told() -> None:
    world = World()

    answer = world.deliver(an_event())

    assert answer.instances == (InstanceAnswer(WEB, Outcome.ALERTED, ("instance_gone",)),)


def test_an_instance_without_an_interface_is_told() -> None:
    world = a_world()
    world.ec2.detach("eni-1")

    answer = world.deliver(an_event())

    assert answer.instances == (InstanceAnswer(WEB, Outcome.ALERTED, ("no_interface",)),)
    assert world.notices.outcomes == ["alerted"]


def test_a_finding_that_only_alerts_touches_nothing() -> None:
    world = a_world()

    answer = world.deliver(an_event(type_="Recon:EC2/PortProbeUnprotectedPort"))

    assert answer == Answer(Outcome.ALERTED, (InstanceAnswer(WEB, Outcome.ALERTED, ("probed",)),))
    assert not [name for name in world.calls.names if name.startswith("ec2.")]
    assert world.notices.outcomes == ["alerted"]
    assert len(world.evidence.kept) == 1


def test_a_finding_that_is_only_recorded_is_kept_and_told_to_nobody() -> None:
    world = a_world()

    answer = world.deliver(an_event(type_="UnauthorizedAccess:EC2/SSHBruteForce", role="TARGET"))

    assert answer.outcome is Outcome.RECORDED
    assert world.notices.sent == []
    assert len(world.evidence.kept) == 1


def test_a_finding_about_no_instance_is_remembered_under_its_own_key() -> None:
    world = World()
    event = an_event(type_="Policy:S3/BucketBlockPublicAccessDisabled", resource_type="S3Bucket")
    del event["detail"]["resource"]["instanceDetails"]

    first, second = world.deliver(event), world.deliver(event)

    assert first == second == Answer(Outcome.ALERTED)
    assert len(world.notices.sent) == 1
    assert f"finding-{FINDING}" in world.calls.made[0].about


def test_a_finding_that_the_policy_ignores_leaves_no_trace() -> None:
    world = a_world()
    rule = Rule("not-ours", ("Backdoor:EC2/C&CActivity.B",), Response.IGNORE, "It is not ours.")
    world.policy = a_policy(rules=(rule,))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.IGNORED
    assert world.calls.made == []


def test_a_sample_is_announced_as_one_and_touches_nothing() -> None:
    world = a_world()

    answer = world.deliver(an_event(title="[SAMPLE] Command and control traffic."))

    assert answer.outcome is Outcome.ALERTED
    assert world.notices.sent[0].subject.startswith("[SAMPLE]")
    assert not world.is_cut()


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({"source": "aws.ec2", "detail-type": "GuardDuty Finding"}, NotAFindingError),
        ({**an_event(), "detail-type": "GuardDuty Malware Scan"}, NotAFindingError),
        (an_event(severity="severe"), MalformedFindingError),
        (an_event(instance_id="web"), MalformedFindingError),
    ],
)
def test_what_is_no_finding_raises_and_calls_nothing(
    event: dict[str, Any], error: type[Exception]
) -> None:
    world = a_world()

    with pytest.raises(error):
        world.deliver(event)

    assert world.calls.made == []
