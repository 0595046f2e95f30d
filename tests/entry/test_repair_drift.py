"""From CloudTrail's event to the cut, on moto: how many calls wait for one another."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.quarantine.call import OwnRoles
from chalicelib.flows.contain import contain
from chalicelib.flows.repair_drift import repair_drift
from chalicelib.wiring.responder import responder
from sandbox.faithful.faults import LULLS, Faults, sequential_round_trips
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION
from tests.core.quarantine.test_call import an_api_call
from tests.entry.home import Home, at_home

pytestmark = pytest.mark.no_cover  # the same lines, very often

MOST = 4
_CUT = "ec2.ModifyNetworkInterfaceAttribute"


def moves(home: Home) -> dict[str, Any]:
    """Somebody gives an interface another group; return the parameters of his call."""
    interface = home.site.instances.interfaces(home.instance_id)[0]
    group = home.site.make_group(interface.vpc_id)
    home.site.client.modify_network_interface_attribute(
        NetworkInterfaceId=interface.id, Groups=[group]
    )
    return {"networkInterfaceId": interface.id, "groupSet": {"items": [{"groupId": group}]}}


def moves_all(home: Home) -> dict[str, Any]:
    said = moves(home)
    return {"instanceId": home.instance_id, "groupSet": said["groupSet"]}


@pytest.mark.parametrize("touches", [moves, moves_all])
def test_at_most_four_calls_wait_for_one_another_until_it_is_cut_off_again(
    touches: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORDON_MODE", "enforce")
    monkeypatch.setenv("AWS_REGION", AWS_REGION)
    with at_home() as home:
        to = responder()
        contain(home.event(), to)
        counts = []
        for lull in LULLS:  # a thread that begins late only seems to wait
            parameters = touches(home)
            event = an_api_call("ModifyInstanceAttribute", requestParameters=parameters)
            event |= {"account": AWS_ACCOUNT, "region": AWS_REGION}
            with Faults(lull=lull).on() as faults:
                answer = repair_drift(event, OwnRoles("dev", AWS_ACCOUNT), to)
            assert answer["let_out"] == [home.instance_id]
            ended = next(call.ended for call in faults.calls if call.operation == _CUT)
            until = [call for call in faults.calls if call.started < ended]
            counts.append(sequential_round_trips(until))
            if counts[-1] <= MOST:
                break

    assert counts[-1] <= MOST
