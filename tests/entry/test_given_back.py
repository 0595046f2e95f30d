"""Every step on, for an instance that is tied to all that there is, and all of it given back."""

from __future__ import annotations

import pytest

from tests.adapters.everything import changed
from tests.entry.given_back import Story, play

pytestmark = pytest.mark.no_cover  # the same lines, very often


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return play(tmp_path_factory.mktemp("story"))


def test_of_all_that_aws_describes_nothing_is_changed_after_a_release_but_what_is_kept(
    story: Story,
) -> None:
    assert story.left() == story.expected()
    targets = {each["Id"] for each in story.after["Targets web"]}
    assert targets == {story.instance_id, story.replacement}
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


def test_no_health_check_terminates_it_whenever_it_runs(story: Story) -> None:
    assert len(story.checks) > 100, "before each call"
    assert not any(story.checks)
    assert story.contained[f"Instances {story.instance_id}"]["State"]["Name"] == "stopped"
