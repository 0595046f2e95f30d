from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.events.delivery import ManualDelivery, ThreadedDelivery


class Failing:
    """Raises the first `times` times that it is called."""

    def __init__(self, times: int) -> None:
        self.times, self.request_ids = times, []  # type: tuple[int, list[str]]

    def __call__(self, event: Any, context: Any) -> Any:
        self.request_ids.append(context.aws_request_id)
        if len(self.request_ids) <= self.times:
            raise ValueError("not yet")
        return event


def manual(**handlers: Any) -> tuple[ManualDelivery, list[Mapping[str, Any]]]:
    buried: list[Mapping[str, Any]] = []
    delivery = ManualDelivery(buried.append)
    delivery.handlers.update(handlers)
    return delivery, buried


def test_two_retries_may_still_succeed() -> None:
    handler = Failing(2)
    delivery, buried = manual(f=handler)
    delivery.submit("f", {"n": 1})

    last = delivery.deliver()

    assert last.result == {"n": 1}
    assert [each.error for each in delivery.attempts] == ["ValueError: not yet"] * 2 + [""]
    assert len(set(handler.request_ids)) == 1
    assert buried == []


def test_a_third_failure_becomes_the_record_of_lambda() -> None:
    delivery, buried = manual(f=Failing(3))
    delivery.submit("f", {"n": 1})

    last = delivery.deliver()

    [record] = buried
    assert record["requestContext"] == {
        "requestId": last.job.request_id,
        "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert record["requestPayload"] == {"n": 1}
    assert record["responsePayload"] == {"errorType": "ValueError", "errorMessage": "not yet"}


def test_an_exit_of_a_function_is_a_failure_of_that_function() -> None:
    def leave(_event: Any, _context: Any) -> None:
        raise SystemExit(3)

    delivery, buried = manual(f=leave)
    delivery.submit("f", {})

    delivery.deliver()

    assert buried[0]["responsePayload"]["errorType"] == "SystemExit"


def test_an_answer_that_json_cannot_hold_is_a_failure() -> None:
    delivery, buried = manual(f=lambda _event, _context: {1, 2})
    delivery.submit("f", {})

    delivery.deliver()

    assert buried[0]["responsePayload"]["errorType"] == "TypeError"


def test_an_event_for_no_function_becomes_a_dead_letter() -> None:
    delivery, buried = manual()
    delivery.submit("gone", {})

    delivery.deliver()

    assert "function:gone" in buried[0]["responsePayload"]["errorMessage"]


def test_a_function_cannot_change_the_event_of_its_retry() -> None:
    def spoil(event: dict[str, Any], _context: Any) -> None:
        event["n"] += 1
        raise ValueError(str(event["n"]))

    delivery, buried = manual(f=spoil)
    delivery.submit("f", {"n": 1})

    delivery.deliver()

    assert buried[0]["responsePayload"]["errorMessage"] == "2"


def test_a_test_duplicates_and_reorders_what_is_pending() -> None:
    taken: list[Any] = []
    delivery, _ = manual(f=lambda event, _context: taken.append(event))
    for number in range(3):
        delivery.submit("f", number)

    delivery.duplicate(1)
    delivery.reorder([3, 2, 0, 1])
    delivery.deliver_all()

    assert taken == [1, 2, 0, 1]


def test_only_a_permutation_is_an_order() -> None:
    delivery, _ = manual(f=Failing(0))
    delivery.submit("f", 1)

    with pytest.raises(ValueError, match="does not order 1 events"):
        delivery.reorder([0, 0])


def test_events_that_make_events_for_ever_are_stopped() -> None:
    delivery, _ = manual()
    delivery.handlers["f"] = lambda event, _context: delivery.submit("f", event)
    delivery.submit("f", 1)

    with pytest.raises(RuntimeError, match="after 10 deliveries"):
        delivery.deliver_all(most=10)


def test_threads_deliver_every_event_with_its_retries() -> None:
    buried: list[Mapping[str, Any]] = []
    delivery = ThreadedDelivery(buried.append, delays=(0.0, 0.0))
    delivery.handlers.update(good=Failing(0), bad=Failing(10**6))
    delivery.start()
    for number in range(50):
        delivery.submit("good" if number % 2 else "bad", number)

    drained = delivery.drain(10)
    delivery.stop()

    assert drained
    assert len(delivery.attempts) == 25 + 25 * 3
    assert sorted(each["requestPayload"] for each in buried) == list(range(0, 50, 2))


def test_stopping_drops_what_waits_and_leaves_no_thread() -> None:
    entered, leave = threading.Event(), threading.Event()

    def wait(_event: Any, _context: Any) -> None:
        entered.set()
        leave.wait(5)

    delivery = ThreadedDelivery(lambda _record: None)
    delivery.handlers["f"] = wait
    delivery.start(workers=1)
    delivery.submit("f", 1)
    delivery.submit("f", 2)
    entered.wait(5)

    threading.Timer(0.1, leave.set).start()
    delivery.stop()

    assert len(delivery.attempts) == 1
    assert not [each for each in threading.enumerate() if each.name == "delivery-0"]
