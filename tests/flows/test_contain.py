from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import AwsRefusedError
from chalicelib.core.evidence.names import name_of_finding, name_of_instance
from chalicelib.core.findings.finding import parse_finding
from chalicelib.core.instance import EXERCISE_TAG
from chalicelib.core.quarantine.record import Original, State, StepName, StepStatus
from chalicelib.core.steps.network import GroupRole
from tests.builders import (
    DATABASE,
    FINDING,
    WEB,
    a_policy,
    a_ref,
    a_sequence,
    an_ec2,
    an_event,
    an_instance,
    an_interface,
    groups_of,
)
from tests.fakes import World

EXFILTRATION = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"


def a_world() -> World:
    """Return a world with the ordinary instance, on two groups of its own."""
    world = World()
    world.launch(an_instance())
    return world


def test_an_exercise_cuts_off_what_is_there_for_one_and_says_so_everywhere() -> None:
    world = a_world()
    world.ec2.change(WEB, tags={EXERCISE_TAG: ""})

    answer = world.deliver(an_event(exercise=True))

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
    assert world.notices.sent[0].subject.startswith(f"[EXERCISE] CONTAINED {WEB}")
    assert world.quarantine().reason.startswith("Exercise: ")
    assert world.control.exercised == world.now


def test_an_exercise_cuts_nothing_else_off_and_accuses_nobody() -> None:
    world = a_world()

    answer = world.deliver(an_event(exercise=True))

    assert answer.instances[0].reasons == ("not_for_exercises",)
    assert answer.outcome is Outcome.ALERTED
    assert world.notices.sent[0].subject.startswith("[EXERCISE] ")
    assert world.control.exercised is None
    # Two types contain what one alone does not: an exercise is none of the two.
    other = an_event(type_="Backdoor:EC2/Spambot", severity=5, finding_id="f" * 32)
    assert world.deliver(other).outcome is Outcome.HELD
    assert not world.is_cut()


def test_the_tag_of_an_exercise_is_nothing_to_a_finding_in_earnest() -> None:
    world = a_world()
    world.ec2.change(WEB, tags={EXERCISE_TAG: ""})

    assert world.deliver(an_event()).outcome is Outcome.CONTAINED
    assert not world.notices.sent[0].subject.startswith("[")


def test_a_compromised_instance_is_cut_off_and_people_are_told() -> None:
    world = a_world()

    answer = world.deliver(an_event())

    assert answer.as_json() == {
        "outcome": "contained",
        "instances": [
            {"instance_id": WEB, "outcome": "contained", "reasons": ["command-and-control"]}
        ],
    }
    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-deny-vpc-1",)}
    assert world.quarantine().state is State.CONTAINED
    assert world.notices.outcomes == ["contained"]


def test_the_original_groups_are_stored_before_the_first_change() -> None:
    world = a_world()

    world.deliver(an_event())

    names = world.calls.names
    assert names.index("quarantines.open") < names.index("ec2.prepare") < names.index("ec2.apply")
    assert world.quarantine().originals == (Original("eni-1", "vpc-1", ("sg-web", "sg-ssh")),)


def test_nothing_is_changed_when_the_originals_cannot_be_stored() -> None:
    world = a_world()
    world.fails("quarantines.open", AwsRefusedError("open", "AccessDeniedException"))

    with pytest.raises(AwsRefusedError):
        world.deliver(an_event())

    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-web", "sg-ssh")}
    assert world.notices.outcomes == ["failed"]


def test_contained_is_recorded_only_after_reading_back() -> None:
    world = a_world()

    world.deliver(an_event())

    names, made = world.calls.names, world.calls.made
    contained = next(n for n, call in enumerate(made) if call.about.endswith("contained"))
    last = len(names) - 1 - names[::-1].index("ec2.apply")
    assert names[last:contained].count("ec2.interfaces") == 1


def test_every_step_is_recorded() -> None:
    world = a_world()

    world.deliver(an_event())

    steps = {name: step.status for name, step in world.quarantine().steps.items()}
    assert steps == {
        StepName.CUT: StepStatus.DONE,
        StepName.DRAIN: StepStatus.DONE,
        StepName.PROTECTION: StepStatus.DONE,
        StepName.FLEET: StepStatus.SKIPPED,
        StepName.TARGETS: StepStatus.SKIPPED,
        StepName.METADATA: StepStatus.DONE,
        StepName.CREDENTIALS: StepStatus.SKIPPED,
        StepName.ADDRESS: StepStatus.SKIPPED,
        StepName.ANNOUNCE: StepStatus.DONE,
        StepName.SNAPSHOTS: StepStatus.DONE,
        StepName.EVIDENCE: StepStatus.DONE,
        StepName.MALWARE_SCAN: StepStatus.SKIPPED,
        StepName.STOP: StepStatus.SKIPPED,
        StepName.REPAIR: StepStatus.SKIPPED,
    }
    assert world.timeline() == [
        "opened",
        "contained",
        "steps_started",
        "steps_settled",
        "announce",
        "snapshots_started",
        "snapshots",
        "evidence_listed",
        "evidence",
    ]
    assert not world.quarantine().workers


def test_the_timeline_says_which_request_changed_which_interface() -> None:
    world = a_world()

    world.deliver(an_event())

    lines = world.quarantines.lines(world.quarantine())
    changes = next(line.detail["changes"] for line in lines if line.what == "contained")
    assert [(c["interface"], c["role"], c["error"]) for c in changes] == [
        ("eni-1", "deny", ""),
        ("eni-1", "drain", ""),
        ("eni-1", "deny", ""),
    ]
    assert all(change["request_id"].startswith("request-") for change in changes)


def test_the_finding_and_the_instance_before_the_cut_are_kept_as_evidence() -> None:
    world = a_world()

    world.deliver(an_event())

    before = world.evidence.kept[name_of_instance(a_ref(), 1, an_instance().as_described)]
    findings = [text for name, text in world.evidence.kept.items() if FINDING in name]
    assert before == an_instance().as_described
    assert [json.loads(text) for text in findings] == [an_event()]


def test_groups_that_are_ready_are_not_made_again() -> None:
    world = a_world()
    for group in groups_of("vpc-1").values():
        world.ec2.add_group(group)

    world.deliver(an_event())

    assert "ec2.prepare" not in world.calls.names
    assert world.is_cut()


def test_a_deny_group_with_rules_is_mended_before_anything_is_put_on_it() -> None:
    world = a_world()
    for group in groups_of("vpc-1", ready=False).values():
        world.ec2.add_group(group)

    world.deliver(an_event())

    names = world.calls.names
    assert names.index("ec2.prepare") < names.index("ec2.apply")
    assert all(group.is_ready for group in world.ec2.groups())
    assert world.is_cut()


def test_each_interface_is_put_on_the_group_of_its_own_vpc() -> None:
    world = World()
    world.launch(an_instance(an_interface(), an_interface("eni-2", "vpc-2", ("sg-other",))))

    world.deliver(an_event())

    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-deny-vpc-1",), "eni-2": ("sg-deny-vpc-2",)}
    assert world.quarantine().original("eni-2") == Original("eni-2", "vpc-2", ("sg-other",))


def test_groups_of_cordon_are_nobodys_original() -> None:
    world = World()
    for group in groups_of("vpc-1").values():
        world.ec2.add_group(group)
    world.launch(an_instance(an_interface(groups=("sg-drain-vpc-1",))))

    world.deliver(an_event())

    assert world.quarantine().originals == (Original("eni-1", "vpc-1", ()),)
    assert world.is_cut()


def test_stolen_credentials_cut_off_the_instance_that_they_were_stolen_from() -> None:
    world = a_world()

    answer = world.deliver(an_event(type_=EXFILTRATION, resource_type="AccessKey"))

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()


def test_an_attack_sequence_cuts_off_every_instance_of_it() -> None:
    world = a_world()
    world.launch(an_instance(an_interface("eni-9"), ref=a_ref(DATABASE)))

    answer = world.deliver(a_sequence(an_ec2(WEB), an_ec2(DATABASE)))

    assert [(each.instance_id, each.outcome) for each in answer.instances] == [
        (WEB, Outcome.CONTAINED),
        (DATABASE, Outcome.CONTAINED),
    ]
    assert world.is_cut(WEB)
    assert world.is_cut(DATABASE)


def test_the_strongest_outcome_of_the_instances_is_the_answer() -> None:
    world = a_world()

    answer = world.deliver(a_sequence(an_ec2(DATABASE), an_ec2(WEB)))

    assert answer.outcome is Outcome.CONTAINED
    assert [each.outcome for each in answer.instances] == [Outcome.ALERTED, Outcome.CONTAINED]


def test_an_instance_that_fails_does_not_keep_the_others_waiting() -> None:
    world = a_world()
    world.launch(an_instance(an_interface("eni-9"), ref=a_ref(DATABASE)))
    world.fails("ec2.find", AwsRefusedError("describe", "UnauthorizedOperation"), about=WEB)

    with pytest.raises(AwsRefusedError, match="UnauthorizedOperation"):
        world.deliver(a_sequence(an_ec2(WEB), an_ec2(DATABASE)))

    assert world.is_cut(DATABASE)


def test_when_several_instances_fail_the_first_error_names_the_others() -> None:
    world = a_world()
    world.fails("ec2.find", AwsRefusedError("describe web", "Nope"), about=WEB)
    world.fails("ec2.find", AwsRefusedError("describe database", "Nope"), about=DATABASE)

    with pytest.raises(AwsRefusedError, match="describe web") as caught:
        world.deliver(a_sequence(an_ec2(WEB), an_ec2(DATABASE)))

    assert caught.value.__notes__ == ["describe database: AWS refused with Nope"]


def test_the_cut_comes_first_then_the_hop_over_the_drain_group() -> None:
    world = a_world()

    world.deliver(an_event())

    hops = [call.about for call in world.calls.made if call.name == "ec2.set_groups"]
    assert hops == ["eni-1 deny", "eni-1 drain", "eni-1 deny"]


def test_no_drain_group_is_made_where_the_policy_does_not_drain() -> None:
    world = a_world()
    world.policy = a_policy(drain=False)

    world.deliver(an_event())

    assert [group.role for group in world.ec2.groups()] == [GroupRole.DENY]
    assert world.quarantine().steps[StepName.DRAIN].status is StepStatus.SKIPPED
    assert world.is_cut()


def test_an_instance_that_only_may_route_is_cut_off() -> None:
    world = World()
    world.launch(an_instance(an_interface(source_dest_check=False)))

    assert world.deliver(an_event()).outcome is Outcome.CONTAINED


def test_routes_are_looked_up_only_where_there_may_be_some() -> None:
    world = World()
    world.launch(an_instance())

    world.deliver(an_event())

    assert "ec2.is_route" not in world.calls.names


def test_a_replayed_finding_is_held_and_leaves_the_breaker_alone() -> None:
    world = World()
    world.launch(an_instance())
    world.now += timedelta(days=3)

    answer = world.deliver({**an_event(), "replay-name": "last-week"})

    assert answer.outcome is Outcome.HELD
    assert answer.instances[0].reasons == ("stale",)
    assert not world.quarantines.breakers


@pytest.mark.parametrize("planted", ["of the instance", "of the finding"])
def test_what_was_planted_among_the_evidence_is_told_once(planted: str) -> None:
    world = a_world()
    name = name_of_instance(a_ref(), 1, an_instance().as_described)
    if planted == "of the finding":
        name = name_of_finding(parse_finding(an_event()))
    world.evidence.kept[name] = "{}"

    world.deliver(an_event())
    world.deliver(an_event())

    assert world.notices.outcomes.count("evidence_planted") == 1
    assert world.evidence.kept[name] != "{}"


def test_evidence_that_a_crash_left_there_is_ours_and_nobody_is_told() -> None:
    world = a_world()
    described = an_instance().as_described
    world.evidence.kept[name_of_instance(a_ref(), 1, described)] = described

    world.deliver(an_event())

    assert "evidence_planted" not in world.notices.outcomes
