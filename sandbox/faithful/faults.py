"""Things that go wrong between Cordon and AWS, on purpose.

Two seams. A call is what the program makes: it can crash before or after it. An attempt is what
goes over the wire: botocore's own retries meet its faults. A hook on botocore's `before-send` would
not do: moto applies the change whatever the hook answers.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from sandbox.faithful.mending import mend


class Crash(BaseException):
    """The process died here; nothing in the program may survive it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS call that the program made."""

    operation: str  # e.g. "ec2.DescribeInstances"
    started: float  # seconds, of time.monotonic
    ended: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to attempts of `operation`; "ec2.*" and "*" stand for many.

    `kind` is "error" (with `code` and `status`), "timeout_before" or "timeout_after" the effect.
    """

    operation: str
    kind: str = "error"
    code: str = "RequestLimitExceeded"
    status: int = 503
    first: int = 1  # the first attempt that it meets, from 1
    times: int = 10**9

    def meets(self, operation: str) -> bool:
        return self.operation in ("*", operation, f"{operation.split('.', maxsplit=1)[0]}.*")


@dataclass
class Faults:
    """A run with faults; afterwards, what was called.

    Args:
        wire: faults of attempts.
        crash_at: the call, from 1, at which the process dies.
        after: die after its effect instead of before.
        latency: seconds that every attempt takes longer.
    """

    wire: Sequence[Fault] = ()
    crash_at: int | None = None
    after: bool = False
    latency: float = 0.0
    calls: list[Call] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)
    _begun: int = 0
    _met: dict[int, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def on(self) -> Iterator[Faults]:
        """Let the faults happen inside the block."""
        make_call = vars(BaseClient)["_make_api_call"]
        attempt = BotocoreStubber.__call__

        def called(client: Any, operation: str, arguments: Any) -> Any:
            name = f"{client.meta.service_model.service_name}.{operation}"
            return self._call(name, lambda: make_call(client, operation, arguments))

        def attempted(stubber: Any, event_name: str, request: Any, **more: Any) -> Any:
            if not stubber.enabled:
                return attempt(stubber, event_name, request, **more)
            operation = event_name.split(".", 1)[1]
            return self._attempt(
                operation, request, lambda: attempt(stubber, event_name, request, **more)
            )

        mend(BaseClient, "_make_api_call", called)
        mend(BotocoreStubber, "__call__", attempted)
        try:
            yield self
        finally:
            mend(BaseClient, "_make_api_call", make_call)
            mend(BotocoreStubber, "__call__", attempt)

    def _call(self, name: str, make: Callable[[], Any]) -> Any:
        with self._lock:
            self._begun += 1
            dies = self._begun == self.crash_at
        if dies and not self.after:
            raise Crash(f"before {name}")
        started = time.monotonic()
        try:
            return make()
        finally:
            with self._lock:
                self.calls.append(Call(name, started, time.monotonic()))
            if dies:
                raise Crash(f"after {name}")

    def _attempt(self, operation: str, request: Any, send: Callable[[], Any]) -> Any:
        if self.latency:
            time.sleep(self.latency)
        fault = self._fault_for(operation)
        if fault is None:
            return send()
        if fault.kind == "timeout_before":
            raise ConnectTimeoutError(endpoint_url=request.url)
        if fault.kind == "timeout_after":
            send()
            raise ReadTimeoutError(endpoint_url=request.url)
        return _refusal(operation, request, fault)

    def _fault_for(self, operation: str) -> Fault | None:
        with self._lock:
            for nth, fault in enumerate(self.wire):
                if not fault.meets(operation):
                    continue
                met = self._met[nth] = self._met.get(nth, 0) + 1
                if fault.first <= met < fault.first + fault.times:
                    self.hits.append(operation)
                    return fault
        return None


def _refusal(operation: str, request: Any, fault: Fault) -> AWSResponse:
    """Return the answer of a service that refuses, in its own wire format."""
    code, service = fault.code, operation.split(".", maxsplit=1)[0]
    headers = HTTPHeaders()
    if request.headers.get("X-Amz-Target"):
        text = f'{{"__type":"{code}","message":"injected"}}'
        headers["content-type"] = "application/x-amz-json-1.0"
    elif service == "ec2":
        error = f"<Error><Code>{code}</Code><Message>injected</Message></Error>"
        text = f"<Response><Errors>{error}</Errors><RequestID>x</RequestID></Response>"
    elif service == "s3":
        text = f"<Error><Code>{code}</Code><Message>injected</Message></Error>"
    else:
        error = f"<Error><Code>{code}</Code><Message>injected</Message></Error>"
        text = f"<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>"
    return AWSResponse(request.url, fault.status, headers, MockRawResponse(text.encode()))


def sequential_round_trips(calls: Sequence[Call]) -> int:
    """Return how many of `calls` had to wait for one another: calls that overlap count once."""
    count, ended = 0, float("-inf")
    for call in sorted(calls, key=lambda each: each.ended):
        if call.started >= ended:
            count, ended = count + 1, call.ended
    return count
