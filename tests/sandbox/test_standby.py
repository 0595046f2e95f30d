from __future__ import annotations

import pytest

from tests.sandbox.estate import Estate


# Whom plain moto terminates depends on the order of a set, so this is no gap that can be listed.
@pytest.mark.usefixtures("aws")
def test_a_member_in_standby_survives_a_smaller_group() -> None:
    estate = Estate(pass_time=lambda: None)
    assert estate.enter_standby(estate.member) is None

    estate.scaling.update_auto_scaling_group(AutoScalingGroupName="g", MinSize=0, DesiredCapacity=0)

    assert estate.members() == [estate.member]
    assert estate.instance(estate.member)["State"]["Name"] == "running"
