"""One invocation of a function: what Lambda hands it, and what Lambda makes of how it ended."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from sandbox.guard import ACCOUNT, REGION

Handler = Callable[[Any, Any], Any]  # takes the event and the context

_TIMEOUT = 60.0  # seconds, as `.chalice/config.json` says


class Context:
    """What Lambda hands a function beside the event.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_version = "$LATEST"
    memory_limit_in_mb = "512"
    identity = None
    client_context = None

    def __init__(self, function: str, request_id: str) -> None:
        self.function_name = function
        self.aws_request_id = request_id
        self.invoked_function_arn = function_arn(function)
        self.log_group_name = f"/aws/lambda/{function}"
        self.log_stream_name = "sandbox"
        self._ends = time.monotonic() + _TIMEOUT

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the timeout; nothing is stopped when none is."""
        return max(0, int((self._ends - time.monotonic()) * 1000))


@dataclass(frozen=True, slots=True)
class Job:
    """An event on its way to a function; the request id is the same for every retry."""

    function: str
    event: Any
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One invocation and how it ended: `result`, or the type and message of an error."""

    job: Job
    result: Any = None
    error_type: str = ""
    error_message: str = ""

    @property
    def function(self) -> str:
        return self.job.function

    @property
    def event(self) -> Any:
        return self.job.event

    @property
    def error(self) -> str:
        """Return the error in one line; empty if there was none."""
        return f"{self.error_type}: {self.error_message}" if self.error_type else ""

    @property
    def payload(self) -> Any:
        """Return what the caller of a synchronous invocation gets."""
        if not self.error_type:
            return self.result
        return {"errorMessage": self.error_message, "errorType": self.error_type}


class _Caught:
    """Keeps what a function raises: to Lambda it is an answer, whatever it is."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> bool:
        self.error = error
        return isinstance(error, Exception | SystemExit)


def attempt(handler: Handler, job: Job) -> Attempt:
    """Run `handler` once; event and result pass as JSON, so that nothing is shared."""
    result = None
    with _Caught() as caught:
        event = json.loads(json.dumps(job.event))
        answer = handler(event, Context(job.function, job.request_id))
        result = json.loads(json.dumps(answer))
    if caught.error is None:
        return Attempt(job, result)
    return Attempt(job, None, type(caught.error).__name__, str(caught.error))


def destination_record(last: Attempt, count: int) -> dict[str, Any]:
    """Return what Lambda sends to an on-failure destination after `count` invocations.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    return {
        "version": "1.0",
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}",
        "requestContext": {
            "requestId": last.job.request_id,
            "functionArn": f"{function_arn(last.function)}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": count,
        },
        "requestPayload": last.event,
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": last.payload,
    }


def function_arn(function: str) -> str:
    """Return the ARN of a function of the sandbox."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
