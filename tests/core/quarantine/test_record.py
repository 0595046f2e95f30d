from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.findings.severity import Band
from chalicelib.core.quarantine.lease import LEASE
from chalicelib.core.quarantine.record import (
    Line,
    Original,
    State,
    Step,
    StepName,
    StepStatus,
    opened,
    originals,
    with_new_interfaces,
)
from tests.builders import (
    FINDING,
    MINUTE,
    NOON,
    WEB,
    a_quarantine,
    a_ref,
    an_instance,
    an_interface,
)

OURS = frozenset({"sg-deny-vpc-1", "sg-drain-vpc-1"})
MOMENT = timedelta(microseconds=1)


def test_a_quarantine_is_opened_before_anything_is_touched() -> None:
    quarantine = opened(
        an_instance(),
        number=2,
        at=NOON,
        by="guardduty",
        reason="It talks to a server.",
        finding_id=FINDING,
        finding_type="Backdoor:EC2/C&CActivity.B",
        severity=Band.HIGH,
        ours=OURS,
        worker="worker",
    )

    assert quarantine.id == f"{WEB}-2"
    assert quarantine.ref == a_ref()
    assert (quarantine.state, quarantine.version) == (State.CONTAINING, 1)
    assert (quarantine.opened_at, quarantine.opened_by) == (NOON, "guardduty")
    assert quarantine.reason == "It talks to a server."
    assert (quarantine.finding_id, quarantine.finding_type) == (
        FINDING,
        "Backdoor:EC2/C&CActivity.B",
    )
    assert quarantine.originals == (Original("eni-1", "vpc-1", ("sg-web", "sg-ssh")),)
    assert quarantine.released_at is None
    assert quarantine.workers == {"worker": NOON + LEASE}


def test_a_person_may_open_a_quarantine_without_a_finding() -> None:
    quarantine = opened(
        an_instance(),
        number=1,
        at=NOON,
        by="arn:aws:sts::111122223333:assumed-role/responder/ana",
        reason="It looks odd.",
        finding_id=None,
        finding_type=None,
        severity=Band.HIGH,
        ours=OURS,
        worker="worker",
    )

    assert quarantine.opened_by.endswith("/ana")
    assert quarantine.finding_id is None
    assert quarantine.finding_type is None


def test_every_step_is_pending_at_first_in_the_order_in_which_it_is_done() -> None:
    quarantine = a_quarantine()

    assert [name.value for name in quarantine.steps] == [
        "cut",
        "drain",
        "protection",
        "fleet",
        "targets",
        "metadata",
        "credentials",
        "address",
        "announce",
        "snapshots",
        "evidence",
        "malware_scan",
        "stop",
        "repair",
    ]
    assert [name for name in StepName if not quarantine.is_due(name)] == [StepName.REPAIR]
    assert quarantine.is_unfinished


@pytest.mark.parametrize("status", [StepStatus.DONE, StepStatus.SKIPPED, StepStatus.FAILED])
def test_a_step_that_is_over_is_not_taken_up_again(status: StepStatus) -> None:
    quarantine = a_quarantine().after(StepName.CUT, status, "why")

    assert not quarantine.is_due(StepName.CUT)
    assert quarantine.steps[StepName.CUT] == Step(status, "why")
    assert quarantine.is_due(StepName.DRAIN)
    assert quarantine.is_unfinished


def test_a_quarantine_without_a_pending_step_is_finished() -> None:
    over = [StepStatus.DONE, StepStatus.SKIPPED, StepStatus.FAILED]
    steps = dict(zip(StepName, [*map(Step, over)] * 2, strict=False))

    assert not a_quarantine(steps=steps).is_unfinished


@pytest.mark.parametrize(
    ("state", "is_open"),
    [
        (State.CONTAINING, True),
        (State.CONTAINED, True),
        (State.RELEASING, True),
        (State.RELEASED, False),
    ],
)
def test_a_quarantine_is_open_until_it_is_released(state: State, is_open: object) -> None:
    assert a_quarantine(state).is_open is is_open


def test_every_change_is_the_next_version_and_leaves_the_last_as_it_was() -> None:
    first = a_quarantine()

    second = first.next(state=State.CONTAINED)
    third = second.after(StepName.CUT, StepStatus.DONE)
    fourth = third.joined("worker", NOON)

    assert [q.version for q in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert (first.state, second.state) == (State.CONTAINING, State.CONTAINED)
    assert second.is_due(StepName.CUT)
    assert third.workers == {}


@pytest.mark.parametrize(
    ("left", "at_work"), [(MINUTE, True), (MOMENT, True), (timedelta(0), False), (-MINUTE, False)]
)
def test_a_worker_is_at_work_until_its_time_is_over(left: timedelta, at_work: object) -> None:
    quarantine = a_quarantine(workers={"gone": NOON - MINUTE, "worker": NOON + left})

    assert quarantine.at_work(NOON) is at_work


def test_nobody_is_at_work_when_nobody_joined() -> None:
    assert not a_quarantine().at_work(NOON)


def test_a_worker_joins_the_others_and_leaves_them() -> None:
    both = a_quarantine(workers={"one": NOON + MINUTE}).joined("two", NOON)

    assert both.workers == {"one": NOON + MINUTE, "two": NOON + LEASE}
    assert both.without("one") == {"two": NOON + LEASE}
    assert both.without("nobody") == both.workers


def test_a_worker_that_joins_again_has_more_time() -> None:
    again = a_quarantine(workers={"one": NOON + MINUTE}).joined("one", NOON)

    assert again.workers == {"one": NOON + LEASE}


def test_workers_that_are_out_of_time_do_not_stay_on_record() -> None:
    quarantine = a_quarantine()
    for run in range(300):
        quarantine = quarantine.joined(f"worker-{run}", NOON + 5 * run * MINUTE)

    assert list(quarantine.workers) == ["worker-299"]


def test_the_original_groups_of_an_interface_are_found() -> None:
    quarantine = a_quarantine()

    assert quarantine.original("eni-1") == Original("eni-1", "vpc-1", ("sg-web", "sg-ssh"))
    assert quarantine.original("eni-2") is None


@pytest.mark.parametrize(
    "groups", [("sg-deny-vpc-1",), ("sg-drain-vpc-1",), ("sg-deny-vpc-1", "sg-drain-vpc-1"), ()]
)
def test_groups_of_ours_are_nobodys_original_ones(groups: tuple[str, ...]) -> None:
    (original,) = originals(an_instance(an_interface(groups=groups)), OURS)

    assert original == Original("eni-1", "vpc-1", ())


def test_an_interface_that_an_aws_service_keeps_is_remembered_too() -> None:
    instance = an_instance(an_interface(requester="amazon-elb"))

    assert originals(instance, OURS) == (Original("eni-1", "vpc-1", ("sg-web",)),)


def test_an_interface_attached_since_is_remembered_beside_the_others() -> None:
    first = a_quarantine()
    cut = an_interface("eni-1", groups=("sg-deny-vpc-1",))

    grown = with_new_interfaces(first, an_instance(cut, an_interface("eni-2")), OURS, NOON)

    assert grown.version == first.version + 1
    assert grown.originals == (*first.originals, Original("eni-2", "vpc-1", ("sg-web",), NOON))


def test_interfaces_that_came_and_went_do_not_stay_on_record() -> None:
    quarantine = a_quarantine()
    cut = an_interface("eni-1", groups=("sg-deny-vpc-1",))
    for number in range(300):
        instance = an_instance(cut, an_interface(f"eni-late-{number}"))
        quarantine = with_new_interfaces(quarantine, instance, OURS, NOON)

    assert [o.interface_id for o in quarantine.originals] == ["eni-1", "eni-late-299"]


def test_an_interface_from_before_is_remembered_also_when_it_is_gone() -> None:
    grown = with_new_interfaces(a_quarantine(), an_instance(an_interface("eni-2")), OURS, NOON)

    assert [o.interface_id for o in grown.originals] == ["eni-1", "eni-2"]


def test_without_a_new_interface_the_record_stays_as_it_is() -> None:
    first = a_quarantine()

    assert with_new_interfaces(first, an_instance(), OURS, NOON) is first
    assert with_new_interfaces(first, an_instance(interfaces=()), OURS, NOON) is first


def test_a_line_of_a_timeline_may_have_no_detail() -> None:
    assert Line(NOON, "cordon", "opened").detail == {}


def test_a_step_that_the_record_does_not_have_was_skipped() -> None:
    quarantine = a_quarantine(steps={StepName.CUT: Step(StepStatus.DONE)})

    assert quarantine.step(StepName.STOP).status is StepStatus.SKIPPED
    assert not quarantine.is_due(StepName.STOP)
    assert not quarantine.is_unfinished


@pytest.mark.parametrize("status", [StepStatus.PENDING, StepStatus.STARTED])
def test_a_step_that_was_begun_is_taken_up_like_one_that_was_not(status: StepStatus) -> None:
    quarantine = a_quarantine(State.CONTAINED, steps={StepName.STOP: Step(status)})

    assert quarantine.is_due(StepName.STOP)
    assert quarantine.is_unfinished
