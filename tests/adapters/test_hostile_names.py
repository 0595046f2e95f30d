"""What others named is data to a step: it comes back out of the record as it went in."""

from __future__ import annotations

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from chalicelib.adapters.dynamodb import records
from chalicelib.core.quarantine.record import Step, StepName, StepStatus
from chalicelib.core.steps.order import REVERSIBLE
from chalicelib.core.steps.step import Address, Mark, Membership, Target, Traits, Unmark
from tests.builders import a_quarantine

HOSTILE = {
    "markup": "<script>alert(1)</script><!channel>[x](javascript:alert(1))",
    "control characters": "web\x00\x1b[2J\r\nbcc: x\x7f",
    "right to left": "\u202egnp.exe\u2066\u200f",
    "a marker of ours": "held ",
    "100 kB": "a" * 100_000,
}


def named(text: str) -> Traits:
    """Return an instance around which somebody else chose every name."""
    return Traits(
        on_shutdown="terminate",
        volumes={text: True},
        marks={"i-1": text, "vol-1": None},
        fleet=Membership(text, "InService"),
        targets={text: (Target("10.0.0.9", 443, "all", "q1"),)},
        balancers=(text,),
        addresses=(Address("eipalloc-1", "203.0.113.7", "eni-1", "10.0.0.9"),),
    )


def contained(text: str) -> Traits:
    return Traits(
        is_protected=True,
        volumes={text: False},
        marks={"i-1": "held", "vol-1": "held"},
        fleet=Membership(text, "Standby"),
    )


def through_the_record(name: StepName, seen: Traits) -> Step:
    """Remember what a step found, as the table does, and read it back."""
    steps = {name: Step(StepStatus.DONE, before=REVERSIBLE[name].before(seen))}
    item = TypeSerializer().serialize(records.from_quarantine(a_quarantine(steps=steps)))
    return records.to_quarantine(TypeDeserializer().deserialize(item)).steps[name]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_release_undoes_exactly_what_a_containment_did_to_what_others_named(text: str) -> None:
    found, cut_off = named(text), contained(text)

    for name in (StepName.PROTECTION, StepName.FLEET, StepName.TARGETS, StepName.ADDRESS):
        step, kept = REVERSIBLE[name], through_the_record(name, found)

        assert kept.before == step.before(found)
        assert step.left(kept.before, found), f"{name} has something to do"
        assert step.left(kept.before, cut_off) == ()
        assert step.left_to_undo(kept.before, cut_off), f"{name} has something to undo"
        assert step.left_to_undo(kept.before, found) == (), (
            f"{name} would change what was given back"
        )


def test_a_tag_of_somebody_elses_comes_back_with_its_own_words_and_ours_is_taken_away() -> None:
    text = HOSTILE["right to left"]
    kept = through_the_record(StepName.PROTECTION, named(text))

    undone = REVERSIBLE[StepName.PROTECTION].left_to_undo(kept.before, contained(text))

    assert undone[-2:] == (Mark(("i-1",), text), Unmark(("vol-1",)))
