"""Whoever adds a step adds its switch, its sentence, its calls and its row in the docs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.notices.about_quarantines import of_containment
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.values import KNOBS
from chalicelib.core.quarantine.record import State, Step, StepName, StepStatus
from chalicelib.core.steps.order import ORDERABLE, REVERSIBLE, planned
from chalicelib.core.steps.step import Change
from chalicelib.settings.deployment import PACKAGED_POLICY
from tests.builders import PACKAGED, a_quarantine
from tests.house.source import ROOT

SWITCHED = (*REVERSIBLE, StepName.SNAPSHOTS)


@pytest.mark.parametrize("name", SWITCHED)
def test_a_step_has_a_switch_of_its_name_that_turns_it_off(name: StepName) -> None:
    field, _ = KNOBS["containment"]["stop_after_cut" if name is StepName.STOP else name.value]

    policies: Any = [replace(PACKAGED, **{field: wanted}) for wanted in (True, False)]  # type: ignore[arg-type]  # any field
    on, off = map(planned, policies)

    assert (on[name].status, off[name].status) == ("pending", "skipped")


@pytest.mark.parametrize("name", SWITCHED)
def test_a_step_has_its_row_in_the_docs_and_can_be_ordered(name: StepName) -> None:
    rows = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")

    assert f"| `{name}` |" in rows
    assert name in ORDERABLE
    assert f"`{name}`" in (ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", REVERSIBLE)
def test_a_notice_says_in_a_sentence_how_a_step_went(name: StepName) -> None:
    done = dict.fromkeys(StepName, Step(StepStatus.DONE))
    told = of_containment(a_quarantine(State.CONTAINED, steps=done), None, "by_hand").text

    assert f"{REVERSIBLE[name].sentence}: done" in told


@pytest.mark.parametrize("change", get_args(Change))
def test_every_change_is_carried_out_by_an_adapter(change: type) -> None:
    files = (ROOT / "chalicelib" / "adapters").rglob("*.py")

    assert any(change.__name__ in path.read_text(encoding="utf-8") for path in files)


def test_steps_stand_in_the_record_in_the_order_in_which_they_are_done() -> None:
    assert [name for name in StepName if name in REVERSIBLE] == list(REVERSIBLE)


def test_a_step_that_there_is_not_is_refused_with_its_line_and_those_that_there_are() -> None:
    text = PACKAGED_POLICY.read_text(encoding="utf-8")
    text = text.replace("protection = true", "quarantine = true\nprotection = true")
    line = text[: text.index("quarantine = true")].count("\n") + 1

    with pytest.raises(PolicyError, match="quarantine") as refused:
        parse_policy(text)

    assert f"line {line}" in str(refused.value)
    assert all(name in str(refused.value) for name in ("drain", "protection", "snapshots"))
