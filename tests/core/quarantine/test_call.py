from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import MalformedFindingError
from chalicelib.core.quarantine.call import OwnRoles, parse_call
from tests.builders import ACCOUNT, OTHER_ACCOUNT, REGION

OWN = OwnRoles("prod", ACCOUNT)
INSTANCE, INTERFACE, GROUP = "i-0a1b2c3d4e5f60718", "eni-0a1b2c3d4e5f60718", "sg-0a1b2c3d"


def an_api_call(name: str = "ModifyInstanceAttribute", **detail: Any) -> dict[str, Any]:
    """Return what EventBridge delivers of a call that CloudTrail recorded."""
    return {
        "version": "0",
        "id": "5f0e7c1a-3b52-4d8e-9f01-aa55cc77ee99",
        "time": "2026-11-01T10:00:05Z",
        "resources": [],
        "source": "aws.ec2",
        "detail-type": "AWS API Call via CloudTrail",
        "account": ACCOUNT,
        "region": REGION,
        "detail": {
            "eventSource": "ec2.amazonaws.com",
            "eventName": name,
            "eventTime": "2026-11-01T10:00:00Z",
            "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/mallory"},
            **detail,
        },
    }


# The three ways in which EC2's calls write their parameters.
@pytest.mark.parametrize(
    ("parameters", "ids"),
    [
        (
            {"networkInterfaceId": INTERFACE, "groupSet": {"items": [{"groupId": GROUP}]}},
            ((), (INTERFACE,), (GROUP,)),
        ),
        (
            {"instanceId": INSTANCE, "networkInterfaceId": INTERFACE, "deviceIndex": 1},
            ((INSTANCE,), (INTERFACE,), ()),
        ),
        ({"ModifySecurityGroupRulesRequest": {"GroupId": GROUP}}, ((), (), (GROUP,))),
        ({"description": f"not {INSTANCE} at all", "id": "i-xyz"}, ((), (), ())),
        (None, ((), (), ())),
    ],
)
def test_what_a_call_touches_is_found_however_it_is_written(
    parameters: Any, ids: tuple[tuple[str, ...], ...]
) -> None:
    call = parse_call(an_api_call(requestParameters=parameters))

    assert (call.instance_ids, call.interface_ids, call.group_ids) == ids


def test_a_call_that_aws_refused_has_failed() -> None:
    assert parse_call(an_api_call(errorCode="Client.UnauthorizedOperation")).has_failed
    assert not parse_call(an_api_call()).has_failed


@pytest.mark.parametrize("identity", [None, {}, {"invokedBy": "autoscaling.amazonaws.com"}])
def test_a_service_of_aws_has_no_name(identity: Any) -> None:
    assert not parse_call(an_api_call(userIdentity=identity)).by


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({}, "detail"),
        ({"detail": {}}, "eventName"),
        ({"detail": {"eventName": "X", "eventTime": 5}}, "eventTime"),
        ({"detail": {"eventName": "X", "eventTime": ""}, "account": "1"}, "region"),
    ],
)
def test_what_is_no_call_is_named(event: Any, field: str) -> None:
    with pytest.raises(MalformedFindingError, match=field):
        parse_call(event)


def test_what_stands_in_the_place_of_a_field_is_told() -> None:
    with pytest.raises(MalformedFindingError, match="eventName") as caught:
        parse_call(an_api_call() | {"detail": {"eventName": 7}})

    assert "7" in str(caught.value)


def assumed(account_id: str, role: str) -> dict[str, Any]:
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role}/a-session"
    return {"type": "AssumedRole", "arn": arn}


@pytest.mark.parametrize(
    ("identity", "is_ours"),
    [
        (assumed(ACCOUNT, "cordon-prod-watch_quarantines"), True),
        (assumed(ACCOUNT, "cordon-prod-repair_drift"), True),
        (assumed(ACCOUNT, "cordon-prod-member"), True),
        (assumed(ACCOUNT, "cordon-prod-notify"), False),  # which changes nothing
        (assumed(ACCOUNT, "cordon-dev-watch_quarantines"), False),
        (assumed(OTHER_ACCOUNT, "cordon-prod-watch_quarantines"), False),
        (assumed(OTHER_ACCOUNT, "cordon-prod-member"), False),
        ({"arn": f"arn:aws:iam::{ACCOUNT}:user/cordon-prod-watch_quarantines"}, False),
        ({"arn": f"arn:aws:sts::{ACCOUNT}:federated-user/cordon-prod-member"}, False),
        ({"arn": "cordon-prod-member"}, False),
    ],
)
def test_only_a_role_of_this_stage_where_it_is_ours_is_cordon(
    identity: Any, *, is_ours: bool
) -> None:
    assert OWN.made(parse_call(an_api_call(userIdentity=identity))) is is_ours


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_ANYTHING, _ANYTHING)
def test_whatever_it_says_it_is_read(parameters: Any, identity: Any) -> None:
    call = parse_call(an_api_call(requestParameters=parameters, userIdentity=identity))

    assert isinstance(OWN.made(call), bool)
