from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.core.decision.decision import Hold
from chalicelib.core.decision.outcome import Answer, InstanceAnswer, Outcome
from chalicelib.core.policy.policy import Mode
from chalicelib.core.quarantine.dossier import Breaker
from chalicelib.core.quarantine.exemption import Exemption
from chalicelib.core.quarantine.record import State
from tests.builders import (
    DATABASE,
    MINUTE,
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
from tests.fakes import World

SPAM = "Backdoor:EC2/Spambot"


def only_observes(world: World) -> None:
    world.mode = Mode.OBSERVE


def kill_switch(world: World) -> None:
    world.quarantines.mode = Mode.OBSERVE


def on_the_central_list(world: World) -> None:
    world.quarantines.exemptions[a_ref().key] = Exemption("the bastion")


def exempt_by_policy(world: World) -> None:
    world.policy = a_policy(exempt_instances=frozenset({WEB}))


def node_of_a_cluster(world: World) -> None:
    world.launch(an_instance(tags={"aws:eks:cluster-name": "blue"}))


def managed_by_aws(world: World) -> None:
    world.launch(an_instance(operator="eks.amazonaws.com"))


def routes_for_others(world: World) -> None:
    world.launch(an_instance(an_interface(source_dest_check=False)))
    world.ec2.routes.add(WEB)


def released_just_now(world: World) -> None:
    world.quarantines.put(a_quarantine(State.RELEASED, released_at=NOON - MINUTE))


def breaker_is_open(world: World) -> None:
    world.quarantines.breakers[a_ref().account_id] = Breaker((NOON - MINUTE,) * 10)


HOLDS: list[tuple[Callable[[World], None], Hold]] = [
    (only_observes, Hold.OBSERVE_MODE),
    (kill_switch, Hold.OBSERVE_MODE),
    (on_the_central_list, Hold.EXEMPT),
    (exempt_by_policy, Hold.EXEMPT),
    (node_of_a_cluster, Hold.PROTECTED_CLASS),
    (managed_by_aws, Hold.PROTECTED_CLASS),
    (routes_for_others, Hold.PROTECTED_CLASS),
    (released_just_now, Hold.RELEASED_SINCE),
    (breaker_is_open, Hold.BREAKER_OPEN),
]


def held(*reasons: Hold) -> Answer:
    return Answer(Outcome.HELD, (InstanceAnswer(WEB, Outcome.HELD, reasons),))


@pytest.mark.parametrize(("because", "hold"), HOLDS)
def test_a_hold_leaves_the_instance_alone_and_is_told(
    because: Callable[[World], None], hold: Hold
) -> None:
    world = World()
    world.launch(an_instance())
    because(world)
    before = world.ec2.groups_on(WEB)

    answer = world.deliver(an_event())

    assert answer == held(hold)
    assert world.ec2.groups_on(WEB) == before
    assert world.notices.sent[0].facts["reasons"] == [hold]
    assert not {"quarantines.open", "ec2.prepare", "ec2.apply"} & set(world.calls.names)


def test_every_hold_is_named_at_once() -> None:
    world = World(mode=Mode.OBSERVE)
    world.launch(an_instance())
    on_the_central_list(world)
    breaker_is_open(world)

    answer = world.deliver(an_event())

    assert answer == held(Hold.OBSERVE_MODE, Hold.EXEMPT, Hold.BREAKER_OPEN)


def test_a_hold_is_told_once_however_often_the_finding_comes() -> None:
    world = World(mode=Mode.OBSERVE)
    world.launch(an_instance())

    for count in range(3):
        world.deliver(an_event(count=count + 1))

    assert world.notices.outcomes == ["held"]
    assert len(world.evidence.kept) == 3


def test_another_reason_to_hold_is_told_again() -> None:
    world = World(mode=Mode.OBSERVE)
    world.launch(an_instance())
    world.deliver(an_event())
    world.mode = Mode.ENFORCE
    on_the_central_list(world)

    world.deliver(an_event())

    assert [notice.facts["reasons"] for notice in world.notices.sent] == [
        ["observe_mode"],
        ["exempt"],
    ]


def test_a_finding_that_was_held_contains_once_nothing_holds_any_more() -> None:
    world = World(mode=Mode.OBSERVE)
    world.launch(an_instance())
    world.deliver(an_event())
    world.mode = Mode.ENFORCE

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.notices.outcomes == ["held", "contained"]


def test_the_kill_switch_overrides_a_deployment_that_observes() -> None:
    world = World(mode=Mode.OBSERVE)
    world.quarantines.mode = Mode.ENFORCE
    world.launch(an_instance())

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED


def test_in_an_account_that_is_not_allowed_ec2_is_not_even_asked() -> None:
    world = World()
    ref = a_ref(account_id=OTHER_ACCOUNT)
    world.launch(an_instance(ref=ref))

    answer = world.deliver(an_event(account_id=OTHER_ACCOUNT))

    assert answer == held(Hold.ACCOUNT_NOT_ALLOWED)
    assert not [name for name in world.calls.names if name.startswith("ec2.")]
    assert world.notices.outcomes == ["held"]


def test_an_account_that_the_policy_allows_is_acted_in() -> None:
    world = World(policy=a_policy(allowed_accounts=frozenset({OTHER_ACCOUNT})))
    ref = a_ref(account_id=OTHER_ACCOUNT)
    world.launch(an_instance(ref=ref))

    answer = world.deliver(an_event(account_id=OTHER_ACCOUNT))

    assert answer.outcome is Outcome.CONTAINED
    there = world.ec2_in(OTHER_ACCOUNT, ref.region).groups_on(WEB)
    assert there == {"eni-1": ("sg-deny-vpc-1",)}


def test_one_suspicion_waits_for_a_person() -> None:
    world = World()
    world.launch(an_instance())

    answer = world.deliver(an_event(type_=SPAM))

    assert answer == held(Hold.APPROVAL_REQUIRED)
    assert not world.is_cut()


def test_a_suspicion_of_another_kind_within_a_day_contains() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event(type_=SPAM))
    world.now = NOON + timedelta(hours=23)

    answer = world.deliver(an_event(type_="Recon:EC2/Portscan", finding_id="another"))

    assert answer.outcome is Outcome.CONTAINED
    assert world.notices.outcomes == ["held", "contained"]


def test_the_same_suspicion_again_still_waits() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event(type_=SPAM))

    answer = world.deliver(an_event(type_=SPAM, finding_id="another"))

    assert answer == held(Hold.APPROVAL_REQUIRED)


def test_the_breaker_opens_after_the_containments_that_the_policy_allows() -> None:
    world = World(policy=a_policy(max_containments=2))
    instances = [f"i-0000000000000000{n}" for n in range(3)]
    for instance_id in instances:
        mine = an_interface(f"eni-{instance_id}")
        world.launch(an_instance(mine, ref=a_ref(instance_id)))

    answers = [world.deliver(an_event(instance_id=each, finding_id=each)) for each in instances]

    assert [each.outcome for each in answers] == [
        Outcome.CONTAINED,
        Outcome.CONTAINED,
        Outcome.HELD,
    ]
    assert answers[2].instances[0].reasons == ("breaker_open",)
    assert not world.is_cut(instances[2])


def test_the_breaker_closes_when_its_window_is_over() -> None:
    world = World(policy=a_policy(max_containments=1))
    world.launch(an_instance(), an_instance(an_interface("eni-9"), ref=a_ref(DATABASE)))
    world.deliver(an_event())
    world.now = NOON + world.policy.breaker_window

    answer = world.deliver(an_event(instance_id=DATABASE, finding_id="another"))

    assert answer.outcome is Outcome.CONTAINED


def test_a_breaker_that_opens_while_the_instance_is_looked_at_holds_too() -> None:
    world = World()
    world.launch(an_instance())
    world.calls.before("quarantines.open", lambda: breaker_is_open(world))

    answer = world.deliver(an_event())

    assert answer == held(Hold.BREAKER_OPEN)
    assert world.notices.outcomes == ["held"]
    assert "ec2.apply" not in world.calls.names


def test_activity_after_the_release_contains_again_under_a_new_number() -> None:
    world = World()
    world.launch(an_instance())
    world.quarantines.put(a_quarantine(State.RELEASED, released_at=NOON - 10 * MINUTE))

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.quarantine().number == 2
    assert world.quarantine().id == f"{WEB}-2"


@pytest.mark.parametrize(
    "because", [because for because, hold in HOLDS if hold is not Hold.RELEASED_SINCE]
)
def test_what_was_begun_is_finished_whatever_holds_now(because: Callable[[World], None]) -> None:
    world = World()
    world.launch(an_instance())
    world.quarantines.put(a_quarantine())
    because(world)

    answer = world.deliver(an_event())

    assert answer.outcome is Outcome.CONTAINED
    assert world.is_cut()
