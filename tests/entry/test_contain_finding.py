from __future__ import annotations

from typing import Any

import pytest
from chalice.test import Client

from chalicelib.core.errors import AwsBusyError, MalformedFindingError, NotAFindingError
from tests.builders import WEB, an_event, an_instance
from tests.fakes import World


def test_a_finding_is_answered_with_an_outcome_for_each_instance(
    client: Client, world: World
) -> None:
    world.launch(an_instance())

    answer = client.lambda_.invoke("contain_finding", an_event())

    assert answer.payload == {
        "outcome": "contained",
        "instances": [
            {"instance_id": WEB, "outcome": "contained", "reasons": ["command-and-control"]}
        ],
    }
    assert world.is_cut()


def test_the_whole_event_is_kept_as_evidence(client: Client, world: World) -> None:
    client.lambda_.invoke("contain_finding", an_event(severity=3, instance_id=WEB))

    (kept,) = world.evidence.kept.values()
    assert an_event()["id"] in kept
    assert '"detail-type":"GuardDuty Finding"' in kept


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({**an_event(), "source": "aws.macie"}, NotAFindingError),
        ({**an_event(), "detail-type": "GuardDuty Malware Protection"}, NotAFindingError),
        (an_event(severity=None), MalformedFindingError),
        (an_event(finding_id=""), MalformedFindingError),
        ({**an_event(), "detail": []}, MalformedFindingError),
    ],
)
def test_an_event_that_is_no_finding_raises_and_writes_nothing(
    client: Client, world: World, event: dict[str, Any], error: type[Exception]
) -> None:
    world.launch(an_instance())

    with pytest.raises(error):
        client.lambda_.invoke("contain_finding", event)

    assert world.calls.made == []


def test_what_could_not_be_carried_out_raises_so_that_lambda_tries_again(
    client: Client, world: World
) -> None:
    world.launch(an_instance())
    world.fails("ec2.apply", AwsBusyError("set groups", "RequestLimitExceeded"))

    with pytest.raises(AwsBusyError):
        client.lambda_.invoke("contain_finding", an_event())

    assert world.notices.outcomes == ["failed"]
