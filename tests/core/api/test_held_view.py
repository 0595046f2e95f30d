from __future__ import annotations

import pytest

from chalicelib.core.api.held_view import held_shown
from chalicelib.core.decision.decision import Hold
from chalicelib.core.quarantine.held import Held
from tests.builders import FINDING, NOON, a_ref


def held(*reasons: str) -> Held:
    return Held(a_ref(), FINDING, "Backdoor:EC2/C&CActivity.B", 8.0, reasons, NOON)


@pytest.mark.parametrize("hold", list(Hold))
def test_every_hold_says_what_would_let_the_instance_go(hold: Hold) -> None:
    said = held_shown(held(hold.value))

    assert said["reasons"] == [hold.value]
    assert len(said["in_words"]) == len(said["lets_go"]) == 1


def test_a_hold_of_another_version_is_shown_as_it_is() -> None:
    said = held_shown(held("curfew", "stale"))

    assert said["reasons"] == ["curfew", "stale"]
    assert len(said["lets_go"]) == 1
