from __future__ import annotations

from chalicelib.core.quarantine.record import StepName
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import Target, Traits


def test_a_target_comes_back_from_the_record_with_all_that_tells_it_from_others() -> None:
    target = Target("10.0.0.9", 443, "all", "q1")

    assert Target.read(target.as_json()) == target


def test_behind_no_balancer_there_is_nothing_to_remember_and_nothing_to_do() -> None:
    step = REVERSIBLE[StepName.TARGETS]

    assert step.before(Traits()) == {}
    assert step.left({}, Traits()) == ()


def test_in_no_fleet_there_is_nothing_to_remember() -> None:
    assert REVERSIBLE[StepName.FLEET].before(Traits()) == {}
