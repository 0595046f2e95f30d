from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.errors import AwsBusyError, AwsRefusedError
from chalicelib.core.findings.origin import Confidence, Origin
from chalicelib.core.policy.file import parse_policy
from tests.builders import PACKAGED, an_event, an_instance
from tests.core.threat_lists.examples import CUSTOM, SURE_RULE
from tests.fakes import World

REMOTE = "198.51.100.23"
SURE = parse_policy(
    f"""
version = 1
{SURE_RULE}
[[rules]]
name = "own-list"
types = ["{CUSTOM}"]
response = "alert"
why = "It is on our list."
""",
    PACKAGED,
)


def delivered(world: World, **changes: Any) -> str:
    world.launch(an_instance())
    info = {"threatListName": "cordon-dev-threats-1"}
    event = an_event(**{"type_": CUSTOM, "additional_info": info, **changes})
    return world.deliver(event).outcome


@pytest.mark.parametrize(
    ("origin", "outcome"),
    [
        (Origin(("sources/a", "sources/b"), Confidence.HIGH), "contained"),
        (Origin(("sources/b",), Confidence.MEDIUM), "alerted"),
        (None, "alerted"),
    ],
)
def test_a_sure_source_may_contain_by_policy(origin: Origin | None, outcome: str) -> None:
    world = World(policy=SURE)
    if origin:
        world.threat_index.origins[REMOTE] = origin

    assert delivered(world) == outcome
    assert [call.about for call in world.calls.made if call.name == "threat_index.look_up"] == [
        f"{REMOTE} cordon-dev-threats-1"
    ]


def test_the_notice_says_who_listed_it_and_how_sure_they_are() -> None:
    world = World()
    world.threat_index.origins[REMOTE] = Origin(("sources/a", "sources/b"), Confidence.LOW)

    delivered(world)

    (notice,) = world.notices.sent
    assert "Put on our threat list by sources/a, sources/b, low confidence" in notice.text
    assert notice.facts["finding"]["threat_list"] == {
        "sources": ["sources/a", "sources/b"],
        "confidence": "low",
        "trouble": None,
    }


@pytest.mark.parametrize(
    "error", [AwsRefusedError("read", "NoSuchBucket"), AwsBusyError("read", "SlowDown")]
)
def test_an_index_that_cannot_be_read_keeps_nobody_waiting_and_contains_nothing(
    error: Exception,
) -> None:
    world = World(policy=SURE)
    world.fails("threat_index.look_up", error)

    assert delivered(world) == "alerted"
    assert "Who put it on the threat list is not known: read: AWS" in world.notices.sent[0].text


@pytest.mark.parametrize(
    "changes",
    [
        {"type_": "Backdoor:EC2/C&CActivity.B"},
        {"action": {}},
        {"sample": True},
    ],
)
def test_nothing_is_looked_up_for_other_findings(changes: dict[str, Any]) -> None:
    world = World()

    delivered(world, **changes)

    assert "threat_index.look_up" not in world.calls.names
    assert "threat list" not in world.notices.sent[0].text.lower().replace(
        "our own threat list", ""
    )


def test_the_lists_are_named_by_the_evidence_too() -> None:
    world = World()
    event = an_event(type_=CUSTOM)
    event["detail"]["service"]["evidence"] = {
        "threatIntelligenceDetails": [{"threatListName": "a"}, {"threatListName": None}, "x"]
    }

    world.launch(an_instance())
    world.deliver(event)

    (call,) = (each for each in world.calls.made if each.name == "threat_index.look_up")
    assert call.about == f"{REMOTE} a"
