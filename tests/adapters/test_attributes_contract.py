"""What every EC2 says of an instance besides its network, and lets change; the fake and moto."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.steps.step import (
    Change,
    SetDeletion,
    SetProtection,
    SetShutdown,
    SetTokens,
    Traits,
)
from tests.adapters.sites import Site

STRANGER = "i-00000000000000000"


@pytest.fixture
def instance_id(site: Site) -> str:
    vpc = site.make_vpc()
    return site.launch((vpc, (site.make_group(vpc),)))


def seen(site: Site, instance_id: str) -> Traits:
    found = site.attributes.see(instance_id)
    assert found is not None
    return found


def test_an_instance_that_was_just_launched_is_not_kept_by_anything(
    site: Site, instance_id: str
) -> None:
    found = seen(site, instance_id)

    assert (found.is_protected, found.on_shutdown, found.tokens) == (False, "stop", "optional")
    assert set(found.volumes.values()) == {True}
    assert not found.is_spot


def test_an_instance_that_is_not_there_or_was_terminated_has_none(
    site: Site, instance_id: str
) -> None:
    site.terminate(instance_id)

    assert site.attributes.see(instance_id) is None
    assert site.attributes.see(STRANGER) is None


@pytest.mark.parametrize("back", [False, True], ids=["done", "undone"])
def test_each_change_changes_what_it_says_and_nothing_else(
    site: Site, instance_id: str, *, back: bool
) -> None:
    before = seen(site, instance_id)
    (device,) = before.volumes
    changes: list[tuple[Change, Change]] = [
        (SetProtection(is_on=True), SetProtection(is_on=False)),
        (SetShutdown("terminate"), SetShutdown("stop")),
        (SetDeletion(device, is_deleted=False), SetDeletion(device, is_deleted=True)),
        (SetTokens("required"), SetTokens("optional")),
    ]

    requests = [site.attributes.alter(instance_id, change) for change, _ in changes]
    if back:
        requests += [site.attributes.alter(instance_id, undo) for _, undo in changes]

    assert all(requests)
    changed = replace(
        before,
        is_protected=True,
        on_shutdown="terminate",
        volumes={device: False},
        tokens="required",
    )
    assert seen(site, instance_id) == (before if back else changed)
