"""What no release gives back is known before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.quarantine.record import State, Step, StepName, StepStatus
from chalicelib.core.steps.lasting import lasting, of_steps
from tests.builders import a_quarantine


@pytest.mark.parametrize("status", [StepStatus.STARTED, StepStatus.DONE, StepStatus.UNDONE])
def test_what_was_begun_and_cannot_be_undone_is_named(status: StepStatus) -> None:
    quarantine = replace(
        a_quarantine(State.CONTAINED),
        steps={name: Step(status) for name in (StepName.FLEET, StepName.SNAPSHOTS, StepName.STOP)},
    )

    replacement, snapshots, memory = lasting(quarantine)

    assert "the instance that its group launched in its place stays" in replacement
    assert "kept" in snapshots
    assert "memory" in memory


@pytest.mark.parametrize("status", [StepStatus.PENDING, StepStatus.SKIPPED, StepStatus.FAILED])
def test_what_was_never_done_leaves_nothing(status: StepStatus) -> None:
    steps = dict.fromkeys(StepName, Step(status))

    assert lasting(replace(a_quarantine(State.CONTAINED), steps=steps)) == ()


def test_a_step_that_a_release_undoes_to_the_letter_is_not_named() -> None:
    exact = (StepName.PROTECTION, StepName.TARGETS, StepName.METADATA, StepName.CREDENTIALS)

    assert list(of_steps(exact)) == []


def test_what_is_only_told_or_kept_takes_nothing_from_anybody() -> None:
    assert list(of_steps((StepName.CUT, StepName.ANNOUNCE, StepName.EVIDENCE))) == []
