from __future__ import annotations

import json
from itertools import permutations

import pytest

from chalicelib.core.decision.outcome import Answer, InstanceAnswer, Outcome
from tests.builders import DATABASE, WEB

STRONGEST_FIRST = ["contained", "already_contained", "held", "alerted", "recorded", "ignored"]


def test_outcomes_are_listed_strongest_first() -> None:
    assert [outcome.value for outcome in Outcome] == STRONGEST_FIRST


@pytest.mark.parametrize(("one", "other"), list(permutations(Outcome, 2)))
def test_the_answer_is_the_strongest_of_its_instances(one: Outcome, other: Outcome) -> None:
    answer = Answer.of((InstanceAnswer(WEB, one, ()), InstanceAnswer(DATABASE, other, ())))

    stronger = min(STRONGEST_FIRST.index(one), STRONGEST_FIRST.index(other))
    assert answer.outcome == STRONGEST_FIRST[stronger]


def test_the_answer_names_every_instance_in_its_order() -> None:
    answer = Answer.of(
        (
            InstanceAnswer(WEB, Outcome.HELD, ("observe_mode", "exempt")),
            InstanceAnswer(DATABASE, Outcome.CONTAINED, ("command-and-control",)),
        )
    )

    assert json.loads(json.dumps(answer.as_json())) == {
        "outcome": "contained",
        "instances": [
            {"instance_id": WEB, "outcome": "held", "reasons": ["observe_mode", "exempt"]},
            {"instance_id": DATABASE, "outcome": "contained", "reasons": ["command-and-control"]},
        ],
    }


def test_a_finding_about_no_instance_has_an_outcome_all_the_same() -> None:
    assert Answer(Outcome.RECORDED).as_json() == {"outcome": "recorded", "instances": []}
