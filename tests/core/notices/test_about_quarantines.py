from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.core.notices import about_quarantines
from chalicelib.core.quarantine.record import State
from chalicelib.core.quarantine.times import Times
from chalicelib.core.steps.drift import Drift, DriftKind
from tests.builders import MINUTE, NOON, WEB, a_quarantine, a_release

IN_TIME = Times(event=NOON - MINUTE, read_back=NOON + MINUTE)
RELEASED = a_quarantine(State.RELEASED, release=a_release())


def test_a_release_that_nobody_ordered_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="nobody asked"):
        about_quarantines.of_release_request(a_quarantine(), NOON)
    with pytest.raises(ValueError, match="nobody ordered"):
        about_quarantines.of_release(a_quarantine(), (), "")


@pytest.mark.parametrize(
    ("times", "seconds"), [(IN_TIME, 120.0), (replace(IN_TIME, event=None), 60.0), (Times(), None)]
)
def test_a_containment_says_to_machines_how_long_it_took(
    times: Times, seconds: float | None
) -> None:
    contained = a_quarantine(State.CONTAINED, times=times)

    notice = about_quarantines.of_containment(contained, None, "by_hand")

    assert notice.facts["seconds_to_contain"] == seconds


def test_a_request_says_the_call_that_confirms_it_and_until_when() -> None:
    asked = a_quarantine(State.CONTAINED, release=a_release())

    notice = about_quarantines.of_release_request(asked, NOON + MINUTE)

    heading, lines = notice.sections[-1]
    assert "before 2026-03-01 12:01:00 UTC" in heading
    assert lines[0].startswith(f"cordon release {WEB} --account ")
    assert "--accept-drift" not in lines[0]
    assert lines[1].startswith(f"POST /quarantines/{WEB}/release?")
    assert json.loads(lines[2])["verdict"] == a_release().verdict


def test_the_command_that_confirms_accepts_the_drift_that_was_accepted() -> None:
    asked = a_quarantine(State.CONTAINED, release=a_release(accepts_drift=True))

    notice = about_quarantines.of_release_request(asked, NOON + MINUTE)

    assert "--accept-drift" in notice.sections[-1][1][0]


def test_a_release_names_what_is_not_as_it_was_and_how_to_keep_repeats_away() -> None:
    drift = (Drift(DriftKind.GROUP_DELETED, "eni-1", "sg-ssh no longer exists"),)

    notice = about_quarantines.of_release(RELEASED, drift, "aws guardduty create-filter ...")

    said = dict(notice.sections)
    assert said["What is not as it was"] == ("eni-1: sg-ssh no longer exists",)
    assert "aws guardduty create-filter ..." in notice.text


def test_an_exact_release_says_so_and_proposes_nothing() -> None:
    notice = about_quarantines.of_release(RELEASED, (), "")

    assert dict(notice.sections)["What is not as it was"] == ("Nothing: EC2 reads back as it was.",)
    assert "create-filter" not in notice.text


def test_who_confirmed_a_release_is_named() -> None:
    confirmed = a_quarantine(State.RELEASED, release=a_release(confirmed_by="bob"))

    assert "confirmed by bob" in about_quarantines.of_release(confirmed, (), "").text


@pytest.mark.parametrize(
    ("level", "severity"), [(1, "Medium"), (2, "High"), (3, "Critical"), (9, "Critical")]
)
def test_reminders_become_more_urgent(level: int, severity: str) -> None:
    notice = about_quarantines.of_review(a_quarantine(), 3 * level, level)

    assert notice.severity == severity
    assert f"for {3 * level} days" in notice.subject


@pytest.mark.parametrize(
    ("repaired", "outcome", "words"),
    [(True, "repaired", "cut off again"), (False, "drifted", "NOT contained any more")],
)
def test_drift_says_whether_it_was_repaired(repaired: bool, outcome: str, words: str) -> None:  # noqa: FBT001 - a row of the table
    notice = about_quarantines.of_drift(a_quarantine(), ("eni-1 is on sg-x",), repaired=repaired)

    assert notice.outcome == outcome
    assert words in notice.subject
