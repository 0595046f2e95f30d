"""Every step on, for an instance that is tied to all that there is, and all of it given back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.adapters.everything import changed, everything
from tests.permissions.deployment import deployed

pytestmark = pytest.mark.no_cover  # the same lines, very often

RELEASE = {"reason": "it was a test", "verdict": "false_positive"}


@dataclass(frozen=True, slots=True)
class Story:
    """All that AWS described before, in between, and after; and what the release answered."""

    instance_id: str
    before: Mapping[str, Any]
    contained: Mapping[str, Any]
    after: Mapping[str, Any]
    said: Mapping[str, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with deployed(tmp_path_factory.mktemp("story")) as cordon:
        instance_id, session = cordon.home.instance_id, cordon.home.session
        cordon.put_in_a_group(instance_id, name="web")
        before = everything(session)
        cordon.contain()
        contained = everything(session)
        for who in ("ada", "grace"):
            said = cordon.ask("POST", f"/quarantines/{instance_id}/release", RELEASE, who=who)
        yield Story(instance_id, before, contained, everything(session), said)


def test_of_all_that_aws_describes_nothing_is_changed_after_a_release_but_what_is_kept(
    story: Story,
) -> None:
    new = story.after.keys() - story.before.keys()
    [replacement] = [name.split()[1] for name in new if name.startswith("Instances ")]
    [snapshot] = [name.split()[1] for name in new if name.startswith("Snapshots ")]
    there = story.after[f"Instances {replacement}"]
    of_the_replacement = {
        replacement,
        there["NetworkInterfaces"][0]["NetworkInterfaceId"],
        there["BlockDeviceMappings"][0]["Ebs"]["VolumeId"],
    }
    groups = {
        name: story.after[f"SecurityGroups {name}"]["GroupId"]
        for name in ("cordon-dev-deny", "cordon-dev-drain")
    }

    left = {
        name
        for name in changed(story.before, story.after)
        if not of_the_replacement & set(name.split())
    }

    assert left == {
        "AutoScalingGroups web",  # of two now
        "Targets web",
        f"Snapshots {snapshot}",
        f"Tags {snapshot} cordon:case",
        *(f"SecurityGroups {name}" for name in groups),
        *(f"Tags {group} cordon:role" for group in groups.values()),
    }
    assert {each["Id"] for each in story.after["Targets web"]} == {story.instance_id, replacement}
    assert story.said["state"] == "RELEASED"


@pytest.mark.parametrize(
    "of_step",
    [
        "NetworkInterfaces",  # cut
        "Attributes {} disableApiTermination",  # protection
        "Tags {} cordon:quarantine",
        "AutoScalingGroups web",  # fleet
        "Targets web",  # targets, of three kinds
        "Targets web-tied",
        "LoadBalancerDescriptions web-tied",
        "Instances {}",  # metadata, stop
        "RolePolicies web cordon-dev-{}",  # credentials
        "Addresses",  # address
        "Snapshots",  # snapshots
    ],
)
def test_each_step_was_seen_to_change_what_is_described(story: Story, of_step: str) -> None:
    name = of_step.format(story.instance_id)

    assert any(each.startswith(name) for each in changed(story.before, story.contained))


def test_one_kind_of_thing_shows_what_two_steps_change(story: Story) -> None:
    name = f"Instances {story.instance_id}"
    before, contained = story.before[name], story.contained[name]

    assert before["MetadataOptions"] != contained["MetadataOptions"]
    assert (before["State"]["Name"], contained["State"]["Name"]) == ("running", "stopped")
