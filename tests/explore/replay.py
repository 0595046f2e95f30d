"""Flows that can be stopped before any call and gone on with: each is replayed from its answers.

A flow is deterministic: which call it makes next depends on nothing but what its calls so far have
answered, and when. So what an actor has seen is a node of a tree, whose branches are answers; the
flow is run once for each node, up to the call that it makes there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from chalicelib.core.errors import AwsBusyError, AwsRefusedError, CordonError
from chalicelib.core.notices.about_channels import NO_CHANNELS
from chalicelib.core.policy.policy import Mode, Policy
from chalicelib.core.steps.network import Applied, Plan, SetGroups
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.ports.together import in_order
from tests.builders import ACCOUNT, REGION

Flow = Callable[[Responder], object]


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that an actor is about to make."""

    port: str
    method: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.port}.{self.method}"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call came back with, and what the clock said then."""

    value: object
    error: Exception | None
    at: datetime


@dataclass(slots=True)
class Ended:
    """How a flow ended: what it returned, or what it raised."""

    result: object = None
    error: BaseException | None = None


class _StopHereError(BaseException):
    """The answers are used up: the flow stands before its next call."""


class _Log:
    """The answers so far, handed out in their order; the call after them is the next one."""

    def __init__(self, begun: datetime, answers: Sequence[Answered]) -> None:
        self.now = begun
        self.next: Asked | None = None
        self._answers = iter(answers)

    def call(self, asked: Asked) -> Any:
        if self.next is not None:  # somebody cleans up while the flow is being left
            raise _StopHereError
        answered = next(self._answers, None)
        if answered is None:
            self.next = asked
            raise _StopHereError
        self.now = answered.at
        if answered.error is not None:
            answered.error.__dict__.pop("__notes__", None)
            raise answered.error.with_traceback(None)
        return answered.value


class _Port:
    """Whatever is asked of a port is asked of the log."""

    def __init__(self, name: str, log: _Log) -> None:
        self._name, self._log = name, log

    def __getattr__(self, method: str) -> Any:
        return lambda *args, **kwargs: self._log.call(Asked(self._name, method, args, kwargs))


class _Ec2(_Port):
    """EC2, where each interface is changed by a call of its own."""

    def apply(self, plan: Plan) -> tuple[Applied, ...]:
        applied: list[Applied] = []
        for steps in plan:
            for step in steps:
                applied.append(self._set(step))
                if applied[-1].error is not None and not step.is_optional:
                    break
        return tuple(applied)

    def _set(self, step: SetGroups) -> Applied:
        try:
            self._log.call(Asked("ec2", "set_groups", (step,)))
        except (AwsBusyError, AwsRefusedError) as error:
            return Applied(step, error=error)
        return Applied(step, "request-0")


class _Site:
    def __init__(self, log: _Log) -> None:
        self.instances = self.security_groups = self.attributes = _Ec2("ec2", log)
        self.snapshots = self.forensics = self.instances
        self.neighbourhood = _Port("neighbourhood", log)
        self.scans = _Port("scans", log)


def replay(  # noqa: PLR0913, PLR0917 - all that an actor's way depends on
    flow: Flow, name: str, begun: datetime, answers: Sequence[Answered], policy: Policy, mode: Mode
) -> Asked | Ended:
    """Run `flow` with the answers that it has had; return its next call, or how it ended."""
    log, workers, site = _Log(begun, answers), count(1), None
    site = _Site(log)
    ports: dict[str, Any] = {port: _Port(port, log) for port in _PORTS}
    detector = ports.pop("detector")
    to = Responder(
        **ports,
        sites=lambda _account, _region: site,
        detector=lambda _region: detector,
        channels=lambda: NO_CHANNELS,
        policy=policy,
        mode=mode,
        own_account=ACCOUNT,
        own_region=REGION,
        now=lambda: log.now,
        pause=lambda _seconds: None,
        together=in_order,
        name_worker=lambda: f"{name}-{next(workers)}",
    )
    try:
        ended = Ended(flow(to))
    except _StopHereError:
        ended = Ended()
    except CordonError as error:
        ended = Ended(error=error)
    return log.next or ended


_PORTS = (
    "quarantines",
    "held",
    "exemptions",
    "control",
    "detector",
    "dead_letters",
    "evidence",
    "threat_index",
    "notices",
    "audience",
)
