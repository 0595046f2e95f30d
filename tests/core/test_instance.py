from __future__ import annotations

import pytest

from chalicelib.core.instance import INSTANCE_ID, InstanceRef
from tests.builders import ACCOUNT, OTHER_ACCOUNT, REGION, WEB, an_instance


@pytest.mark.parametrize("text", [WEB, "i-1a2b3c4d", "i-99999999"])
def test_ids_of_8_to_17_hexadecimal_digits_are_instance_ids(text: str) -> None:
    assert INSTANCE_ID.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "i-",
        "i-1a2b3c4",
        f"{WEB}0",
        WEB.upper(),
        "i-0A1B2C3D4E5F60718",
        "mi-0a1b2c3d4e5f60718",
        "i-1a2b3c4g",
        f"{WEB}\n",
        "i-\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
    ],
    ids=ascii,
)
def test_anything_else_is_no_instance_id(text: str) -> None:
    assert not INSTANCE_ID.fullmatch(text)


def test_the_key_tells_the_same_id_in_two_accounts_or_regions_apart() -> None:
    refs = [
        InstanceRef(ACCOUNT, REGION, WEB),
        InstanceRef(OTHER_ACCOUNT, REGION, WEB),
        InstanceRef(ACCOUNT, "us-east-1", WEB),
    ]

    assert refs[0].key == f"{ACCOUNT}/{REGION}/{WEB}"
    assert len({ref.key for ref in refs}) == 3


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_an_instance_on_its_way_out_is_gone(state: str) -> None:
    assert an_instance(state=state).is_gone


@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped"])
def test_an_instance_that_can_run_again_is_not_gone(state: str) -> None:
    assert not an_instance(state=state).is_gone


def test_auto_scaling_names_its_group_in_a_tag() -> None:
    member = an_instance(tags={"aws:autoscaling:groupName": "web", "Name": "web-1"})

    assert member.auto_scaling_group == "web"
    assert an_instance(tags={"Name": "web-1"}).auto_scaling_group is None
