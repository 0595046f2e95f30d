"""Lambda's asynchronous invocations: retries, and the dead letters of what fails for good.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.events.invocation import (
    Attempt,
    Context,
    Handler,
    Job,
    attempt,
    destination_record,
)

DeadLetter = Callable[[Mapping[str, Any]], None]

RETRIES = 2

_LOG = logging.getLogger(__name__)


class Delivery(ABC):
    """Brings events to functions that run in this process.

    `handlers` holds them by name. `attempts` holds every asynchronous invocation, as it ended.
    """

    def __init__(self, dead_letter: DeadLetter) -> None:
        """Make a delivery; `dead_letter` takes the destination record of what fails for good."""
        self.handlers: dict[str, Handler] = {}
        self.attempts: list[Attempt] = []
        self._dead_letter = dead_letter

    def submit(self, function: str, event: Any) -> None:
        """Take `event`, which JSON can hold, for the function of that name."""
        self._accept(Job(function, json.loads(json.dumps(event))))

    def invoke(self, function: str, event: Any) -> Attempt:
        """Run the function once, as a synchronous invocation does.

        Raises:
            KeyError: there is no such function.
        """
        return attempt(self.handlers[function], Job(function, event))

    @abstractmethod
    def _accept(self, job: Job) -> None: ...

    @abstractmethod
    def _pause(self, retry: int) -> None: ...

    def _run(self, job: Job) -> Attempt:
        """Run a job until it succeeds or no retry is left, and return the last attempt."""
        for retry in range(RETRIES + 1):
            if retry:
                self._pause(retry)
            last = attempt(self.handlers.get(job.function, _missing), job)
            self.attempts.append(last)
            if not last.error:
                return last
            _LOG.warning("%s failed: %s", job.function, last.error)
        self._dead_letter(destination_record(last, RETRIES + 1))
        return last


def _missing(_event: Any, context: Context) -> None:
    raise LookupError(f"Function not found: {context.invoked_function_arn}")


class ThreadedDelivery(Delivery):
    """Delivers as events come, several at once."""

    def __init__(self, dead_letter: DeadLetter, *, delays: Sequence[float] = (0.2, 0.4)) -> None:
        """Make a delivery that waits `delays` seconds before its retries.

        AWS waits one minute and then two.
        """
        super().__init__(dead_letter)
        self._delays = delays
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._under_way = 0

    def start(self, workers: int = 4) -> None:
        """Let threads deliver what is submitted, until `stop`."""
        for number in range(workers):
            name = f"delivery-{number}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout: float = 5.0) -> None:
        """End the threads: each finishes what it is at, and what waits is dropped."""
        self._stopping.set()
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout)
        self._threads.clear()

    def drain(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is under way; return whether that came true within `timeout` s."""
        with self._changed:
            return self._changed.wait_for(lambda: self._under_way == 0, timeout)

    def _accept(self, job: Job) -> None:
        with self._changed:
            self._under_way += 1
        self._queue.put(job)

    def _pause(self, retry: int) -> None:
        self._stopping.wait(self._delays[min(retry, len(self._delays)) - 1])

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            try:
                if not self._stopping.is_set():
                    self._run(job)
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()


class ManualDelivery(Delivery):
    """Keeps events in `pending` until a test delivers them, in the order that it likes.

    Retries follow at once, without a pause.
    """

    def __init__(self, dead_letter: DeadLetter) -> None:
        super().__init__(dead_letter)
        self.pending: list[Job] = []

    def deliver(self, index: int = 0) -> Attempt:
        """Deliver what is pending at `index`, with Lambda's retries; return the last attempt.

        Raises:
            IndexError: nothing is pending there.
        """
        return self._run(self.pending.pop(index))

    def deliver_all(self, most: int = 1000) -> list[Attempt]:
        """Deliver in order until nothing is pending, also what comes up meanwhile.

        Raises:
            RuntimeError: there is still more after `most` deliveries.
        """
        made: list[Attempt] = []
        while self.pending:
            if len(made) == most:
                raise RuntimeError(f"events still come up after {most} deliveries")
            made.append(self.deliver())
        return made

    def duplicate(self, index: int = 0) -> None:
        """Let the event at `index` come a second time, last: delivery is at least once."""
        self.pending.append(self.pending[index])

    def reorder(self, order: Sequence[int]) -> None:
        """Put what is pending in another order, given as indices.

        Raises:
            ValueError: `order` is not a permutation of the indices.
        """
        if sorted(order) != list(range(len(self.pending))):
            raise ValueError(f"{order!r} does not order {len(self.pending)} events")
        self.pending = [self.pending[index] for index in order]

    def _accept(self, job: Job) -> None:
        self.pending.append(job)

    def _pause(self, retry: int) -> None:
        """Wait for nothing: a test has no minutes."""
