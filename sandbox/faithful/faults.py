"""Things that go wrong between Cordon and AWS, on purpose.

Two seams. A call is what the program makes: it can crash before or after it, against moto in this
process or a server. An attempt is what goes over the wire to moto in this process: botocore's own
retries meet its faults. A hook on botocore's `before-send` would not do: moto applies the change
whatever the hook answers.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.model import ServiceModel
from moto.core.botocore_stubber import BotocoreStubber, MockRawResponse

from sandbox.faithful.lull import Lull
from sandbox.faithful.mending import mend
from sandbox.faithful.refusals import refusal

# The operation and the service of the call under way; an attempt does not know them by our names.
_CALLING: ContextVar[tuple[str, ServiceModel]] = ContextVar("_CALLING")

LULLS = (0.02, 0.2, 2.0)  # seconds, each for what seemed to wait with the one before

_Send = Callable[[], Any]  # to an AWSResponse; moto's own type says that it may be None


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

    `kind` is "error" (with `code` and `status`), "timeout_before" or "timeout_after" the effect, or
    "stale": the answer that the same question had before, if it had one in this run.
    """

    operation: str
    kind: Literal["error", "timeout_before", "timeout_after", "stale"] = "error"
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
        wire: faults of attempts; the first that fits is the one that happens.
        crash_at: the call, from 1, at which the process dies.
        after: die after its effect instead of before.
        lull: where not 0, no attempt is answered before all calls under way wait for their answers
            and none began for so many seconds; see `Lull`.
    """

    wire: Sequence[Fault] = ()
    crash_at: int | None = None
    after: bool = False
    lull: float = 0.0
    calls: list[Call] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)
    _begun: int = 0
    _met: dict[int, int] = field(default_factory=dict)
    _answers: dict[Any, AWSResponse] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _lull: Lull = field(init=False)

    def __post_init__(self) -> None:
        self._lull = Lull(self.lull)

    @contextlib.contextmanager
    def on(self) -> Iterator[Faults]:
        """Let the faults happen inside the block, in every thread."""
        make_call = vars(BaseClient)["_make_api_call"]
        attempt = BotocoreStubber.__call__

        def called(client: Any, operation: str, arguments: Any) -> Any:
            return self._call(
                client.meta.service_model,
                operation,
                lambda: make_call(client, operation, arguments),
            )

        def attempted(stubber: Any, event_name: str, request: Any, **more: Any) -> Any:
            if not stubber.enabled:
                return attempt(stubber, event_name, request, **more)
            return self._attempt(request, lambda: attempt(stubber, event_name, request, **more))

        mend(BaseClient, "_make_api_call", called)
        mend(BotocoreStubber, "__call__", attempted)
        try:
            yield self
        finally:
            mend(BaseClient, "_make_api_call", make_call)
            mend(BotocoreStubber, "__call__", attempt)

    def _call(self, service: ServiceModel, operation: str, make: Callable[[], Any]) -> Any:
        name = f"{service.service_name}.{operation}"
        with self._lock:
            self._begun += 1
            dies = self._begun == self.crash_at
        if dies and not self.after:
            raise Crash(f"before {name}")
        outer, started = _CALLING.set((name, service)), time.monotonic()
        try:
            with (
                self._lull.call() if outer.old_value is Token.MISSING else contextlib.nullcontext()
            ):
                return make()
        finally:
            _CALLING.reset(outer)
            with self._lock:
                self.calls.append(Call(name, started, time.monotonic()))
            if dies:
                raise Crash(f"after {name}")

    def _attempt(self, request: Any, send: _Send) -> AWSResponse:
        operation, service = _CALLING.get()
        if self.lull:
            self._lull.hold()
        match self._fault_for(operation):
            case None:
                return self._remembered(request, send)[1]
            case Fault(kind="stale"):
                earlier, now = self._remembered(request, send)
                return earlier or now
            case Fault(kind="timeout_before"):
                raise ConnectTimeoutError(endpoint_url=request.url)
            case Fault(kind="timeout_after"):
                send()
                raise ReadTimeoutError(endpoint_url=request.url)
            case fault:
                return refusal(service, request.url, fault.code, fault.status)

    def _remembered(self, request: Any, send: _Send) -> tuple[AWSResponse | None, AWSResponse]:
        """Send, and return what the same question was answered before, and now."""
        now, question = send(), (request.method, request.url, request.body)
        if not any(fault.kind == "stale" for fault in self.wire):
            return None, now
        with self._lock:
            earlier = self._answers.get(question)
            self._answers[question] = _copy(now)
        return earlier and _copy(earlier), _copy(now)

    def _fault_for(self, operation: str) -> Fault | None:
        with self._lock:
            self.attempts.append(operation)
            for nth, fault in enumerate(self.wire):
                if not fault.meets(operation):
                    continue
                met = self._met[nth] = self._met.get(nth, 0) + 1
                if fault.first <= met < fault.first + fault.times:
                    self.hits.append(operation)
                    return fault
        return None


def _copy(answer: AWSResponse) -> AWSResponse:
    """Return the answer again, with a body that can be read again."""
    headers = HTTPHeaders.from_dict(answer.headers)
    raw = MockRawResponse(answer.content)
    return AWSResponse(answer.url, answer.status_code, headers, raw)


def sequential_round_trips(calls: Sequence[Call]) -> int:
    """Return the length of the longest chain of `calls` that do not overlap in time.

    It is how many had to wait for one another: calls that were under way together count once.
    """
    count, ended = 0, float("-inf")
    for call in sorted(calls, key=lambda each: each.ended):
        if call.started >= ended:
            count, ended = count + 1, call.ended
    return count


def calls_of(work: Callable[[], object], most: int) -> Sequence[Call]:
    """Return the calls of `work`, whose answers take ever longer until at most `most` seem to wait.

    What waits for another call never overlaps it, however slow the machine is; what does not may
    only seem to, where a thread begins late. So the shortest chain that is seen is the true one.
    """
    for lull in LULLS:
        with Faults(lull=lull).on() as faults:
            work()
        if sequential_round_trips(faults.calls) <= most:
            break
    return faults.calls
