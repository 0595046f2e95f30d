from __future__ import annotations

from chalicelib.core.quarantine import filing
from chalicelib.core.quarantine.record import State
from tests.builders import DATABASE, a_quarantine, a_ref

OPEN = a_quarantine(State.CONTAINED)
OTHER = a_quarantine(State.CONTAINED, ref=a_ref(DATABASE))
NAME, OTHER_NAME = filing.name_of(OPEN), filing.name_of(OTHER)


def test_a_name_leads_back_to_its_instance() -> None:
    assert filing.ref_of(NAME) == OPEN.ref
    assert NAME.endswith("#1")


def test_what_changed_its_state_wants_a_report_once() -> None:
    assert filing.unfiled((OPEN, OPEN), {}) == (OPEN,)
    assert filing.unfiled((OPEN,), {NAME: "CONTAINED"}) == ()
    assert filing.unfiled((OPEN,), {NAME: "CONTAINING"}) == (OPEN,)


def test_one_that_left_every_list_is_looked_for_unless_it_was_over() -> None:
    filed = {NAME: "CONTAINED", OTHER_NAME: "RELEASED"}

    assert filing.out_of_sight((), filed) == (NAME,)
    assert filing.out_of_sight((OPEN,), filed) == ()


def test_what_is_on_no_list_is_forgotten() -> None:
    filed = {NAME: "CONTAINED", OTHER_NAME: "CONTAINED"}

    assert filing.remembered((OPEN,), filed) == {NAME: "CONTAINED"}
    assert filing.remembered((OPEN,), {}) == {}
