from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.core.api.request import ExemptionRequest, QuarantineRequest
from chalicelib.core.errors import (
    AwsBusyError,
    FourEyesError,
    MalformedRequestError,
    NotAllowedError,
    UnknownInstanceError,
)
from chalicelib.core.quarantine.exemption import Exempt, Exemption, Wish
from chalicelib.flows.exemptions import (
    end_exemption,
    exempt,
    list_exemptions,
    list_wishes,
    remind,
)
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.watch import watch
from tests.builders import DATABASE, NOON, OTHER_ACCOUNT, a_policy, a_ref, an_event, an_instance
from tests.fakes import World

ADA, BOB = "arn:aws:iam::111122223333:user/ada", "arn:aws:iam::111122223333:user/bob"
DAY = timedelta(days=1)
WEEK = NOON + 7 * DAY
ASKS = ExemptionRequest(ADA, "forensics at work", WEEK)
ENDS = ExemptionRequest(ADA, "it is over", None)
ENTRY = Exemption("forensics at work", WEEK, ADA, NOON)


@pytest.fixture
def world() -> World:
    made = World()
    made.launch(an_instance())
    return made


@pytest.fixture
def careful(world: World) -> World:
    world.policy = a_policy(four_eyes=True)
    return world


def told(world: World) -> list[str]:
    return [each.outcome for each in world.notices.sent]


def at(world: World, moment: datetime) -> World:
    world.now = moment
    return world


def test_an_exempt_instance_is_held_and_its_notice_says_until_when_and_why(world: World) -> None:
    assert exempt(a_ref(), ASKS, world.responder) == ENTRY

    answer = world.deliver(an_event())

    assert answer.instances[0].reasons == ("exempt",)
    assert f"until 2026-03-08 12:00 UTC, by {ADA}: forensics at work" in world.notices.sent[-1].text


def test_it_is_told_and_listed_until_its_end(world: World) -> None:
    exempt(a_ref(), ASKS, world.responder)

    assert told(world) == ["exempted"]
    assert list_exemptions(world.responder) == (Exempt(a_ref(), ENTRY),)
    assert list_exemptions(at(world, WEEK).responder) == ()


def test_the_one_that_ends_next_is_listed_first(world: World) -> None:
    world.launch(an_instance(ref=a_ref(DATABASE)))
    exempt(a_ref(), ASKS, world.responder)
    exempt(a_ref(DATABASE), replace(ASKS, until=NOON + DAY), world.responder)

    assert [each.ref for each in list_exemptions(world.responder)] == [a_ref(DATABASE), a_ref()]


def test_after_its_end_the_instance_is_contained(world: World) -> None:
    exempt(a_ref(), ASKS, world.responder)

    assert at(world, WEEK).deliver(an_event()).outcome == "contained"


def test_a_person_ends_it_before(world: World) -> None:
    exempt(a_ref(), ASKS, world.responder)
    at(world, NOON + DAY)

    ended = end_exemption(a_ref(), ENDS, world.responder)

    assert ended == Exemption("it is over", NOON + DAY, ADA, NOON, told="ended")
    assert told(world) == ["exempted", "exemption_ended"]
    assert list_exemptions(world.responder) == ()
    assert world.deliver(an_event()).outcome == "contained"


@pytest.mark.parametrize("prepare", ["never", "over"])
def test_what_is_not_exempt_cannot_be_ended(world: World, prepare: str) -> None:
    if prepare == "over":
        exempt(a_ref(), ASKS, world.responder)
        at(world, WEEK)

    with pytest.raises(UnknownInstanceError, match="is not on the list of exemptions"):
        end_exemption(a_ref(), ENDS, world.responder)


@pytest.mark.parametrize(
    ("until", "said"),
    [(NOON, "a time to come"), (NOON + 31 * DAY, r"within 30 days \(\[holds\] exempt_days")],
)
def test_an_end_that_is_none_is_refused(world: World, until: datetime, said: str) -> None:
    with pytest.raises(MalformedRequestError, match=said):
        exempt(a_ref(), replace(ASKS, until=until), world.responder)

    assert told(world) == []


def test_the_longest_that_may_be_asked_for_is_the_policys(world: World) -> None:
    world.policy = a_policy(exempt_for=DAY)

    exempt(a_ref(), replace(ASKS, until=NOON + DAY), world.responder)
    with pytest.raises(MalformedRequestError, match="within 1 days"):
        exempt(a_ref(), ASKS, world.responder)


@pytest.mark.parametrize("gone", ["unknown", "terminated"])
def test_an_instance_that_is_none_cannot_be_exempt(world: World, gone: str) -> None:
    ref = a_ref(DATABASE)
    if gone == "terminated":
        ref = a_ref()
        world.ec2.change(ref.instance_id, state="terminated")

    with pytest.raises(UnknownInstanceError, match="is no instance of"):
        exempt(ref, ASKS, world.responder)


def test_an_instance_elsewhere_cannot_be_exempt_unless_its_account_is_allowed(world: World) -> None:
    with pytest.raises(NotAllowedError):
        exempt(a_ref(account_id=OTHER_ACCOUNT), ASKS, world.responder)


def test_with_four_eyes_one_person_only_asks(careful: World) -> None:
    asked = exempt(a_ref(), ASKS, careful.responder)

    assert asked == Wish(ADA, "forensics at work", WEEK, NOON)
    assert told(careful) == ["exemption_asked"]
    assert list_wishes(careful.responder) == ((a_ref(), asked),)
    assert list_exemptions(careful.responder) == ()
    assert careful.deliver(an_event()).outcome == "contained"


def test_another_person_confirms_it(careful: World) -> None:
    exempt(a_ref(), ASKS, careful.responder)

    settled = exempt(a_ref(), replace(ASKS, by=BOB, reason="yes"), careful.responder)

    assert settled == replace(ENTRY, confirmed_by=BOB)
    assert list_wishes(careful.responder) == ()
    assert f"confirmed by {BOB}" in careful.notices.sent[-1].text


def test_the_same_person_cannot_confirm(careful: World) -> None:
    exempt(a_ref(), ASKS, careful.responder)

    with pytest.raises(FourEyesError, match="another person"):
        exempt(a_ref(), ASKS, careful.responder)


def test_a_wish_that_nobody_confirmed_in_time_is_asked_for_again(careful: World) -> None:
    exempt(a_ref(), ASKS, careful.responder)
    at(careful, NOON + careful.policy.confirm_within + timedelta(seconds=1))

    assert list_wishes(careful.responder) == ()
    assert isinstance(exempt(a_ref(), replace(ASKS, by=BOB), careful.responder), Wish)


def test_with_four_eyes_it_also_takes_two_to_end_it(careful: World) -> None:
    for person in (ADA, BOB):
        exempt(a_ref(), replace(ASKS, by=person), careful.responder)

    assert isinstance(end_exemption(a_ref(), ENDS, careful.responder), Wish)
    assert list_exemptions(careful.responder) != ()
    assert "end the exemption" in careful.notices.sent[-1].subject

    end_exemption(a_ref(), replace(ENDS, by=BOB), careful.responder)
    assert list_exemptions(careful.responder) == ()


def test_it_is_told_before_it_counts(world: World) -> None:
    world.fails("notices.publish", AwsBusyError("doing", "Throttling"))

    with pytest.raises(AwsBusyError):
        exempt(a_ref(), ASKS, world.responder)

    assert list_exemptions(world.responder) == ()


def test_an_instance_that_was_ever_in_quarantine_has_it_in_its_timeline(world: World) -> None:
    world.deliver(an_event())

    exempt(a_ref(), ASKS, world.responder)
    end_exemption(a_ref(), ENDS, world.responder)

    assert world.timeline()[-2:] == ["exempted", "exemption_ended"]


def test_people_are_reminded_once_and_hear_once_that_it_is_over(world: World) -> None:
    exempt(a_ref(), ASKS, world.responder)

    for moment in (NOON, WEEK - DAY, WEEK - DAY / 2, WEEK, WEEK + DAY):
        remind(at(world, moment).responder)

    assert told(world) == ["exempted", "exemption_ends", "exemption_ended"]


def test_the_watcher_reminds(world: World) -> None:
    exempt(a_ref(), ASKS, world.responder)

    watch(at(world, WEEK - DAY / 2).responder)

    assert "exemption_ends" in told(world)


def test_a_watcher_that_cannot_read_the_list_does_everything_else(world: World) -> None:
    world.fails("exemptions.all", AwsBusyError("doing", "Throttling"))

    with pytest.raises(AwsBusyError):
        watch(world.responder)

    assert told(world)[-1] == "worries"
    assert "the list of exemptions cannot be read" in world.notices.sent[-1].text


def test_an_exemption_without_a_readable_end_holds_and_is_a_worry_every_day(world: World) -> None:
    world.quarantines.exemptions[a_ref().key] = Exemption("the bastion")

    for day in range(2):
        watch(at(world, NOON + day * DAY).responder)
        digest = [each for each in world.notices.sent if each.outcome == "worries"][-1]
        assert "has no end that can be read, and holds" in digest.text
    assert world.deliver(an_event()).outcome == "held"


def test_the_digest_names_who_is_exempt_until_when(world: World) -> None:
    exempt(a_ref(), ASKS, world.responder)

    watch(world.responder)

    assert f"{a_ref().key} until 2026-03-08 12:00 UTC" in world.notices.sent[-1].text


def test_a_quarantine_by_hand_goes_past_it_and_says_so(world: World) -> None:
    exempt(a_ref(), ASKS, world.responder)

    quarantine_by_hand(a_ref(), QuarantineRequest(BOB, "seen in the log"), world.responder)

    lines = world.quarantines.lines(world.quarantine())
    (said,) = (line.detail for line in lines if line.what == "was_exempt")
    assert "forensics at work" in said["exemption"]


def test_a_faulty_exemption_is_told_once_as_a_fault(world: World) -> None:
    world.quarantines.exemptions[a_ref().key] = Exemption("the bastion")

    for day in range(2):
        remind(at(world, NOON + day * DAY).responder)

    assert told(world) == ["exemption_faulty"]
    assert f"cordon unexempt {a_ref().instance_id}" in world.notices.sent[-1].text


def test_what_was_written_by_hand_is_listed_and_in_the_digest(world: World) -> None:
    world.exemptions.written[a_ref().key] = Exemption("the bastion")

    watch(world.responder)

    assert list_exemptions(world.responder) == (Exempt(a_ref(), Exemption("the bastion")),)
    assert "has no end that can be read, and holds" in world.notices.sent[-1].text


@pytest.mark.parametrize("request_", [ASKS, ENDS])
def test_what_was_written_by_hand_is_mended_like_any_other(
    world: World, request_: ExemptionRequest
) -> None:
    world.exemptions.written[a_ref().key] = Exemption("the bastion")

    change = exempt if request_ is ASKS else end_exemption
    change(a_ref(), request_, world.responder)

    assert world.exemptions.written[a_ref().key].until == (request_.until or NOON)
