"""Lambda's asynchronous invocations: retries, and the dead letters of what fails for good.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Handler = Callable[[Any, Any], Any]
DeadLetter = Callable[[Mapping[str, Any]], None]

RETRIES = 2

_LOG = logging.getLogger(__name__)


class Context:
    """What Lambda hands a function beside the event, in the length that Cordon uses."""

    memory_limit_in_mb = 512
    function_version = "$LATEST"

    def __init__(self, name: str, timeout: float = 60.0) -> None:
        self.function_name = name
        self.aws_request_id = str(uuid.uuid4())
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = "sandbox"
        self._ends = time.monotonic() + timeout

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._ends - time.monotonic()) * 1000))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One invocation and how it ended: `result`, or `error` instead."""

    function: str
    event: Any
    result: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """An event on its way to a function."""

    function: str
    event: Any


@dataclass
class Delivery:
    """Brings events to functions that run in this process.

    Args:
        dead_letter: takes what failed for good, as Lambda's on-failure destination gets it.
        is_manual: keep events in `pending` until a test delivers them, in the order that it likes.
        delays: seconds before the first and the second retry; AWS waits a minute and two.
    """

    dead_letter: DeadLetter
    is_manual: bool = False
    delays: Sequence[float] = (0.2, 0.4)
    handlers: dict[str, Handler] = field(default_factory=dict)
    pending: list[Job] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    _queue: queue.SimpleQueue[Job | None] = field(default_factory=queue.SimpleQueue)
    _threads: list[threading.Thread] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _under_way: int = 0

    def start(self, workers: int = 4) -> None:
        """Let threads deliver what is submitted, until `stop`."""
        for _ in range(workers):
            thread = threading.Thread(target=self._work, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End the threads; each finishes what it is at."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=10)
        self._threads.clear()

    def submit(self, function: str, event: Any) -> None:
        """Take `event` for `function`; as JSON, so that nobody shares it."""
        job = Job(function, json.loads(json.dumps(event, default=str)))
        if self.is_manual:
            self.pending.append(job)
            return
        with self._changed:
            self._under_way += 1
        self._queue.put(job)

    def drain(self, timeout: float = 30.0) -> bool:
        """Wait until nothing is under way; return whether that came true in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._under_way == 0, timeout)

    def invoke(self, function: str, event: Any) -> Any:
        """Run `function` once, as a synchronous invocation; its error is the caller's."""
        result = self.handlers[function](event, Context(function))
        return json.loads(json.dumps(result, default=str))

    def deliver(self, job: Job) -> None:
        """Run a job, with Lambda's retries; what fails for good becomes a dead letter."""
        attempt = Attempt(job.function, job.event)
        for delay in (*self.delays[:RETRIES], None):
            attempt = self._try(job)
            self.attempts.append(attempt)
            if not attempt.error:
                return
            if delay is not None and not self.is_manual:
                time.sleep(delay)
        self.dead_letter(_destination_record(attempt))

    def _try(self, job: Job) -> Attempt:
        try:
            return Attempt(job.function, job.event, self.invoke(job.function, job.event))
        except Exception as error:  # noqa: BLE001 - Lambda's runtime reports whatever was raised
            _LOG.warning("%s failed: %s: %s", job.function, type(error).__name__, error)
            return Attempt(job.function, job.event, error=f"{type(error).__name__}: {error}")

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            try:
                self.deliver(job)
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()


def _destination_record(attempt: Attempt) -> dict[str, Any]:
    """Return what Lambda sends to an on-failure destination.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    error_type, _, message = attempt.error.partition(": ")
    return {
        "version": "1.0",
        "requestContext": {
            "functionArn": Context(attempt.function).invoked_function_arn,
            "condition": "RetriesExhausted",
            "approximateInvokeCount": RETRIES + 1,
        },
        "requestPayload": attempt.event,
        "responsePayload": {"errorType": error_type, "errorMessage": message},
    }
