from __future__ import annotations

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsBusyError, RecordMovedError, StepFailedError
from tests.builders import WEB, an_event, an_instance
from tests.fakes import World


def test_a_save_whose_answer_was_lost_raises_and_the_next_delivery_finishes() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("quarantines.save", AwsBusyError("x", "Slow"), times=1, about="announce")
    world.fails("quarantines.save", RecordMovedError(WEB), times=1, about="evidence")

    with pytest.raises(StepFailedError):
        world.deliver(an_event())
    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
