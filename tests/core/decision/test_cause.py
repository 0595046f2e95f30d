from __future__ import annotations

from dataclasses import replace

from chalicelib.core.decision.cause import CORDON, Cause
from chalicelib.core.findings.severity import Band
from tests.builders import a_case, a_finding, a_quarantine

ADA = "arn:aws:iam::111122223333:user/ada"


def test_what_a_person_asks_for_is_theirs_and_weighs_as_high_does() -> None:
    assert Cause.by_hand(ADA, "seen in the logs") == Cause(
        by=ADA, who=ADA, reason="by_hand", why="seen in the logs", severity=Band.HIGH
    )


def test_what_was_left_unfinished_keeps_who_began_it_and_why_and_cordon_goes_on() -> None:
    quarantine = a_quarantine(opened_by=ADA, reason="seen in the logs", severity=Band.CRITICAL)

    assert Cause.unfinished(quarantine) == Cause(
        by=ADA, who=CORDON, reason="taken_up", why="seen in the logs", severity=Band.CRITICAL
    )


def test_what_guardduty_says_is_its_own_and_an_exercise_is_called_one() -> None:
    drill = replace(a_finding(), is_exercise=True)
    said, drilled = a_case(), a_case(finding=drill)

    assert Cause.of_case(said) == Cause(
        by="guardduty",
        who=CORDON,
        reason=said.judgement.reason,
        why=said.judgement.why,
        severity=said.finding.band,
        finding=said.finding,
    )
    assert Cause.of_case(drilled).why == f"Exercise: {drilled.judgement.why}"
