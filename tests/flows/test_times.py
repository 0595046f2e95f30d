"""Each case keeps when it came to its marks; the digest sums them up."""

from __future__ import annotations

import pytest

from chalicelib.core.api.request import QuarantineRequest
from chalicelib.core.errors import AwsBusyError
from chalicelib.core.quarantine.times import Times
from chalicelib.flows.quarantine_by_hand import quarantine_by_hand
from chalicelib.flows.watch import watch
from tests.builders import MINUTE, NOON, a_ref, an_event, an_instance
from tests.fakes import Crash, World


def times_of(world: World) -> Times:
    record = world.quarantines.last(a_ref().key)
    assert record is not None
    return record.times


def digest_of(world: World) -> dict[str, tuple[str, ...]]:
    watch(world.responder)
    (told,) = (notice for notice in world.notices.sent if notice.kind == "digest")
    return dict(told.sections)


def test_a_case_keeps_when_it_was_seen_sent_cut_and_read_back() -> None:
    world = World()
    world.launch(an_instance())

    world.deliver(an_event())

    assert times_of(world) == Times(NOON - 2 * MINUTE, NOON - MINUTE, NOON, NOON)


def test_what_a_person_orders_has_no_finding_to_count_from() -> None:
    world = World()
    world.launch(an_instance())

    quarantine_by_hand(a_ref(), QuarantineRequest("arn:ada", "seen"), world.responder)

    assert times_of(world) == Times(first_cut=NOON, read_back=NOON)


def test_one_that_somebody_else_finishes_keeps_what_was_known_before() -> None:
    world = World()
    world.launch(an_instance())
    world.fails("ec2.find", Crash(), skip=1, times=1)
    with pytest.raises(Crash):
        world.deliver(an_event())

    world.now += 5 * MINUTE
    watch(world.responder)

    assert times_of(world) == Times(NOON - 2 * MINUTE, NOON - MINUTE, None, NOON + 5 * MINUTE)


def test_the_digest_sums_up_the_last_ones() -> None:
    world = World()
    world.launch(an_instance())
    world.deliver(an_event())

    (finding, record) = digest_of(world)["Time to contain"]

    assert finding == "from the finding to the read-back: p50 60.0 s, p95 60.0 s, of the last 1"
    assert record.startswith("from the record to the read-back: p50 0.0 s")


def test_a_digest_without_the_times_is_sent_and_says_why() -> None:
    world = World()
    world.fails("quarantines.page", AwsBusyError("list", "Throttling"), skip=4)

    assert digest_of(world)["Time to contain"] == ("list: AWS answered Throttling",)
