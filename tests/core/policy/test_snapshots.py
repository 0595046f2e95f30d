"""How long snapshots are locked is a number of days that EC2 takes."""

from __future__ import annotations

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.policy.file import parse_policy
from chalicelib.settings.deployment import PACKAGED_POLICY


@pytest.mark.parametrize("days", ["-1", "36501", "true", '"a week"'])
def test_days_that_ec2_does_not_take_are_refused(days: str) -> None:
    with pytest.raises(PolicyError, match="lock_days must be a whole number of days, 0 to 36500"):
        parse_policy(f"version = 1\n[snapshots]\nlock_days = {days}\n")


def test_a_hundred_years_are_taken() -> None:
    text = PACKAGED_POLICY.read_text(encoding="utf-8").replace("lock_days = 0", "lock_days = 36500")

    assert parse_policy(text).lock_snapshots_days == 36_500
