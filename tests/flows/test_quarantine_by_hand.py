from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core.api.request import DismissRequest, QuarantineRequest
from chalicelib.core.decision.outcome import Outcome
from chalicelib.core.errors import (
    AwsBusyError,
    AwsRefusedError,
    NotAllowedError,
    NothingToCutError,
    RecordMovedError,
    ReleaseInProgressError,
    UnknownInstanceError,
)
from chalicelib.core.evidence.names import name_of_instance
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import Original, Quarantine, State
from chalicelib.flows.held import dismiss
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from tests.builders import (
    NOON,
    OTHER_ACCOUNT,
    WEB,
    a_policy,
    a_quarantine,
    a_ref,
    an_event,
    an_instance,
    an_interface,
)
from tests.fakes import ALWAYS, Crash, World

ADA = "arn:aws:iam::111122223333:user/ada"
ASKS = QuarantineRequest(ADA, "it talks to a mail server in the logs")
BUSY = AwsBusyError("doing", "Throttling")


def a_world(*, mode: Mode = Mode.ENFORCE) -> World:
    world = World(mode=mode)
    world.launch(an_instance())
    return world


def quarantines(world: World) -> Quarantine:
    return quarantine_by_hand(a_ref(), ASKS, world.responder)


def test_a_person_cuts_an_instance_off() -> None:
    world = a_world()

    record = quarantines(world)

    assert world.is_cut()
    assert record.state is State.CONTAINED
    assert not record.is_unfinished
    assert not record.workers
    assert record == world.quarantine()


def test_who_did_it_and_why_stands_in_the_record_and_its_timeline() -> None:
    world = a_world()

    record = quarantines(world)

    opened = world.quarantines.lines(record)[0]
    assert (record.opened_by, record.reason, record.finding_id) == (ADA, ASKS.reason, None)
    assert (opened.who, opened.what, opened.detail["reason"]) == (ADA, "opened", ASKS.reason)
    assert record.originals == (Original("eni-1", "vpc-1", ("sg-web", "sg-ssh")),)


def test_people_are_told_as_of_any_containment() -> None:
    world = a_world()

    quarantines(world)

    assert world.notices.outcomes == ["contained"]
    assert "by hand" in world.notices.sent[0].subject
    assert ADA in world.notices.sent[0].text
    assert name_of_instance(a_ref(), 1, an_instance().as_described) in world.evidence.kept


def test_what_holds_the_automation_back_does_not_hold_a_person_back() -> None:
    world = World(mode=Mode.OBSERVE, policy=a_policy(exempt_instances=frozenset({WEB})))
    world.launch(an_instance(an_interface(source_dest_check=False)))
    world.quarantines.exemptions[a_ref().key] = Exemption("the bastion")
    world.quarantines.breakers[a_ref().account_id] = Breaker((NOON,) * 99)

    quarantines(world)

    assert world.is_cut()
    assert world.quarantines.breakers[a_ref().account_id].count == 99


def test_a_held_containment_is_approved_so() -> None:
    world = a_world()
    held = world.deliver(an_event(type_="Backdoor:EC2/Spambot"))
    assert held.outcome is Outcome.HELD

    quarantines(world)

    repeat = world.deliver(an_event(type_="Backdoor:EC2/Spambot"))
    assert repeat.outcome is Outcome.ALREADY_CONTAINED
    assert world.quarantine().number == 1


def test_what_is_approved_answers_to_the_finding_that_was_held() -> None:
    world = a_world()
    world.deliver(an_event(type_="Backdoor:EC2/Spambot", finding_id="f-spam"))

    record = quarantines(world)

    assert (record.finding_id, record.finding_type) == ("f-spam", "Backdoor:EC2/Spambot")
    assert record.opened_by == ADA
    assert world.notices.sent[-1].subject == f"CONTAINED {WEB}: Backdoor:EC2/Spambot"
    opened = world.quarantines.timeline(record)[0]
    assert opened.detail["finding"] == "f-spam"


def test_what_was_dismissed_is_not_what_a_later_quarantine_answers_to() -> None:
    world = a_world()
    world.deliver(an_event(type_="Backdoor:EC2/Spambot"))
    dismiss(a_ref(), DismissRequest(ADA, "our own test"), world.responder)

    assert quarantines(world).finding_id is None


def test_what_is_held_cannot_keep_a_person_waiting() -> None:
    world = a_world()
    world.deliver(an_event(type_="Backdoor:EC2/Spambot"))
    world.fails("held.all", BUSY)

    assert quarantines(world).finding_id is None
    assert world.is_cut()


def test_asking_for_what_is_done_changes_nothing_and_is_written_down() -> None:
    world = a_world()
    before = quarantines(world)

    after = quarantines(world)

    assert after == before
    assert world.timeline()[-1] == "asked_again"
    assert world.notices.outcomes == ["contained"]


def test_an_instance_that_got_out_is_cut_off_again() -> None:
    world = a_world()
    quarantines(world)
    world.ec2.attach(WEB, an_interface(groups=("sg-evil",)))

    quarantines(world)

    assert world.is_cut()
    assert world.notices.outcomes == ["contained", "repaired"]


def test_what_a_crash_left_half_done_is_finished() -> None:
    for number in range(1, 60):
        world = a_world()
        world.calls.crash(number, after=True)
        try:
            quarantines(world)
        except Crash:
            record = quarantines(world)
            assert world.is_cut()
            assert (record.state, record.is_unfinished) == (State.CONTAINED, False)
            assert record.originals == (Original("eni-1", "vpc-1", ("sg-web", "sg-ssh")),)
        else:
            assert number > 10
            return
    raise AssertionError("a quarantine by hand never came to its end")


def test_after_a_release_it_is_a_new_quarantine() -> None:
    world = a_world()
    world.quarantines.put(replace(a_quarantine(State.RELEASED), released_at=NOON))

    assert quarantines(world).number == 2


@pytest.mark.parametrize("state", ["shutting-down", "terminated"])
def test_an_instance_that_is_gone_cannot_be_cut_off(state: str) -> None:
    world = a_world()
    world.ec2.change(WEB, state=state)

    with pytest.raises(UnknownInstanceError):
        quarantines(world)


def test_an_instance_that_ec2_does_not_know_cannot_be_cut_off() -> None:
    with pytest.raises(UnknownInstanceError):
        quarantines(World())


def test_an_instance_without_an_interface_cannot_be_cut_off() -> None:
    world = a_world()
    world.ec2.detach("eni-1")

    with pytest.raises(NothingToCutError):
        quarantines(world)


def test_only_allowed_accounts_are_acted_in() -> None:
    world = World()

    with pytest.raises(NotAllowedError):
        quarantine_by_hand(a_ref(account_id=OTHER_ACCOUNT), ASKS, world.responder)

    assert world.calls.names == ["quarantines.dossier"]


def test_an_instance_on_its_way_out_is_left_alone() -> None:
    world = a_world()
    world.quarantines.put(a_quarantine(State.RELEASING))

    with pytest.raises(ReleaseInProgressError):
        quarantines(world)


def test_a_cut_that_cannot_be_made_now_is_left_to_the_watcher() -> None:
    world = a_world()
    world.fails("ec2.set_groups", BUSY, times=ALWAYS)

    record = quarantines(world)

    assert record.state is State.CONTAINING
    assert not world.is_cut()


def test_a_step_that_cannot_be_done_now_is_left_to_the_watcher() -> None:
    world = a_world()
    world.fails("notices.publish", BUSY)

    record = quarantines(world)

    assert (record.state, record.is_unfinished) == (State.CONTAINED, True)
    assert world.is_cut()


def test_if_nothing_could_be_recorded_nothing_is_promised() -> None:
    world = a_world()
    world.fails("quarantines.open", BUSY)

    with pytest.raises(AwsBusyError):
        quarantines(world)

    assert "ec2.apply" not in world.calls.names


def test_a_refusal_of_aws_is_raised_and_told() -> None:
    world = a_world()
    world.fails("ec2.set_groups", AwsRefusedError("set the groups", "UnauthorizedOperation"))

    with pytest.raises(AwsRefusedError):
        quarantines(world)

    assert world.notices.outcomes == ["failed"]
    assert world.quarantine().state is State.CONTAINING


def test_a_refusal_before_anything_was_recorded_is_only_raised() -> None:
    world = a_world()
    world.fails("quarantines.open", AwsRefusedError("open", "AccessDenied"))

    with pytest.raises(AwsRefusedError):
        quarantines(world)

    assert world.notices.sent == []


def test_an_interface_of_an_aws_service_is_told_and_the_others_are_cut() -> None:
    world = World()
    theirs = an_interface("eni-9", groups=("sg-lb",), requester="amazon-elb")
    world.launch(an_instance(an_interface(), theirs))

    record = quarantines(world)

    assert record.state is State.CONTAINING
    assert world.ec2.groups_on(WEB) == {"eni-1": ("sg-deny-vpc-1",), "eni-9": ("sg-lb",)}
    assert "amazon-elb" in world.notices.sent[-1].text


def test_a_record_that_moves_is_looked_at_again() -> None:
    world = a_world()
    world.calls.before("quarantines.open", lambda: world.deliver(an_event()))

    record = quarantines(world)

    assert record.number == 1
    assert record.finding_id is not None
    assert world.timeline()[-1] == "asked_again"


def test_a_record_that_never_stops_moving_is_left_alone() -> None:
    world = a_world()
    world.quarantines.put(a_quarantine())
    world.calls.before(
        "quarantines.save", lambda: world.quarantines.put(world.quarantine().next()), times=99
    )

    with pytest.raises(RecordMovedError):
        quarantines(world)


@pytest.mark.parametrize(
    ("reason", "counts"), [("exercise: time to contain", True), ("seen in the logs", False)]
)
def test_an_exercise_is_remembered_as_the_last_one(reason: str, *, counts: bool) -> None:
    world = World()
    world.launch(an_instance())

    quarantine_by_hand(a_ref(), QuarantineRequest("arn:ada", reason), world.responder)

    assert (world.control.exercised == world.now) is counts
