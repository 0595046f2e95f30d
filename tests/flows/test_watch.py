from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib import VERSION
from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError, UnseenError
from chalicelib.core.notices.about_channels import Hearing
from chalicelib.core.notices.audience import Subscriber
from chalicelib.core.notices.channels.incident import WORRIES
from chalicelib.core.notices.channels.receipts import Receipts, Refusal
from chalicelib.core.notices.posture import DetectorHealth
from chalicelib.core.policy.mode import ModeSetting
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import State
from chalicelib.core.steps.network import Group, GroupRole
from chalicelib.flows.watch import watch
from tests.builders import (
    ACCOUNT,
    NOON,
    OTHER_ACCOUNT,
    REGION,
    a_policy,
    a_quarantine,
    a_ref,
    an_event,
    an_instance,
    an_interface,
    groups_of,
)
from tests.fakes import World

BUSY = AwsBusyError("doing", "Throttling")
MORNING = NOON.replace(hour=6)
ADA = "arn:aws:iam::111122223333:user/ada"


def a_world(count: int = 3, **changes: Any) -> World:
    """Return a world before the hour of the digest, with `count` instances half contained."""
    world = World(**{"now": MORNING, **changes})
    for n in range(count):
        ref = a_ref(f"i-{n:017x}")
        nic = an_interface(f"eni-{n}", groups=("sg-web", "sg-ssh"))
        world.launch(an_instance(nic, ref=ref))
        world.quarantines.put(a_quarantine(ref=ref, opened_at=MORNING))
    return world


def cut(world: World, count: int = 3) -> list[bool]:
    return [world.is_cut(f"i-{n:017x}") for n in range(count)]


def test_every_open_quarantine_is_seen_to() -> None:
    world = a_world()

    answer = watch(world.responder)

    assert answer == {"open": 3, "left": 0, "failing": 0}
    assert cut(world) == [True, True, True]


def test_more_quarantines_than_a_page_has_are_all_seen_to() -> None:
    world = a_world(60)

    assert watch(world.responder) == {"open": 60, "left": 0, "failing": 0}

    assert all(cut(world, 60))


def test_one_that_fails_keeps_none_of_the_others_waiting() -> None:
    world = a_world()
    refused = AwsRefusedError("set the groups", "UnauthorizedOperation")
    world.fails("ec2.set_groups", refused, about="eni-1")

    with pytest.raises(AwsRefusedError):
        watch(world.responder)

    assert cut(world) == [True, False, True]
    assert "ec2.vpcs" in world.calls.names


def test_every_failure_is_named() -> None:
    world = a_world()
    world.fails("ec2.set_groups", AwsRefusedError("set", "Denied"), about="eni-1")
    world.fails("ec2.vpcs", BUSY)

    with pytest.raises(AwsRefusedError) as caught:
        watch(world.responder)

    assert caught.value.__notes__ == ["doing: AWS answered Throttling"]


def test_what_there_is_no_time_for_is_left_to_the_next_run() -> None:
    world = a_world()

    def time_passes() -> None:
        world.now += timedelta(seconds=36)

    world.calls.after("ec2.apply", time_passes)

    assert watch(world.responder) == {"open": 3, "left": 2, "failing": 0}
    assert cut(world).count(True) == 1


def test_unfinished_work_comes_before_what_only_might_have_drifted() -> None:
    world = a_world()
    calm = a_ref("i-0000000000000000f")
    world.launch(an_instance(an_interface("eni-f"), ref=calm))
    world.quarantines.put(a_quarantine(State.CONTAINED, ref=calm))

    watch(world.responder)

    seen = [call.about for call in world.calls.made if call.name == "ec2.find"]
    assert seen[-1] == calm.instance_id


def many(world: World, count: int) -> None:
    for n in range(count):
        ref = a_ref(f"i-{n:017x}")
        world.quarantines.put(a_quarantine(State.CONTAINED, ref=ref))
        world.launch(an_instance(an_interface(f"eni-{n}", groups=("sg-deny-vpc-1",)), ref=ref))
    for group in groups_of("vpc-1").values():
        world.ec2.add_group(group)


def looked_at(world: World) -> set[str]:
    """Return who was looked at since the last time of asking."""
    seen = {call.about for call in world.calls.made if call.name == "ec2.find"}
    world.calls.made.clear()
    return seen


def test_whose_turn_was_longest_ago_is_next_and_those_that_fail_take_no_others_time() -> None:
    world = World(now=MORNING)
    many(world, 60)
    stuck = {f"i-{n:017x}" for n in range(10)}
    for instance_id in stuck:
        world.fails("ec2.find", BUSY, about=instance_id)

    def time_passes() -> None:
        world.now += timedelta(seconds=2)  # so that a run has time for eleven

    world.calls.after("ec2.find", time_passes, times=10**6)
    for instance_id in stuck:
        world.calls.before("ec2.find", time_passes, times=10**6, about=instance_id)
    with pytest.raises(UnseenError):
        watch(world.responder)
    looked_at(world)

    seen: set[str] = set()
    runs = 0
    while len(seen) < 50:
        world.now += timedelta(minutes=5)
        watch(world.responder)
        seen |= looked_at(world) - stuck
        runs += 1

    assert runs <= -(-50 // 11) + 1


def test_a_quarantine_that_cannot_be_looked_at_is_told_once_and_raises_once() -> None:
    world = a_world(now=NOON)
    world.control.tell_on(NOON.date())
    world.fails("ec2.find", BUSY, about="i-00000000000000001")
    with pytest.raises(UnseenError):
        watch(world.responder)
    for _ in range(288):
        world.now += timedelta(minutes=5)
        watch(world.responder)

    assert cut(world) == [True, False, True]
    assert world.notices.outcomes.count("unseen") == 1
    (digest,) = (notice for notice in world.notices.sent if notice.kind == "digest")
    assert "i-00000000000000001 cannot be seen to since" in digest.text


def test_trouble_that_comes_back_after_it_was_over_is_told_again() -> None:
    world = a_world(1)
    refused = AwsRefusedError("set the groups", "UnauthorizedOperation")
    for _ in range(2):
        world.fails("ec2.set_groups", refused, times=1)
        with pytest.raises(AwsRefusedError):
            watch(world.responder)
        world.now += timedelta(minutes=5)
        watch(world.responder)
        world.ec2.attach("i-00000000000000000", an_interface("eni-0", groups=("sg-web",)))
        world.now += timedelta(minutes=5)

    assert world.notices.outcomes.count("failed") == 2


def test_who_heard_that_it_cannot_be_looked_at_hears_that_it_can() -> None:
    world = a_world(1, now=NOON)
    watch(world.responder)
    for _ in range(2):
        world.fails("ec2.find", BUSY, times=1)
        with pytest.raises(UnseenError):
            watch(world.responder)
        for _ in range(2):
            world.now += timedelta(minutes=5)
            watch(world.responder)

    told = [each for each in world.notices.outcomes if each.startswith(("seen", "unseen"))]
    assert told == ["unseen", "seen_again", "unseen", "seen_again"]


def test_that_it_is_looked_at_again_is_not_told_of_other_trouble() -> None:
    world = a_world(1)
    world.fails("ec2.set_groups", AwsRefusedError("cut", "UnauthorizedOperation"), times=1)
    with pytest.raises(AwsRefusedError):
        watch(world.responder)

    watch(world.responder)

    assert "seen_again" not in world.notices.outcomes


def test_an_unseen_one_that_could_not_be_told_is_told_in_the_next_run() -> None:
    world = a_world(1)
    world.fails("ec2.find", BUSY)
    world.fails("notices.publish", BUSY, times=1)
    for _ in range(2):
        with pytest.raises(CordonError):
            watch(world.responder)

    assert world.notices.outcomes == ["unseen"]


def test_one_vpc_without_groups_keeps_no_other_waiting_and_is_told_once() -> None:
    world = World(now=MORNING)
    nics = [an_interface(f"eni-{n}", f"vpc-{n}", ("sg-x",)) for n in range(3)]
    world.launch(an_instance(*nics))
    full = AwsRefusedError("create", "SecurityGroupLimitExceeded")
    world.fails("ec2.prepare", full, about="deny vpc-1")
    world.fails("ec2.prepare", AwsRefusedError("open", "UnauthorizedOperation"), about="drain")

    for _ in range(12):
        watch(world.responder)

    assert vpcs_with_deny(world) == {"vpc-0", "vpc-2"}
    assert world.notices.outcomes == ["groups_refused"]
    text = " ".join(world.notices.sent[0].text.split())
    assert "deny group of vpc-1" in text
    assert "Raise the quota of security groups" in text


def test_deny_groups_are_made_before_any_drain_group() -> None:
    world = World(now=MORNING)
    world.launch(an_instance(an_interface(), an_interface("eni-2", "vpc-2", ("sg-2",))))

    watch(world.responder)

    made = [call.about.split()[0] for call in world.calls.made if call.name == "ec2.prepare"]
    assert made == ["deny", "deny", "drain", "drain"]


def test_what_is_wrong_with_groups_is_told_again_once_it_is_another_thing() -> None:
    world = World(now=MORNING)
    world.launch(an_instance())
    for code in ("SecurityGroupLimitExceeded", "UnauthorizedOperation"):
        world.fails("ec2.prepare", AwsRefusedError("create", code), times=2)
        watch(world.responder)
    watch(world.responder)

    assert world.notices.outcomes == ["groups_refused", "groups_refused"]
    assert vpcs_with_deny(world) == {"vpc-1"}


def test_an_account_that_lets_nobody_in_is_told_and_keeps_no_other_waiting() -> None:
    policy = a_policy(allowed_accounts=frozenset({OTHER_ACCOUNT}))
    world = World(now=MORNING, policy=policy)
    there = world.ec2_in(OTHER_ACCOUNT, REGION)
    there.launch(an_instance(ref=a_ref(account_id=OTHER_ACCOUNT)))
    world.fails("ec2.groups", AwsRefusedError("assume", "AccessDenied"), times=1)

    watch(world.responder)

    assert world.notices.outcomes == ["groups_refused"]
    assert {group.vpc_id for group in there.groups()} == {"vpc-1"}


@pytest.mark.parametrize("call", ["ec2.prepare", "control.mode"])
def test_groups_that_cannot_be_seen_to_now_raise(call: str) -> None:
    world = World(now=MORNING)
    world.launch(an_instance())
    world.fails(call, BUSY, times=1)

    with pytest.raises(AwsBusyError):
        watch(world.responder)

    watch(world.responder)
    assert vpcs_with_deny(world) == {"vpc-1"}


def test_refused_groups_that_could_not_be_told_are_told_in_the_next_run() -> None:
    world = World(now=MORNING)
    world.launch(an_instance())
    world.fails("ec2.prepare", AwsRefusedError("create", "SecurityGroupLimitExceeded"))
    world.fails("notices.publish", BUSY, times=1)
    with pytest.raises(AwsBusyError):
        watch(world.responder)

    watch(world.responder)

    assert world.notices.outcomes == ["groups_refused"]


def test_a_run_that_has_no_time_left_leaves_groups_and_digest_to_the_next() -> None:
    world = a_world(1, now=NOON)

    def time_passes() -> None:
        world.now += timedelta(seconds=50)

    world.calls.after("ec2.apply", time_passes)
    watch(world.responder)

    assert "ec2.vpcs" not in world.calls.names
    assert not digests(world)


# Groups.


def vpcs_with_deny(world: World) -> set[str]:
    return {group.vpc_id for group in world.ec2.groups() if group.role is GroupRole.DENY}


def test_an_incident_finds_groups_in_every_vpc_in_use() -> None:
    world = World(now=MORNING)
    world.launch(an_instance(an_interface(), an_interface("eni-2", "vpc-2", ("sg-2",))))
    world.ec2.add_vpc("vpc-empty")

    watch(world.responder)

    assert vpcs_with_deny(world) == {"vpc-1", "vpc-2"}
    assert all(group.is_ready for group in world.ec2.groups())
    assert len(world.ec2.groups()) == 4


def test_once_they_are_there_nothing_is_made() -> None:
    world = World(now=MORNING)
    world.launch(an_instance())
    watch(world.responder)
    world.calls.made.clear()

    watch(world.responder)

    assert not {"ec2.prepare", "ec2.is_in_use"} & set(world.calls.names)


def test_a_group_that_has_the_wrong_rules_is_mended_wherever_it_is() -> None:
    world = World(now=MORNING)
    world.ec2.add_vpc("vpc-empty")
    world.ec2.add_group(Group("sg-deny-vpc-empty", "vpc-empty", GroupRole.DENY, is_ready=False))

    watch(world.responder)

    assert [group.is_ready for group in world.ec2.groups()] == [True]


def test_without_the_drain_hop_there_is_no_drain_group() -> None:
    world = World(now=MORNING, policy=a_policy(drain=False))
    world.launch(an_instance())

    watch(world.responder)

    assert [group.role for group in world.ec2.groups()] == [GroupRole.DENY]


def test_who_only_observes_makes_nothing() -> None:
    world = World(now=MORNING, mode=Mode.OBSERVE)
    world.launch(an_instance())

    watch(world.responder)

    assert world.ec2.groups() == ()


def test_the_accounts_that_are_allowed_get_their_groups_too() -> None:
    world = World(now=MORNING, policy=a_policy(allowed_accounts=frozenset({OTHER_ACCOUNT})))
    there = world.ec2_in(OTHER_ACCOUNT, REGION)
    there.launch(an_instance(ref=a_ref(account_id=OTHER_ACCOUNT)))

    watch(world.responder)

    assert {group.vpc_id for group in there.groups()} == {"vpc-1"}


# The digest.


def digests(world: World) -> list[str]:
    return [notice.subject for notice in world.notices.sent if notice.kind == "digest"]


def test_the_digest_is_sent_once_a_day_after_its_hour() -> None:
    world = World(now=MORNING)
    for _ in range(24 * 2):
        watch(world.responder)
        world.now += timedelta(hours=1)

    assert [subject[:17] for subject in digests(world)] == [
        "Cordon 2026-03-01",
        "Cordon 2026-03-02",
    ]


def test_the_digest_tells_how_cordon_stands() -> None:
    world = a_world(1, now=NOON)
    world.control.set_mode(ModeSetting(Mode.ENFORCE, ADA, "we are ready", NOON))
    world.control.exercise(NOON)
    for letter in ("{}", "[]"):
        world.dead_letters.put(letter)

    watch(world.responder)

    told = world.notices.sent[-1]
    assert told.subject == "Cordon 2026-03-01: 1 to look at, 1 in quarantine"
    for fact in (ADA, "we are ready", "2 event(s)", "RUNTIME_MONITORING: on", "i-0000000000000000"):
        assert fact in told.text
    assert told.facts["open_quarantines"] == 1
    assert told.account_id == ACCOUNT


def test_the_digest_names_who_is_not_told_and_the_version() -> None:
    world = World(now=NOON)
    waits = Subscriber("email", "soc@example.com", is_confirmed=False)
    world.audience.notices = (waits, Subscriber("lambda", "notify", is_confirmed=True))
    world.audience.alarms = (Subscriber("lambda", "other", is_confirmed=True),)

    watch(world.responder)

    text = world.notices.sent[-1].text
    assert "soc@example.com has not confirmed the mail of SNS" in text
    assert "nobody subscribed to the alarms" in text
    assert f"{VERSION}, since 2026-03-01" in text


def test_the_digest_says_how_each_channel_fares() -> None:
    world = World(now=NOON)
    refused = Refusal("soc", "n", NOON, "CONTAINED i-1", "slack.com: invalid_auth")
    world.hearing = Hearing(("soc", "on-call"), Receipts({"on-call": NOON}, (refused,)))

    watch(world.responder)

    told = world.notices.sent[-1]
    assert "on-call: last took a notice on 2026-03-01 12:00 UTC" in told.text
    assert "soc has not got: CONTAINED i-1 (slack.com: invalid_auth)" in told.text
    assert told.facts[WORRIES]["channels"] == [
        (
            "the channel soc has not got 1 notice(s) since yesterday (cordon channels test soc): "
            "slack.com: invalid_auth"
        )
    ]


def test_notices_that_no_mail_takes_are_no_worry_for_they_may_go_to_channels() -> None:
    world = World(now=NOON)
    world.control.exercise(NOON)
    world.audience.notices = (Subscriber("lambda", "notify", is_confirmed=True),)

    watch(world.responder)

    assert digests(world) == ["Cordon 2026-03-01: all is well, 0 in quarantine"]


def test_a_digest_without_worries_says_so() -> None:
    world = World(now=NOON)
    world.control.exercise(NOON)

    watch(world.responder)

    assert digests(world) == ["Cordon 2026-03-01: all is well, 0 in quarantine"]
    assert world.notices.sent[-1].severity == "Low"


def test_a_digest_names_what_could_not_be_asked() -> None:
    world = World(now=NOON)
    world.fails("detector.health", BUSY)

    watch(world.responder)

    assert (
        "GuardDuty cannot be asked: doing: AWS answered Throttling" in world.notices.sent[-1].text
    )


def test_a_digest_names_a_detector_that_is_off_and_a_list_that_failed() -> None:
    world = World(now=NOON, mode=Mode.OBSERVE)
    world.detector.present = DetectorHealth(is_enabled=False, lists=(("ours", "ERROR"),))

    watch(world.responder)

    text = world.notices.sent[-1].text
    assert "GuardDuty is not enabled" in text
    assert "the threat list ours is ERROR" in text
    assert "Cordon only observes" in text


@pytest.mark.parametrize("call", ["notices.publish", "control.tell_on"])
def test_a_digest_that_was_not_sent_for_sure_is_sent_again(call: str) -> None:
    world = World(now=NOON)
    world.fails(call, BUSY, times=1)
    with pytest.raises(AwsBusyError):
        watch(world.responder)

    watch(world.responder)

    assert digests(world)
    assert world.control.day == NOON.date()


def test_a_sample_that_went_through_is_the_last_exercise() -> None:
    world = World(now=NOON)

    world.deliver(an_event(sample=True))

    assert world.control.exercised == NOON


def test_one_run_at_a_time_sees_to_everything() -> None:
    world = a_world()
    world.calls.before("control.rounds", lambda: answers.append(watch(world.responder)), times=1)
    answers: list[dict[str, int]] = []

    assert watch(world.responder)["open"] == 3

    assert answers == [{"skipped": 1}]
    assert all(cut(world))


def test_the_turn_is_over_with_the_run_also_when_it_fails() -> None:
    world = a_world()
    world.fails("control.rounds", BUSY, times=1)

    with pytest.raises(AwsBusyError):
        watch(world.responder)

    assert watch(world.responder)["open"] == 3


@pytest.mark.parametrize("wrong", [timedelta(), timedelta(days=365)], ids=["died", "wrong clock"])
def test_the_turn_of_a_run_that_died_lapses_before_the_next(wrong: timedelta) -> None:
    world = a_world()
    world.control.take_turn("gone", world.now, world.now + LEASE + wrong)
    world.now += timedelta(minutes=5)

    assert watch(world.responder)["open"] == 3
