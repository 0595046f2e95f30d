"""What every store of quarantines does; run on the fake and on DynamoDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.errors import RecordMovedError
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.dossier import Breaker, Dossier
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import (
    Line,
    State,
    Step,
    StepName,
    StepStatus,
    with_new_interfaces,
)
from tests.adapters.stores import OPENED, TWO, Store, dossier, opens
from tests.builders import (
    ACCOUNT,
    DATABASE,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    a_policy,
    a_quarantine,
    a_ref,
    a_sighting,
    an_instance,
    an_interface,
)

SAVED = Line(NOON + MINUTE, "cordon", "contained", {"changes": [{"request_id": "r-1"}]})


def test_nothing_is_on_record_about_a_stranger(store: Store) -> None:
    assert dossier(store) == Dossier()


def test_an_opened_quarantine_is_on_record_with_everything_it_says(store: Store) -> None:
    workers = {"worker": NOON + 90 * timedelta(seconds=1)}

    names = {"sg-web": "web servers"}
    whole = a_quarantine(workers=workers, host={"name": "web-1"}, group_names=names)
    opened = opens(store, whole)

    assert dossier(store).quarantine == opened


def test_a_quarantine_by_a_person_has_no_finding(store: Store) -> None:
    by_hand = a_quarantine(finding_id=None, finding_type=None, opened_by="arn:aws:iam::1:user/a")

    opens(store, by_hand)

    assert dossier(store).quarantine == by_hand


def test_opening_keeps_the_description_and_the_first_line(store: Store) -> None:
    opened = opens(store)

    assert store.quarantines.as_described(opened) == '{"InstanceId":"web"}'
    assert store.timeline(opened) == [("cordon", "opened", {"finding": "f"})]


def test_the_second_to_open_a_quarantine_is_told_that_it_moved(store: Store) -> None:
    first = opens(store)
    late = a_quarantine(finding_id="late")

    with pytest.raises(RecordMovedError):
        store.quarantines.open(late, OPENED, "late", dossier(store).breaker, TWO)

    assert dossier(store).quarantine == first
    assert store.quarantines.as_described(first) == '{"InstanceId":"web"}'


def test_a_quarantine_that_was_not_opened_is_not_counted(store: Store) -> None:
    opens(store)
    before = dossier(store).breaker

    with pytest.raises(RecordMovedError):
        opens(store)

    assert dossier(store).breaker == before


def test_of_many_who_open_at_once_one_wins(store: Store) -> None:
    many = a_policy(max_containments=100)

    def try_to_open(number: int) -> str:
        try:
            opens(store, a_quarantine(finding_id=f"f-{number}"), Breaker(), many)
        except RecordMovedError:
            return "moved"
        return f"f-{number}"

    with ThreadPoolExecutor(max_workers=8) as pool:
        results = list(pool.map(try_to_open, range(8)))

    (winner,) = (result for result in results if result != "moved")
    on_record = dossier(store).quarantine
    assert on_record is not None
    assert on_record.finding_id == winner
    assert dossier(store).breaker.count == 1


def test_the_next_version_replaces_the_one_before(store: Store) -> None:
    opened = opens(store)
    steps = {**opened.steps, StepName.CUT: Step(StepStatus.DONE, "read back")}
    late = an_instance(*an_instance().interfaces, an_interface("eni-2", "vpc-2", ("sg-x",)))
    saved = with_new_interfaces(opened, late, frozenset(), NOON)
    saved = replace(saved, state=State.CONTAINED, steps=steps)

    store.quarantines.save(saved, SAVED)

    assert dossier(store).quarantine == saved
    assert ("cordon", "contained", {"changes": [{"request_id": "r-1"}]}) in store.timeline(saved)


def test_a_released_quarantine_says_when(store: Store) -> None:
    released = opens(store).next(state=State.RELEASED, released_at=NOON + MINUTE)

    store.quarantines.save(released, SAVED)

    assert dossier(store).quarantine == released


@pytest.mark.parametrize("ahead", [0, 2])
def test_a_version_that_is_not_the_next_is_refused_and_leaves_nothing(
    store: Store, ahead: int
) -> None:
    opened = opens(store)
    lines = store.timeline(opened)
    wrong = replace(opened, version=opened.version + ahead, state=State.CONTAINED)

    with pytest.raises(RecordMovedError):
        store.quarantines.save(wrong, SAVED)

    assert dossier(store).quarantine == opened
    assert store.timeline(opened) == lines


def test_of_two_who_save_the_same_version_the_second_is_refused(store: Store) -> None:
    opened = opens(store)
    first, second = opened.next(reason="first"), opened.next(reason="second")
    store.quarantines.save(first, SAVED)

    with pytest.raises(RecordMovedError):
        store.quarantines.save(second, SAVED)

    assert dossier(store).quarantine == first


def test_what_was_never_opened_cannot_be_saved(store: Store) -> None:
    with pytest.raises(RecordMovedError):
        store.quarantines.save(a_quarantine().next(), SAVED)

    assert dossier(store).quarantine is None


def test_the_last_quarantine_of_an_instance_is_the_one_with_the_highest_number(
    store: Store,
) -> None:
    many = a_policy(max_containments=100)
    for number in range(1, 12):
        opens(store, a_quarantine(number=number), policy=many)

    last = dossier(store).quarantine

    assert last is not None
    assert last.number == 11


def test_the_same_line_again_adds_nothing(store: Store) -> None:
    opened = opens(store)
    line = Line(NOON + MINUTE, "guardduty", "finding", {"finding": "f", "sha256": "1"})
    later = replace(line, at=NOON + 2 * MINUTE)

    store.quarantines.append(opened, line)
    store.quarantines.append(opened, later)

    assert [what for _, what, _ in store.timeline(opened)] == ["opened", "finding"]


def test_another_line_is_added_and_the_record_stays_as_it_is(store: Store) -> None:
    opened = opens(store)

    for version in ("1", "2"):
        line = Line(NOON + MINUTE, "guardduty", "finding", {"sha256": version})
        store.quarantines.append(opened, line)

    assert len(store.timeline(opened)) == 3
    assert dossier(store).quarantine == opened


def test_what_is_remembered_of_a_finding_replaces_what_was_before(store: Store) -> None:
    store.quarantines.remember(a_ref().key, a_sighting(told="alerted:Low"))
    latest = a_sighting(told="alerted:High", seen_at=NOON, sha256="ab")

    store.quarantines.remember(a_ref().key, latest)

    assert dossier(store).sightings == (latest,)


def test_findings_about_one_instance_are_remembered_side_by_side(store: Store) -> None:
    first, second = a_sighting(finding_id="a"), a_sighting(finding_id="b")

    store.quarantines.remember(a_ref().key, second)
    store.quarantines.remember(a_ref().key, first)

    assert dossier(store).sightings == (first, second)
    assert dossier(store, a_ref(DATABASE).key).sightings == ()


@pytest.mark.parametrize("until", [None, NOON + MINUTE])
def test_an_entry_of_the_central_list_is_on_record(store: Store, until: Any) -> None:
    exemption = Exemption("the bastion", until)

    store.exempt(a_ref().key, exemption)

    assert dossier(store).exemption == exemption
    assert dossier(store, a_ref(DATABASE).key).exemption is None


@pytest.mark.parametrize("mode", list(Mode))
def test_the_kill_switch_is_on_record_for_everybody(store: Store, mode: Mode) -> None:
    store.switch(mode)

    assert dossier(store).mode is mode
    assert dossier(store, a_ref(DATABASE).key, OTHER_ACCOUNT).mode is mode


def test_quarantine_sightings_exemption_and_switch_are_read_together(store: Store) -> None:
    opened, seen, exemption = opens(store), a_sighting(), Exemption("x")
    store.quarantines.remember(a_ref().key, seen)
    store.exempt(a_ref().key, exemption)
    store.switch(Mode.OBSERVE)

    read = dossier(store, account_id=ACCOUNT)

    assert read == Dossier(opened, (seen,), exemption, Breaker((NOON,)), Mode.OBSERVE)


def test_a_timeline_is_read_back_oldest_first(store: Store) -> None:
    opened = opens(store)
    store.quarantines.save(opened.next(), SAVED)
    store.quarantines.append(opened, Line(NOON + 2 * MINUTE, "cordon", "review_due", {"level": 1}))

    lines = store.quarantines.timeline(opened)

    assert [line.what for line in lines] == ["opened", "contained", "review_due"]
    assert lines[1] == SAVED


def test_a_line_that_was_appended_is_found_whenever_it_was(store: Store) -> None:
    opened, said = opens(store), Line(NOON, "cordon", "review_due", {"reminder": 1})
    before = store.quarantines.has(opened, said)
    store.quarantines.append(opened, said)

    later = Line(NOON + MINUTE, "cordon", "review_due", {"reminder": 1})
    assert not before
    assert store.quarantines.has(opened, later)
    assert not store.quarantines.has(opened, Line(NOON, "cordon", "review_due", {"reminder": 2}))
