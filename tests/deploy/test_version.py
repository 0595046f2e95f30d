from __future__ import annotations

import pytest

from chalicelib import VERSION
from chalicelib.core.deployed import Deployed
from deploy.upon import say_version
from tests.builders import NOON


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (None, f"{VERSION} takes the place of one that does not say its version"),
        (Deployed(VERSION, NOON), f"{VERSION}, since 2026-03-01 12:00 UTC stays"),
        (Deployed("0.0.9", NOON), f"{VERSION} takes the place of 0.0.9, since 2026-03-01"),
    ],
)
def test_a_deployment_says_from_which_version_to_which(there: Deployed | None, said: str) -> None:
    assert said in say_version(there)
