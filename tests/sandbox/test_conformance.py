"""Each difference between moto and AWS that is mended: closed with the mend, open without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from sandbox.faithful import cloudformation
from sandbox.faithful.autoscaling import health_check_tick
from tests.sandbox.all_checks import FACTS, GAPS, Check
from tests.sandbox.estate import ACCOUNT, REGION, Estate
from tests.sandbox.plain_moto import holds

ROOT = Path(__file__).parents[2]


def held_by_plain_moto() -> set[str]:
    """Return the names of the checks that hold on moto without the mends."""
    program = [sys.executable, "-m", "tests.sandbox.plain_moto"]
    said = subprocess.run(
        program, cwd=ROOT, env=dict(os.environ), capture_output=True, timeout=120, check=False
    )
    assert said.returncode == 0, said.stderr.decode()
    return set(json.loads(said.stdout))


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("check", [pytest.param(c, id=name) for name, c in (GAPS | FACTS).items()])
def test_with_the_mends(check: Check) -> None:
    cloudformation.install()
    check(Estate(pass_time=partial(health_check_tick, ACCOUNT, REGION)))


def test_without_the_mends_every_gap_is_still_there() -> None:
    held = held_by_plain_moto()

    assert held & set(GAPS) == set(), "moto does these right by now: their mends can go"
    assert held == set(FACTS)


def test_a_check_that_breaks_by_itself_shows_no_gap() -> None:
    def mistaken(_: Estate) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        holds(mistaken)
